/** What a project says about the rules: presets, severities, exceptions, things that live elsewhere, rules of its own. */
import { nearest } from '../compiler/nearest.ts';
import { ConfigError } from './config-error.ts';
import { newestMinor } from '../types/since.ts';
import { isSaidByKubernetes } from './other-tools.ts';
import { isPreset, presets } from './presets.ts';
import type { Preset } from './presets.ts';
import type { ExternalReference } from './resource-index.ts';
import type { LintedObject, LintRule, RuleOptions, Severity } from './rule.ts';
import { userRule } from './user-rule.ts';
import type { UserRule } from './user-rule.ts';
import { targetMinor, targetVersions } from './target-version.ts';

export type RuleSetting = Severity | 'off' | { readonly severity?: Severity | 'off'; readonly options?: RuleOptions };

export interface Override {
  /** Globs of files; without, all. The other conditions likewise, and all of them have to hold. */
  readonly files?: readonly string[];
  readonly kinds?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly names?: readonly string[];
  readonly rules: Readonly<Record<string, RuleSetting>>;
}

/** The default export of `kubewright.config.ts`. */
export interface LintConfig {
  /** The version that is deployed to, `1.33`. Default: the newest that is known. */
  readonly kubernetesVersion?: string;
  /** Later ones add to earlier ones. Default: `recommended`. */
  readonly extends?: Preset | readonly Preset[];
  /** By id, by the names of kube-linter and kube-score, or by category (`security/*`). */
  readonly rules?: Readonly<Record<string, RuleSetting>>;
  readonly overrides?: readonly Override[];
  /** Globs of files that are not looked at. */
  readonly ignore?: readonly string[];
  /** Objects that exist although no file declares them. */
  readonly externalRefs?: readonly ExternalReference[];
  /** Rules of the project's own, as functions, JSON Schema or CEL. */
  readonly customRules?: readonly UserRule[];
  /** A commit whose objects are taken to be those of the cluster: changes that its API server would refuse are told. */
  readonly base?: string;
  /** A file that `--update-baseline` has written: what it holds is not told again. */
  readonly baseline?: string;
}

export { ConfigError };

/** `*` stands for anything but a slash, `**` for anything. */
export function globPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll(/\*\*\/|\*\*|\*|\?/g, (sign) =>
      sign === '**/' ? '(?:.*/)?' : sign === '**' ? '.*' : sign === '*' ? '[^/]*' : '[^/]',
    );
  return new RegExp(`^(?:${source}|.*/${source})$`);
}

const severities: ReadonlySet<string> = new Set(['error', 'warning', 'info', 'off']);

function parts(setting: RuleSetting): { readonly severity?: Severity | 'off'; readonly options?: RuleOptions } {
  return typeof setting === 'string' ? { severity: setting } : setting;
}

interface CompiledOverride {
  applies(subject: LintedObject): boolean;
  readonly rules: ReadonlyMap<LintRule, RuleSetting>;
}

export interface Setting {
  readonly severity: Severity;
  readonly options: RuleOptions;
}

/** The rules of a project with everything that its configuration says about them. */
export class RuleSettings {
  readonly rules: readonly LintRule[];
  readonly #own: ReadonlySet<LintRule>;
  readonly #names = new Map<string, LintRule[]>();
  readonly #general = new Map<LintRule, { readonly severity: Severity | 'off'; readonly options: RuleOptions }>();
  readonly #overrides: readonly CompiledOverride[];
  readonly #ignored: readonly RegExp[];
  #textRules: readonly LintRule[] | undefined;
  readonly externalRefs: readonly ExternalReference[];
  /** Of the version of Kubernetes that is aimed at: 36 for 1.36. */
  readonly minor: number;

  /** @throws ConfigError for names of rules and presets that there are not */
  constructor(rules: readonly LintRule[], config: LintConfig = {}) {
    const own = (config.customRules ?? []).map((rule) => ownRule(rule, rules));
    this.#own = new Set(own);
    this.rules = [...rules, ...own];
    for (const rule of this.rules) {
      for (const name of namesOf(rule)) this.#names.set(name, [...(this.#names.get(name) ?? []), rule]);
    }
    this.minor = minorOf(config.kubernetesVersion);
    this.externalRefs = config.externalRefs ?? [];
    this.#ignored = (config.ignore ?? []).map(globPattern);
    const set = this.#resolve(config.rules ?? {});
    for (const rule of this.rules) {
      const { severity = this.#own.has(rule) ? rule.severity : basicSeverity(rule, config), options } = parts(
        set.get(rule) ?? {},
      );
      this.#general.set(rule, { severity, options: { ...rule.options, ...options } });
    }
    this.#overrides = (config.overrides ?? []).map((override) => this.#compile(override));
  }

