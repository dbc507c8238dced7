/** Parameters that differ from environment to environment, typed, chosen by `--env` and changed by `--set`. */
import { isRecord } from '../shared/deep.ts';
import { CallPlace } from './call-place.ts';

export type Parameter =
  string | number | boolean | null | readonly Parameter[] | { readonly [name: string]: Parameter };
type Parameters = Readonly<Record<string, Parameter>>;
type Choices = Readonly<Record<string, readonly Parameter[]>>;

/** What `kubewright` hands to a program. */
export interface ProgramEnvironment {
  readonly name: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}

/** `5` says no more than `number` to those who read the parameters. */
type Wide<P> = P extends string
  ? string
  : P extends number
    ? number
    : P extends boolean
      ? boolean
      : P extends readonly (infer Item)[]
        ? readonly Wide<Item>[]
        : P extends object
          ? { readonly [K in keyof P]: Wide<P[K]> }
          : P;
type Widened<P, C> = {
  readonly [K in keyof P]: K extends keyof C ? (C[K] extends readonly (infer Choice)[] ? Choice : never) : Wide<P[K]>;
};

export type EnvironmentProgram<P, Name extends string, T, C = Record<never, never>> = (
  parameters: Widened<P, C>,
  environment: Name,
) => T;

function isFields(value: Parameter | undefined): value is Parameters {
  return isRecord(value);
}

const words = { string: 'a text', number: 'a number', boolean: 'true or false', list: 'a list', object: 'an object' };
function sortOf(value: unknown): keyof typeof words | undefined {
  if (Array.isArray(value)) return 'list';
  if (isRecord(value)) return 'object';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : undefined;
}

/** Lists and objects are given as JSON; what the model holds says what may be in them. */
function fits(value: unknown, model: Parameter): boolean {
  const sort = sortOf(model);
  if (sort !== undefined && sortOf(value) !== sort) return false;
  if (!Array.isArray(value) || !Array.isArray(model) || model.length === 0) return true;
  return value.every((item: unknown) => model.some((one: Parameter) => sortOf(one) === sortOf(item)));
}

function isParameter(value: unknown, model: Parameter): value is Parameter {
  return fits(value, model);
}

function parsed(key: string, text: string, model: Parameter): Parameter {
  if (typeof model === 'string') return text;
  const sort = sortOf(model);
  let value: unknown = text;
  try {
    // Number reads more than JSON does: 1e3, 0x10.
    value = sort === 'number' && text.trim() !== '' ? Number(text) : JSON.parse(text);
  } catch (error) {
    // A null may stand for a text; everything else has to be what it is.
    if (sort !== undefined) throw mismatch(key, text, sort, error);
  }
  if (!isParameter(value, model) || (typeof value === 'number' && !Number.isFinite(value)))
    throw mismatch(key, text, sort ?? 'string');
  return value;
}

function mismatch(key: string, text: string, sort: keyof typeof words, cause?: unknown): Error {
  const form = sort === 'list' ? ' as JSON, such as ["a","b"]' : sort === 'object' ? ' as JSON' : '';
  return new Error(`--set ${key}: takes ${words[sort]}${form}, not ${JSON.stringify(text)}`, { cause });
}

/** `a.b` is the parameter b in the object a, unless there is one that is called so. */
function withValue(parameters: Parameters, key: string, path: readonly string[], text: string): Parameters {
  const whole = path.join('.');
  const [first = '', ...rest] = Object.hasOwn(parameters, whole) ? [whole] : path;
  const model = Object.hasOwn(parameters, first) ? parameters[first] : undefined;
  if (rest.length > 0 && isFields(model)) return { ...parameters, [first]: withValue(model, key, rest, text) };
  if (model === undefined || rest.length > 0) {
    const known = Object.keys(parameters).join(', ') || 'none';
    throw new Error(`--set ${key}: there is no such parameter; declared are: ${known}`);
  }
  return { ...parameters, [first]: parsed(key, text, model) };
}

function changed(parameters: Parameters, values: Readonly<Record<string, string>>): Parameters {
  return Object.entries(values).reduce(
    (before, [key, text]) => withValue(before, key, key.split('.'), text),
    parameters,
  );
}

function requireChoices(parameters: Parameters, choices: Choices): void {
  for (const [name, allowed] of Object.entries(choices)) {
    const value = parameters[name];
    if (value !== undefined && !allowed.includes(value))
      throw new Error(
        `the parameter ${name} is ${JSON.stringify(value)}; it may be ${allowed.map((one) => JSON.stringify(one)).join(' or ')}`,
      );
  }
}

export interface EnvironmentsOptions<Name extends string = string, C = Choices> {
  /** The environment of a program that is run without `--env`. */
  readonly default?: Name | undefined;
  /** Parameters that may only have some values, which are then also their type: `{ size: ['small', 'large'] }`. */
  readonly choices?: C | undefined;
}

/**
 * Declares environments, each with the same parameters: texts, numbers, booleans, and lists and objects of them. The result
 * wraps a program:
 *
 * ```ts
 * const environment = defineEnvironments({ dev: { replicas: 1 }, prod: { replicas: 5 } }, { default: 'dev' });
 * export default environment(({ replicas }) => [web(replicas)]);
 * ```
 *
 * `--set replicas=3` changes a parameter, `--set limits.cpu=2` a part of one, `--set 'hosts=["a","b"]'` a list.
 *
 * @throws Error, when the program runs, for an environment or a parameter that is not declared
 */
export function defineEnvironments<
  const Environments extends Readonly<Record<string, Readonly<Record<string, Parameter>>>>,
  const C extends Choices = Record<never, never>,
>(
  environments: Environments & SameParameters<Environments>,
  options?: EnvironmentsOptions<keyof Environments & string, C>,
): <T>(
  program: EnvironmentProgram<Environments[keyof Environments], keyof Environments & string, T, C>,
) => (environment: ProgramEnvironment) => T;
export function defineEnvironments(
  environments: Readonly<Record<string, Parameters>>,
  options: EnvironmentsOptions = {},
): <T>(program: (parameters: Parameters, environment: string) => T) => (environment: ProgramEnvironment) => T {
  const names = Object.keys(environments);
  const chosen = (name: string, values: Readonly<Record<string, string>>): Parameters => {
    const own = Object.hasOwn(environments, name) ? environments[name] : undefined;
    if (!own) throw new Error(`there is no environment ${JSON.stringify(name)}; declared are: ${names.join(', ')}`);
    const parameters = changed(own, values);
    requireChoices(parameters, options.choices ?? {});
    return parameters;
  };
  const place = new CallPlace(defineEnvironments);
  return (program) =>
    ({ name = options.default, values }) => {
      if (name === undefined) throw place.placed(new Error(`say which environment is meant: --env ${names.join('|')}`));
      let parameters: Parameters;
      try {
        parameters = chosen(name, values);
      } catch (error) {
        // Nobody's call: it points to where the environments are declared.
        throw place.placed(error);
      }
      return program(parameters, name);
    };
}

/** Every environment has to have the parameters of all others. */
type SameParameters<E> = { readonly [Name in keyof E]: { readonly [K in AllKeys<E[keyof E]>]: Parameter } };
type AllKeys<U> = U extends unknown ? keyof U : never;
