/** The interpreter with everything that the API server's expressions know (apiserver, cel/environment). */
import { Environment } from '@marcbachmann/cel-js';
import { addresses, cidrEquality, ipEquality } from './addresses.ts';
import { authorizers } from './authorizer.ts';
import { namedFormats } from './formats.ts';
import { jsonPatches } from './json-patches.ts';
import type { Library } from './library.ts';
import { lists } from './lists.ts';
import { macros } from './macros.ts';
import { quantities, quantityEquality } from './quantities.ts';
import { regularExpressions } from './regular-expressions.ts';
import { semverEquality, semvers } from './semver.ts';
import { strings } from './strings.ts';
import { urlEquality, urls } from './urls.ts';

const libraries: readonly Library[] = [
  strings,
  lists,
  regularExpressions,
  quantities,
  urls,
  addresses,
  semvers,
  namedFormats,
  authorizers,
  jsonPatches,
  { functions: macros },
];

const equalities = [quantityEquality, urlEquality, ipEquality, cidrEquality, semverEquality];

/** Parsing is bounded, so that no expression can be deeper than the stack. */
const limits = { maxAstNodes: 20_000, maxDepth: 150, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 };

let base: Environment | undefined;

function baseEnvironment(): Environment {
  if (base) return base;
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits });
  for (const { types = {}, namespaces = {}, functions } of libraries) {
    for (const [name, ctor] of Object.entries(types)) environment.registerType(name, { ctor });
    for (const [name, [type, value]] of Object.entries(namespaces)) environment.registerConstant(name, type, value);
    for (const [signature, handler] of Object.entries(functions))
      environment.registerFunction(signature, handler, { async: false });
  }
  for (const [type, equal] of equalities) environment.registerOperator(`${type} == ${type}`, equal);
  base = environment;
  return environment;
}

/** Names of variables, and what is known of their types (`dyn` if nothing is). */
export type VariableTypes = Readonly<Record<string, string>>;

/** An environment of its own with the variables; `prepare` may add types first. */
export function environmentWith(variables: VariableTypes, prepare?: (environment: Environment) => void): Environment {
  const environment = baseEnvironment().clone();
  prepare?.(environment);
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  return environment;
}
