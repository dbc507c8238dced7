/** Compiling and evaluating expressions of the Common Expression Language, bounded in steps. */
import { EvaluationError, Optional, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { environmentWith } from './environment.ts';
import type { VariableTypes } from './environment.ts';
import { Exhausted, failure } from './library.ts';
import { MATCHES } from './regular-expressions.ts';
import type { CelValue } from './values.ts';

/** An expression that cannot be read, or has no answer. */
export class CelError extends Error {
  override readonly name = 'CelError';
  constructor(
    message: string,
    readonly phase: 'compile' | 'evaluate',
    /** Offset of the place in the expression, when it is known. */
    readonly offset?: number,
    /** What kind of fault it is: `no_such_key`, `unknown_variable` ... */
    readonly code?: string,
  ) {
    super(message);
  }
}

/** What one evaluation may take, in steps (apiserver, PerCallLimit), and all of one object's together (RuntimeCELCostBudget). */
export const STEPS_PER_CALL = 1_000_000;
export const STEPS_PER_OBJECT = 10_000_000;

/** Steps that are left; shared by the expressions of one object. */
export class CelBudget {
  remaining: number;
  constructor(steps = STEPS_PER_OBJECT) {
    this.remaining = steps;
  }
}

export interface CelExpression {
  readonly text: string;
  /** `bool`, `string`, `int`, `list`, `dyn` ... */
  readonly type: string;
  /** Names that the expression speaks of. */
  readonly names: ReadonlySet<string>;
  /** @throws CelError when there is no answer or it takes too many steps. */
  evaluate(variables: Readonly<Record<string, CelValue>>, budget?: CelBudget): CelValue;
}

/**
 * @param variables names that the expression may use: a list of names, or types by name
 * @throws CelError with the place in the expression
 */
export function compile(text: string, variables: readonly string[] | VariableTypes): CelExpression {
  const types = isList(variables) ? Object.fromEntries(variables.map((name) => [name, 'dyn'])) : variables;
  return compileIn(environmentOf(types), text);
}

function isList(variables: readonly string[] | VariableTypes): variables is readonly string[] {
  return Array.isArray(variables);
}

/** Environments are dear to make, and the sets of variables few: one per place that has expressions. */
const environments = new Map<string, Environment>();
const MOST_ENVIRONMENTS = 64;

function environmentOf(types: VariableTypes): Environment {
  const key = JSON.stringify(types);
  const known = environments.get(key);
  if (known) return known;
  const made = environmentWith(types);
  if (environments.size < MOST_ENVIRONMENTS) environments.set(key, made);
  return made;
}

/** @throws CelError */
export function compileIn(environment: Environment, text: string): CelExpression {
  let parsed: ParseResult;
  let type: string;
  const meter: Meter = { left: 0, spent: undefined };
  const names = new Set<string>();
  try {
    parsed = environment.parse(text);
    adapt(parsed.ast);
    visitNodes(parsed.ast, (node) => {
      if (node.op === 'id' && typeof node.args === 'string') names.add(node.args);
    });
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? failure('the types do not fit');
    type = checked.type ?? 'dyn';
    measure(parsed.ast, meter);
  } catch (error) {
    throw compileError(error, text);
  }
  return {
    text,
    type,
    names,
    evaluate(values, budget = new CelBudget()) {
      const allowed = Math.min(STEPS_PER_CALL, budget.remaining);
      meter.left = allowed;
      meter.spent = undefined;
      try {
        const answer: unknown = parsed({ ...values });
        if (meter.spent !== undefined) throw failure(meter.spent);
        return answer;
      } catch (error) {
        throw new CelError(meter.spent ?? evaluationText(error), 'evaluate');
      } finally {
        budget.remaining -= allowed - Math.max(0, meter.left);
      }
    },
  };
}

const EXCEEDED = 'operation cancelled: actual cost limit exceeded';

interface Meter {
  left: number;
  /** Why the evaluation is at its end, whatever it still goes on to. */
  spent: string | undefined;
}

type Evaluate = (this: unknown, evaluator: Evaluator, node: TreeNode, context: object) => CelValue;
interface Evaluator {
  run(node: TreeNode, context: object): CelValue;
}
interface Checker {
  check(node: TreeNode, context: object): unknown;
  getType(name: string): unknown;
}

interface TreeNode {
  readonly op: string;
  readonly args: unknown;
  readonly meta: Readonly<Record<string, unknown>>;
  setMeta(name: string, value: unknown): unknown;
}

function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'meta' in value && 'setMeta' in value;
}

/** Every node of a tree, those that macros stand for too. */
function visitNodes(root: unknown, visit: (node: TreeNode) => void): void {
  const seen = new Set<object>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isNode(value)) {
      visit(value);
      pending.push(value.args, value.meta['alternate'], value.meta['macro']);
    } else if (Array.isArray(value)) pending.push(...value);
    else if (Object.getPrototypeOf(value) === Object.prototype) pending.push(...Object.values(value));
  }
}

