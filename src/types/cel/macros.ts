/** What the language's macros have that the interpreter's own do not: two variables, mapping of optional values, `has` behind an index. */
import { Optional } from '@marcbachmann/cel-js';
import { failure } from './library.ts';
import type { Functions } from './library.ts';
import { entriesOf } from './values.ts';
import type { CelValue } from './values.ts';

/** A node of the interpreter's syntax tree. */
export interface Node {
  readonly op: string;
  args: unknown;
}

interface Context {
  forkWithVariable(name: string, type: unknown): Context;
  reuse(parent: Context): Context;
  setIterValue(value: CelValue, evaluator: Evaluator): Context;
}

interface Checker {
  check(node: Node, context: Context): unknown;
  getType(name: string): unknown;
}

interface Evaluator {
  run(node: Node, context: Context): CelValue;
}

interface Expansion {
  readonly args: readonly Node[];
  readonly receiver: Node;
}

interface Macro {
  readonly args: readonly Node[];
  readonly receiver: Node;
  readonly async: false;
  typeCheck(checker: Checker, macro: Macro, context: Context): unknown;
  evaluate(evaluator: Evaluator, macro: Macro, context: Context): CelValue;
}

function variableName(node: Node | undefined): string {
  if (node?.op === 'id' && typeof node.args === 'string') return node.args;
  throw failure('argument must be a simple name');
}

/** Index and element of a list, key and value of a map. */
function pairsOf(range: CelValue): readonly (readonly [CelValue, CelValue])[] {
  if (range instanceof Set) return [...range].map((value, index) => [BigInt(index), value]);
  if (Array.isArray(range)) return range.map((value: unknown, index) => [BigInt(index), value]);
  if (typeof range === 'object' && range !== null) return entriesOf(range);
  throw failure('the range of a comprehension must be a list or a map');
}

type Body = (first: CelValue, second: CelValue) => CelValue;

/** A macro over pairs: `run` gets the pairs and the body's parts, each with both variables set. */
function overPairs(
  result: string,
  run: (pairs: readonly (readonly [CelValue, CelValue])[], parts: readonly Body[]) => CelValue,
): (expansion: Expansion) => Macro {
  return ({ args, receiver }) => {
    const [first, second] = [variableName(args[0]), variableName(args[1])];
    let outer: Context | undefined;
    let inner: Context | undefined;
    return {
      args,
      receiver,
      async: false,
      typeCheck(checker, macro, context) {
        checker.check(macro.receiver, context);
        outer = context.forkWithVariable(first, checker.getType('dyn'));
        inner = outer.forkWithVariable(second, checker.getType('dyn'));
        for (const part of macro.args.slice(2)) checker.check(part, inner);
        return checker.getType(result);
      },
      evaluate(evaluator, macro, context) {
        const range = evaluator.run(macro.receiver, context);
        const parts = macro.args.slice(2).map((part): Body => (key, value) => {
          if (!outer || !inner) throw failure('the expression was not checked');
          const bound = outer.reuse(context).setIterValue(key, evaluator);
          return evaluator.run(part, inner.reuse(bound).setIterValue(value, evaluator));
        });
        return run(pairsOf(range), parts);
      },
    };
  };
}

function isTrue(value: CelValue): boolean {
  if (typeof value !== 'boolean') throw failure('the predicate of a macro must be a bool');
  return value;
}

/** Errors only count when no element decides. */
function quantified(
  pairs: readonly (readonly [CelValue, CelValue])[],
  predicate: Body | undefined,
  deciding: boolean,
): boolean {
  let error: unknown;
  for (const [key, value] of pairs) {
    try {
      if (isTrue(predicate?.(key, value)) === deciding) return deciding;
    } catch (thrown) {
      error ??= thrown;
    }
  }
  if (error !== undefined) throw error;
  return !deciding;
}

function kept(pairs: readonly (readonly [CelValue, CelValue])[], filter: Body | undefined) {
  return filter ? pairs.filter(([key, value]) => isTrue(filter(key, value))) : pairs;
}

const list = (hasFilter: boolean) =>
  overPairs('list', (pairs, parts) => {
    const [filter, body] = hasFilter ? parts : [undefined, ...parts];
    return kept(pairs, filter).map(([key, value]) => body?.(key, value));
  });
