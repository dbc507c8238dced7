/** Rules of a project's own: TypeScript functions, JSON Schema or CEL, for kinds or traits, bounded in time. */
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import { isRecord } from '../shared/deep.ts';
import type { JsonObject } from '../shared/deep.ts';
import { CelError, compile } from '../types/cel/expression.ts';
import { celValue } from '../types/cel/values.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { FieldPath, PathSegment } from '../types/field-issue.ts';
import { ConfigError } from './config-error.ts';
import type { LintedObject, LintRule, RuleFinding, RuleId, RuleOptions, Severity } from './rule.ts';
import type { Surroundings, TextFinding } from './rule.ts';
import { containersOf, hasPods, hasReplicas } from './selectors.ts';
import { TimeExceeded, withinTime } from './time-limit.ts';

/** What a rule looks at, whatever the kinds are that have it. */
const traits = {
  /** Pods and what makes them. */
  pods: hasPods,
  /** What makes a number of pods that can be set. */
  replicas: hasReplicas,
  namespaced: (kind: KindDefinition | undefined) => kind?.scope === 'Namespaced',
  'cluster-scoped': (kind: KindDefinition | undefined) => kind?.scope === 'Cluster',
} satisfies Readonly<Record<string, (kind: KindDefinition | undefined) => boolean>>;

export type Trait = keyof typeof traits;
export const traitNames: readonly string[] = Object.keys(traits);

/** `spec.containers[0].image` as text, or as steps. */
export interface UserFinding extends Omit<RuleFinding, 'path'> {
  readonly path: FieldPath | string;
}

export interface CelRule {
  /** True where all is well. It knows `self` (what `at` says), `object`, and for pods and containers `pod`, the spec. */
  readonly expression: string;
  /** Gives the text of the message instead of the rule's `message`. */
  readonly messageExpression?: string;
}

/** What rules of one's own may say as ours do, too. */
type Shared = 'aliases' | 'appliesTo' | 'bad' | 'certain' | 'checkText' | 'good' | 'podSecurity' | 'recommended';

/** A rule as it is written in `kubewright.config.ts`. Of `check`, `checkText`, `schema` and `cel` it has exactly one. */
export interface UserRule extends Partial<Pick<LintRule, Shared>> {
  /** `custom/team-label`: a category, a slash and a name that no other rule has. */
  readonly id: RuleId;
  /** Default: `warning`. */
  readonly severity?: Severity;
  readonly summary?: string;
  readonly why?: string;
  /** Kinds that it is for; without, all that have the trait. */
  readonly kinds?: readonly string[];
  readonly trait?: Trait;
  readonly options?: RuleOptions;
  /** Whether `check` asks for its surroundings. */
  readonly looksAround?: boolean;
  check?(subject: LintedObject, around: Surroundings, options: RuleOptions, minor: number): Iterable<UserFinding>;
  /** JSON Schema (draft 7) of what `at` says. */
  readonly schema?: JsonObject;
  readonly cel?: string | CelRule;
  /** What a schema or an expression is about. Default: the whole object. */
  readonly at?: 'object' | 'pod' | 'container';
  /** Where a finding of an expression stands, below what `at` says: `metadata.labels`. */
  readonly path?: string;
  /** What to say instead of the schema's own complaint or of the expression. */
  readonly message?: string;
}

/** One call of a rule for one object. */
const ruleTime = 2_000;

/** What a schema or an expression is about, with its place. */
interface Part {
  readonly value: unknown;
  readonly path: FieldPath;
}

function partsOf(subject: LintedObject, at: UserRule['at']): readonly Part[] {
  const { object, pod } = subject;
  if (at === 'pod') return pod ? [{ value: pod.spec, path: pod.path }] : [];
  if (at === 'container') return containersOf(subject).map((view) => ({ value: view.container, path: view.at() }));
  return [{ value: object, path: [] }];
}

/** `spec.containers[0].image` and `metadata.labels[app]` as steps. */
export function pathOfText(text: string): FieldPath {
  const steps: PathSegment[] = [];
  for (const [, name, index, key] of text.matchAll(/([^.[\]]+)|\[(\d+)\]|\[([^\]]*)\]/g)) {
    steps.push(index === undefined ? (name ?? { key: key ?? '' }) : Number(index));
  }
  return steps;
}

function pathOfPointer(pointer: string, root: unknown): FieldPath {
  const path: PathSegment[] = [];
  let value = root;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  }
  return path;
}

function findingOfError(error: ErrorObject, { value, path }: Part, message: string | undefined): RuleFinding {
  const at = [...path, ...pathOfPointer(error.instancePath, value)];
  const extra: unknown = error.params['additionalProperty'];
  return {
    path: typeof extra === 'string' ? [...at, extra] : at,
    message: message ?? error.message ?? 'is not allowed by the schema of the rule',
    ...(typeof extra === 'string' ? { part: 'key' } : {}),
  };
}

