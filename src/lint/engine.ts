/** Runs rules over objects. A rule that throws costs itself only. */
import type { KindDefinition } from '../types/define-kind.ts';
import type { RuleSettings } from './config.ts';
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

export class Engine {
  readonly #active: readonly LintRule[];
  readonly #byKind = new Map<KindDefinition | undefined, { readonly own: LintRule[]; readonly around: LintRule[] }>();

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

  #rulesFor(kind: KindDefinition | undefined): { readonly own: LintRule[]; readonly around: LintRule[] } {
    let rules = this.#byKind.get(kind);
    if (!rules) {
      const applicable = this.#active.filter((rule) => applies(rule, kind));
      rules = {
        own: applicable.filter(({ looksAround }) => looksAround !== true),
        around: applicable.filter(({ looksAround }) => looksAround === true),
      };
      this.#byKind.set(kind, rules);
    }
    return rules;
  }

  #run(rules: readonly LintRule[], subject: LintedObject, around: Surroundings): readonly RuleResult[] {
    const results: RuleResult[] = [];
    for (const rule of rules) {
      const setting = this.settings.of(rule, subject);
      if (!setting) continue;
      const layer = layerOf(rule.id);
      try {
        for (const finding of rule.check?.(subject, around, setting.options, this.settings.minor) ?? []) {
          results.push({ rule: rule.id, layer, severity: milder(setting.severity, finding.atMost), finding });
        }
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        const finding = { path: [], message: `the rule ${rule.id} failed on this object: ${text}` };
        results.push({ rule: 'rule-failed', layer: 'lint', severity: 'info', finding });
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
