/** Parameters that differ from environment to environment, typed, chosen by `--env` and changed by `--set`. */
import { CallPlace } from './call-place.ts';

export type Parameter = string | number | boolean;
type Parameters = Readonly<Record<string, Parameter>>;

/** What `kubewright` hands to a program. */
export interface ProgramEnvironment {
  readonly name: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}

/** `5` says no more than `number` to those who read the parameters. */
type Widened<P> = {
  readonly [K in keyof P]: P[K] extends string
    ? string
    : P[K] extends number
      ? number
      : P[K] extends boolean
        ? boolean
        : P[K];
};

export type EnvironmentProgram<P, Name extends string, T> = (parameters: Widened<P>, environment: Name) => T;

function parsed(key: string, text: string, model: Parameter): Parameter {
  if (typeof model === 'string') return text;
  if (typeof model === 'boolean') {
    if (text !== 'true' && text !== 'false')
      throw new Error(`--set ${key}: takes true or false, not ${JSON.stringify(text)}`);
    return text === 'true';
  }
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number))
    throw new Error(`--set ${key}: takes a number, not ${JSON.stringify(text)}`);
  return number;
}

function changed(parameters: Parameters, values: Readonly<Record<string, string>>): Parameters {
  const changes = Object.entries(values).map(([key, text]): readonly [string, Parameter] => {
    const model = Object.hasOwn(parameters, key) ? parameters[key] : undefined;
    if (model === undefined) {
      const known = Object.keys(parameters).join(', ') || 'none';
      throw new Error(`--set ${key}: there is no such parameter; declared are: ${known}`);
    }
    return [key, parsed(key, text, model)];
  });
  return { ...parameters, ...Object.fromEntries(changes) };
}

/**
 * Declares environments, each with the same parameters. The result wraps a program:
 *
 * ```ts
 * const environment = defineEnvironments({ dev: { replicas: 1 }, prod: { replicas: 5 } }, { default: 'dev' });
 * export default environment(({ replicas }) => [web(replicas)]);
 * ```
 *
 * @throws Error, when the program runs, for an environment or a parameter that is not declared
 */
export function defineEnvironments<
  const Environments extends Readonly<Record<string, Readonly<Record<string, Parameter>>>>,
>(
  environments: Environments & SameParameters<Environments>,
  options?: { readonly default?: keyof Environments & string },
): <T>(
  program: EnvironmentProgram<Environments[keyof Environments], keyof Environments & string, T>,
) => (environment: ProgramEnvironment) => T;
export function defineEnvironments(
  environments: Readonly<Record<string, Parameters>>,
  options: { readonly default?: string } = {},
): <T>(program: (parameters: Parameters, environment: string) => T) => (environment: ProgramEnvironment) => T {
  const names = Object.keys(environments);
  const chosen = (name: string, values: Readonly<Record<string, string>>): Parameters => {
    const own = Object.hasOwn(environments, name) ? environments[name] : undefined;
    if (!own) throw new Error(`there is no environment ${JSON.stringify(name)}; declared are: ${names.join(', ')}`);
    return changed(own, values);
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