type Check = NonNullable<LintRule['check']>;

function schemaCheck({ id, at, message }: UserRule, schema: JsonObject): Check {
  try {
    const validate = new Ajv({ allErrors: true, strict: false, logger: false }).compile(schema);
    return function* check(subject) {
      for (const part of partsOf(subject, at)) {
        if (validate(part.value)) continue;
        for (const error of validate.errors ?? []) yield findingOfError(error, part, message);
      }
    };
  } catch (error) {
    throw new ConfigError(`the schema of the rule ${id}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function celCheck({ id, at, path, message }: UserRule, cel: string | CelRule): Check {
  const { expression, messageExpression } = typeof cel === 'string' ? { expression: cel } : cel;
  const names = at === undefined || at === 'object' ? ['self', 'object'] : ['self', 'object', 'pod'];
  const compiled = (text: string): ReturnType<typeof compile> => {
    try {
      return compile(text, names);
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      throw new ConfigError(`the expression of the rule ${id}: ${error.message}`);
    }
  };
  const rule = compiled(expression);
  const said = messageExpression === undefined ? undefined : compiled(messageExpression);
  const below = path === undefined ? [] : pathOfText(path);
  return function* check(subject) {
    const whole = celValue(subject.object);
    const pod = celValue(subject.pod?.spec ?? null);
    for (const part of partsOf(subject, at)) {
      const values = { self: celValue(part.value), object: whole, pod };
      const answer = rule.evaluate(values);
      if (answer === true) continue;
      if (answer !== false) throw new Error('its expression does not say true or false');
      const text = said?.evaluate(values);
      yield {
        path: [...part.path, ...below],
        message: typeof text === 'string' ? text : (message ?? `not so: ${expression}`),
      };
    }
  };
}

function isPath(value: unknown): value is FieldPath {
  const isStep = (step: unknown): boolean =>
    typeof step === 'string' || typeof step === 'number' || (isRecord(step) && typeof step['key'] === 'string');
  return Array.isArray(value) && value.every(isStep);
}

/** @throws Error for what is no finding, so that the author hears of it */
function sound(finding: UserFinding): RuleFinding {
  const given: unknown = finding;
  const { path, message }: Record<string, unknown> = isRecord(given) ? given : {};
  if (typeof message !== 'string' || !(typeof path === 'string' || isPath(path)))
    throw new Error('what it finds has to have a path and a message');
  return { ...finding, path: typeof path === 'string' ? pathOfText(path) : path };
}

/** Whatever the author's code does, it ends. What has hung once is not asked again: a thousand objects would take hours. */
function limited(check: (...of: Parameters<Check>) => Iterable<UserFinding>): Check {
  let hung = false;
  return (...of) => {
    const found: RuleFinding[] = [];
    if (hung) return found;
    try {
      withinTime(ruleTime, () => {
        for (const finding of check(...of)) found.push(sound(finding));
      });
    } catch (error) {
      hung = error instanceof TimeExceeded;
      throw error;
    }
    return found;
  };
}

function textFindings(rule: UserRule, text: string, options: RuleOptions): readonly TextFinding[] {
  const found: TextFinding[] = [];
  withinTime(ruleTime, () => {
    for (const finding of rule.checkText?.(text, options) ?? []) found.push(finding);
  });
  return found;
}

function checkOf(rule: UserRule): Check | undefined {
  const { id, check, checkText, schema, cel } = rule;
  const ways = [check, checkText, schema, cel].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new ConfigError(`the rule ${id} needs exactly one of check, checkText, schema and cel`);
  if (checkText) return undefined;
  if (schema) return schemaCheck(rule, schema);
  if (cel !== undefined) return celCheck(rule, cel);
  return limited((...of) => rule.check?.(...of) ?? []);
}

/**
 * The rule in the form of all rules.
 *
 * @throws ConfigError for a schema or an expression that cannot be read
 */
export function userRule(rule: UserRule): LintRule {
  const { id, severity = 'warning', summary = '', why = '', kinds, trait, options, looksAround, aliases } = rule;
  const check = checkOf(rule);
  return {
    id,
    severity,
    recommended: true,
    summary,
    why,
    bad: rule.bad ?? '',
    good: rule.good ?? '',
    ...(options ? { options } : {}),
    ...(aliases ? { aliases } : {}),
    ...(looksAround === true ? { looksAround } : {}),
    appliesTo: (kind) => (trait === undefined || traits[trait](kind)) && (rule.appliesTo?.(kind) ?? true),
    ...(check
      ? { check: (subject, ...rest) => (kinds?.includes(subject.object.kind) === false ? [] : check(subject, ...rest)) }
      : {}),
    ...(rule.checkText ? { checkText: (text, given) => textFindings(rule, text, given) } : {}),
  };
}