  /** Rules that look at texts and may say something. */
  get textRules(): readonly LintRule[] {
    this.#textRules ??= this.active().filter(({ checkText }) => checkText !== undefined);
    return this.#textRules;
  }

  ignores(file: string): boolean {
    return this.#ignored.some((pattern) => pattern.test(file));
  }

  /** Rules that may say something about some object. */
  active(): readonly LintRule[] {
    return this.rules.filter((rule) => this.isActive(rule));
  }

  isActive(rule: LintRule): boolean {
    return this.#general.get(rule)?.severity !== 'off' || this.#overrides.some(({ rules }) => rules.has(rule));
  }

  /** How an active rule is set for every object; undefined where that depends on the object. */
  everywhere(rule: LintRule): Setting | undefined {
    if (this.#overrides.some(({ rules }) => rules.has(rule))) return undefined;
    const { severity, options } = this.#general.get(rule) ?? { severity: 'off', options: {} };
    return severity === 'off' ? undefined : { severity, options };
  }

  /** Undefined where the rule is off. */
  of(rule: LintRule, subject: LintedObject): Setting | undefined {
    let { severity, options } = this.#general.get(rule) ?? { severity: 'off', options: {} };
    for (const override of this.#overrides) {
      const setting = override.rules.get(rule);
      if (setting === undefined || !override.applies(subject)) continue;
      const own = parts(setting);
      severity = own.severity ?? severity;
      if (own.options) options = { ...options, ...own.options };
    }
    return severity === 'off' ? undefined : { severity, options };
  }

  /** The rules that a name means: an id, a name of another tool's, a category. */
  named(name: string): readonly LintRule[] {
    return this.#names.get(name) ?? [];
  }

  #resolve(settings: Readonly<Record<string, RuleSetting>>): ReadonlyMap<LintRule, RuleSetting> {
    const found = new Map<LintRule, RuleSetting>();
    for (const [name, setting] of Object.entries(settings)) {
      const rules = this.named(name);
      if (rules.length === 0) {
        if (isSaidByKubernetes(name)) {
          const text = `${name} is no rule: Kubernetes itself refuses or warns of it, and that is always told`;
          throw new ConfigError(`${text}; leave it out`);
        }
        const similar = nearest(name, this.#names.keys());
        throw new ConfigError(`there is no rule ${name}${similar === undefined ? '' : `; did you mean ${similar}?`}`);
      }
      const { severity } = parts(setting);
      if (severity !== undefined && !severities.has(severity))
        throw new ConfigError(`rule ${name}: ${severity} is no severity; use error, warning, info or off`);
      for (const rule of rules) found.set(rule, setting);
    }
    return found;
  }

  #compile({ files, kinds, namespaces, names, rules }: Override): CompiledOverride {
    const filePatterns = files?.map(globPattern);
    const namePatterns = names?.map(globPattern);
    return {
      rules: this.#resolve(rules),
      applies: ({ file, object, namespace }) =>
        (filePatterns?.some((pattern) => pattern.test(file)) ?? true) &&
        (kinds?.includes(object.kind) ?? true) &&
        (namespaces?.includes(namespace ?? '') ?? true) &&
        (namePatterns?.some((pattern) => pattern.test(object.metadata.name ?? '')) ?? true),
    };
  }
}

/** A rule of one's own; it holds unless it is turned off. */
function ownRule(rule: UserRule, others: readonly LintRule[]): LintRule {
  if (!others.some(({ id }) => id === rule.id)) return userRule(rule);
  throw new ConfigError(`there is a rule ${rule.id} already; take another id`);
}

function minorOf(version: string | undefined): number {
  if (version === undefined) return newestMinor;
  const minor = targetMinor(version);
  if (minor !== undefined) return minor;
  throw new ConfigError(`Kubernetes ${version} is not known; there are ${targetVersions.join(', ')}`);
}

function basicSeverity(rule: LintRule, config: LintConfig): Severity | 'off' {
  const names: readonly string[] = [config.extends ?? 'recommended'].flat();
  let severity: Severity | 'off' = 'off';
  for (const name of names) {
    if (!isPreset(name))
      throw new ConfigError(`there is no preset ${name}; there are ${Object.keys(presets).join(', ')}`);
    const worth = presets[name](rule);
    if (worth !== 'off') severity = worth;
  }
  return severity;
}

export function namesOf({ id, aliases = [] }: LintRule): readonly string[] {
  const [category = ''] = id.split('/');
  return [id, `${category}/*`, ...aliases, ...new Set(aliases.map((alias) => alias.slice(alias.indexOf(':') + 1)))];
}
