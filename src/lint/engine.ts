/** Runs rules over objects. A rule that throws costs itself only. */
import type { KindDefinition } from '../types/define-kind.ts';
import type { RuleSettings, Setting } from './config.ts';
import type { LintedObject, LintRule, RuleFinding, Severity, Surroundings } from './rule.ts';
import { layerOf } from './rule.ts';
import type { Layer } from './rule.ts';

export interface RuleResult {
  readonly rule: string;
  readonly layer: Layer;
  readonly severity: Severity;
  readonly finding: RuleFinding;
}

const ranks: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };

function milder(severity: Severity, limit: Severity | undefined): Severity {
  return limit !== undefined && ranks[limit] < ranks[severity] ? limit : severity;
}

const alone: Surroundings = {
  files: 0,
  neighbours: () => [],
  everywhere: () => [],
  named: () => [],
  locate: () => ({ answer: 'elsewhere' }),
  podsSelectedBy: () => [],
  selecting: () => [],
};

/** A rule as it is set where nothing depends on the object. */
interface Applied {
  readonly rule: LintRule;
  readonly layer: Layer;
  /** Undefined where it depends on the object. */
  readonly setting: Setting | undefined;
}

interface AppliedRules {
  readonly own: readonly Applied[];
  readonly around: readonly Applied[];
}

/** Of one object. Nobody reads more, and to place hundreds of thousands takes minutes. */
export const mostFindings = 200;

const notShown: RuleResult = {
  rule: 'too-many-findings',
  layer: 'lint',
  severity: 'warning',
  finding: {
    path: [],
    message: `rules find more than ${mostFindings} things in this object; the others are not shown`,
  },
};

export class Engine {
  readonly #active: readonly LintRule[];
  readonly #byKind = new Map<KindDefinition | undefined, AppliedRules>();

  constructor(readonly settings: RuleSettings) {
    this.#active = settings.active().filter(({ check }) => check !== undefined);
  }

  /** What is wrong with an object whatever else there is. */
  own(subject: LintedObject): readonly RuleResult[] {
    return this.#run(this.#rulesFor(subject.kind).own, subject, alone);
  }

  /** What is wrong with it among the others. */
  among(subject: LintedObject, around: Surroundings): readonly RuleResult[] {
    return this.#run(this.#rulesFor(subject.kind).around, subject, around);
  }

  #rulesFor(kind: KindDefinition | undefined): AppliedRules {
    let rules = this.#byKind.get(kind);
    if (!rules) {
      const applicable = this.#active
        .filter((rule) => applies(rule, kind))
        .map((rule) => ({ rule, layer: layerOf(rule.id), setting: this.settings.everywhere(rule) }));
      rules = {
        own: applicable.filter(({ rule }) => rule.looksAround !== true),
        around: applicable.filter(({ rule }) => rule.looksAround === true),
      };
      this.#byKind.set(kind, rules);
    }
    return rules;
  }

  #run(rules: readonly Applied[], subject: LintedObject, around: Surroundings): readonly RuleResult[] {
    const results: RuleResult[] = [];
    for (const { rule, layer, setting: general } of rules) {
      const setting = general ?? this.settings.of(rule, subject);
      if (!setting) continue;
      try {
        for (const finding of rule.check?.(subject, around, setting.options, this.settings.minor) ?? []) {
          results.push({ rule: rule.id, layer, severity: milder(setting.severity, finding.atMost), finding });
          if (results.length >= mostFindings) return [...results, notShown];
        }
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        const finding = { path: [], message: `the rule ${rule.id} failed on this object: ${text}` };
        results.push({ rule: 'rule-failed', layer: 'lint', severity: 'warning', finding });
      }
    }
    return results;
  }
}

function applies(rule: LintRule, kind: KindDefinition | undefined): boolean {
  try {
    return rule.appliesTo?.(kind) ?? true;
  } catch {
    // Its check will say what is wrong with it, on an object that shows where.
    return true;
  }
}