const map = (hasFilter: boolean) =>
  overPairs('map', (pairs, parts) => {
    const [filter, body] = hasFilter ? parts : [undefined, ...parts];
    return new Map(kept(pairs, filter).map(([key, value]) => [key, body?.(key, value)]));
  });
const mapEntry = (hasFilter: boolean) =>
  overPairs('map', (pairs, parts) => {
    const [filter, body] = hasFilter ? parts : [undefined, ...parts];
    const merged = new Map<CelValue, CelValue>();
    for (const [key, value] of kept(pairs, filter)) {
      for (const [name, entry] of entriesOf(body?.(key, value))) {
        if (merged.has(name)) throw failure(`insert failed: key ${String(name)} already exists`);
        merged.set(name, entry);
      }
    }
    return merged;
  });

/** A macro of one variable, `x.name(v, expression)`. `run` gives what the expression is where the variable is the value. */
function overOne(
  type: string,
  result: (receiver: CelValue, run: (value: CelValue) => CelValue) => CelValue,
): (expansion: Expansion) => Macro {
  return ({ args, receiver }) => {
    const name = variableName(args[0]);
    let inner: Context | undefined;
    return {
      args,
      receiver,
      async: false,
      typeCheck(checker, macro, context) {
        checker.check(macro.receiver, context);
        inner = context.forkWithVariable(name, checker.getType('dyn'));
        const [, body] = macro.args;
        if (body) checker.check(body, inner);
        return checker.getType(type);
      },
      evaluate(evaluator, macro, context) {
        const [, body] = macro.args;
        if (!body || !inner) throw failure('the expression has not been checked');
        const scope = inner;
        return result(evaluator.run(macro.receiver, context), (value) =>
          evaluator.run(body, scope.reuse(context).setIterValue(value, evaluator)),
        );
      },
    };
  };
}

/** `x.optMap(v, expression)` and `x.optFlatMap(v, expression)`. */
function optionalMap(flat: boolean): (expansion: Expansion) => Macro {
  return overOne('optional<dyn>', (found, run) => {
    if (!(found instanceof Optional)) throw failure('no such overload: the receiver is no optional value');
    if (!found.hasValue()) return Optional.none();
    const value = run(found.value());
    return flat ? value : Optional.of(value);
  });
}

const existsOne = overOne('bool', (range, run) => {
  const isList = Array.isArray(range) || range instanceof Set;
  return pairsOf(range).filter(([key, value]) => isTrue(run(isList ? value : key))).length === 1;
});

function isZero(value: CelValue): boolean {
  if (value === null || value === '' || value === false || value === 0 || value === 0n) return true;
  if (Array.isArray(value)) return value.length === 0;
  return (value instanceof Map || value instanceof Set) && value.size === 0;
}

/** Macros, by signature; a parameter of type `ast` is an expression. */
export const macros: Functions = {
  'list.existsOne(ast, ast): bool': existsOne,
  'list.all(ast, ast, ast): bool': overPairs('bool', (pairs, [predicate]) => quantified(pairs, predicate, false)),
  'list.exists(ast, ast, ast): bool': overPairs('bool', (pairs, [predicate]) => quantified(pairs, predicate, true)),
  'list.existsOne(ast, ast, ast): bool': overPairs('bool', (pairs, [predicate]) => kept(pairs, predicate).length === 1),
  'list.transformList(ast, ast, ast): list': list(false),
  'list.transformList(ast, ast, ast, ast): list': list(true),
  'list.transformMap(ast, ast, ast): map': map(false),
  'list.transformMap(ast, ast, ast, ast): map': map(true),
  'list.transformMapEntry(ast, ast, ast): map': mapEntry(false),
  'list.transformMapEntry(ast, ast, ast, ast): map': mapEntry(true),
  'optional.optMap(ast, ast): optional<dyn>': optionalMap(false),
  'optional.optFlatMap(ast, ast): optional<dyn>': optionalMap(true),
  'OptionalNamespace.ofNonZeroValue(dyn): optional<dyn>': (_: unknown, value: CelValue) =>
    isZero(value) ? Optional.none() : Optional.of(value),
};