/** Takes the interpreter's own forms out where Kubernetes' mean something else. */
function adapt(root: unknown): void {
  visitNodes(root, (node) => {
    if (!Array.isArray(node.args)) return;
    if (node.op === 'call' && node.args[0] === 'has' && node.meta['macro'] !== undefined) {
      const [, [field]] = [node.args[0], Array.isArray(node.args[1]) ? node.args[1] : []];
      if (isNode(field)) node.setMeta('macro', hasMacro(field));
    }
    // Regular expressions are Go's.
    if ((node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches') node.args[0] = MATCHES;
  });
}

/** `has(e.f)` for any expression `e`. */
function hasMacro(field: TreeNode): object {
  const [holder, name]: readonly unknown[] = Array.isArray(field.args) ? field.args : [];
  if ((field.op !== '.' && field.op !== '.?') || !isNode(holder) || typeof name !== 'string') {
    throw failure('invalid argument to has() macro');
  }
  return {
    field,
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: object) {
      checker.check(field, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: object): boolean {
      return hasField(evaluator.run(holder, context), name);
    },
  };
}

function hasField(holder: CelValue, name: string): boolean {
  if (holder instanceof Optional) return holder.hasValue() && hasField(holder.value(), name);
  if (holder instanceof Map) return holder.get(name) !== undefined;
  if (typeof holder === 'object' && holder !== null && Object.getPrototypeOf(holder) === Object.prototype) {
    return Object.hasOwn(holder, name);
  }
  throw failure(`no such key: ${name}`);
}

function isEvaluate(value: unknown): value is Evaluate {
  return typeof value === 'function';
}

/** Every evaluation of a node is a step. */
function measure(root: unknown, meter: Meter): void {
  visitNodes(root, (node) => {
    const { alternate, macro, evaluate } = node.meta;
    if (alternate !== undefined || macro !== undefined || !isEvaluate(evaluate)) return;
    node.setMeta('evaluate', function measured(this: unknown, evaluator: Evaluator, own: TreeNode, context: object) {
      meter.left -= 1;
      if (meter.left < 0) throw failure((meter.spent ??= EXCEEDED));
      try {
        return Reflect.apply(evaluate, this, [evaluator, own, context]);
      } catch (error) {
        if (error instanceof Exhausted && meter.spent === undefined) {
          meter.spent = error.summary;
          meter.left = 0;
        }
        throw error;
      }
    });
  });
}

type InterpreterError = ParseError | CelTypeError | EvaluationError;

function isInterpreterError(error: unknown): error is InterpreterError {
  return error instanceof ParseError || error instanceof CelTypeError || error instanceof EvaluationError;
}

/** `ERROR: <input>:1:6: undefined field 'foo'` with the line and a mark below it, as cel-go prints it. */
function compileError(error: unknown, text: string): CelError {
  if (!isInterpreterError(error))
    return new CelError(error instanceof Error ? error.message : String(error), 'compile');
  const offset = placeOf(error);
  const before = text.slice(0, offset).split('\n');
  const line = text.split('\n')[before.length - 1] ?? '';
  const column = before.at(-1)?.length ?? 0;
  const message = `ERROR: <input>:${before.length}:${column + 1}: ${compileText(error)}\n | ${line}\n | ${'.'.repeat(column)}^`;
  return new CelError(message, 'compile', offset, error.code);
}

function placeOf({ range, node, code }: InterpreterError): number {
  // Of an access, the dot is the place.
  const pos = node !== undefined && code === 'no_such_key' ? node.pos : range?.start;
  return pos ?? 0;
}

function compileText(error: InterpreterError): string {
  const { summary, code } = error;
  if (error instanceof ParseError) return `Syntax error: ${summary}`;
  const name = /: (.*)$/s.exec(summary)?.[1] ?? '';
  if (code === 'unknown_variable') return `undeclared reference to '${name}' (in container '')`;
  if (code === 'no_such_key') return `undefined field '${name}'`;
  const operator = /^no such overload: (\S+) (\S+) (\S+)$/.exec(summary);
  if (operator) {
    const [, left = '', sign = '', right = ''] = operator;
    return `found no matching overload for '_${sign}_' applied to '(${left}, ${right})'`;
  }
  return summary;
}

function evaluationText(error: unknown): string {
  if (!isInterpreterError(error)) return error instanceof Error ? error.message : String(error);
  const { summary, code } = error;
  if (code === 'no_such_key') return summary.replace('No such key', 'no such key');
  if (code === 'index_out_of_bounds') return `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? ''}`;
  if (code === 'modulo_by_zero') return 'modulus by zero';
  if (code === 'no_such_overload' || code === 'no_matching_overload') return 'no such overload';
  return summary;
}
