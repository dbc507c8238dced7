/**
 * From the calls that built an object and a field path to the place in the TypeScript. The call is found in the syntax
 * tree at its position; the path is followed through what the program's text says of its values (source/values.ts), as far
 * as that goes. Where a value was written elsewhere than the field, and only there, its place is the literal.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { FieldPath } from '../types/field-issue.ts';
import { keysOf, valueAt } from './field-value.ts';
import type { Unsaved } from './loader.ts';
import { argumentOf } from './source/arguments.ts';
import { Declarations } from './source/declarations.ts';
import { Occurrences } from './source/occurrences.ts';
import { patchPlace } from './source/patches.ts';
import { Search } from './source/search.ts';
import type { Found, Subject } from './source/search.ts';
import { callAt, enclosingFunction, literalValue } from './source/syntax.ts';
import { Values, bound, mapping } from './source/values.ts';
import type { Env, Known } from './source/values.ts';

export type { Subject } from './source/search.ts';

export interface IndexedPlace {
  readonly line: number;
  readonly column: number;
}
export interface IndexedRange extends IndexedPlace {
  /** Absolute path, where it is not the file of the call. */
  readonly file?: string;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** The field, where the place is that of the literal it was given elsewhere. */
  readonly field?: IndexedRange;
}

/** A call, in a file. */
export interface IndexedCall extends IndexedPlace {
  /** Absolute path. */
  readonly file: string;
}

/** Calls of a patch: their argument changes an object that is there already. */
export interface Locating {
  /** The call that built the object and its callers, innermost first. */
  readonly calls: readonly IndexedCall[];
  /** The calls that patched it since, each with its callers, first to last. */
  readonly patches?: readonly (readonly IndexedCall[])[];
  /** False where the innermost call is that of a library which called the builder. */
  readonly direct?: boolean;
}

export class SourceIndex {
  readonly #files = new Map<string, ts.SourceFile | undefined>();
  readonly #declarations = new Declarations((file) => this.#source(file));
  readonly #occurrences = new Occurrences(this.#declarations);

  constructor(readonly unsaved: Unsaved = () => undefined) {}

  /** The best place for the path inside the argument of the innermost call; the call itself when nothing is known. */
  locate({ calls, patches = [], direct = true }: Locating, path: FieldPath, subject?: Subject): IndexedRange {
    const values = new Values(this.#declarations);
    for (const patch of [...patches].reverse()) {
      const argument = this.#callAt(patch[0])?.arguments?.at(-1);
      const known = argument && { node: argument, env: this.#around(patch, values) };
      const found = known && patchPlace(values, known, path, subject);
      if (found) return rangeOfFound(found);
    }
    const [call] = calls;
    const [first, ...others] = this.#callAt(call)?.arguments ?? [];
    const env = this.#around(calls, values);
    const given = first ? [first, ...others].map((node) => ({ node, env })) : [];
    const found = direct
      ? given[0] && new Search(values, path, subject).from(given[0])
      : subject && argumentOf(values, given, path, subject);
    const source = call && this.#source(call.file);
    const best = source && subject ? this.#soleOccurrence(source, values, path, subject, found) : found;
    return best ? rangeOfFound(best) : { line: call?.line ?? 1, column: call?.column ?? 1 };
  }

  /** The best place for a path inside the default export of a file. */
  locateExport(file: string, path: FieldPath, subject?: Subject): IndexedRange | undefined {
    const source = this.#source(file);
    const exported = source && this.#declarations.exported(source, 'default');
    if (!exported) return undefined;
    const start: ts.Node = ts.isExportAssignment(exported) ? exported.expression : exported;
    const values = new Values(this.#declarations);
    const found = new Search(values, path, subject).from({ node: start, env: new Map() });
    const best = subject ? this.#soleOccurrence(source, values, path, subject, found) : found;
    return best && rangeOfFound(best);
  }

  /** Where the text does not show where the value or the name of a field came from, but says it only once. */
  #soleOccurrence(
    source: ts.SourceFile,
    values: Values,
    path: FieldPath,
    subject: Subject,
    found: Found | undefined,
  ): Found | undefined {
    if (found?.traced === true || (found?.whole === true && !subject.isValue)) return found;
    const name = keysOf(path).at(-1);
    const actual = valueAt(subject.object, path);
    if (!subject.isValue) {
      const sole = typeof name === 'string' ? this.#occurrences.name(source, name) : undefined;
      const key = sole ?? this.#occurrences.value(source, name);
      return key ? { place: key, whole: true } : found;
    }
    const literal = this.#occurrences.value(source, actual);
    if (!literal) return found;
    // A field that says something else was changed since.
    const stale = found?.whole === true && values.of({ node: valueOf(found.place), env: new Map() }).some(isLiteral);
    return found?.whole === true && !stale
      ? { place: found.place, literal, whole: true }
      : { place: literal, whole: true };
  }

  /** What the parameters of the functions around the innermost call were given by the calls further out. */
  #around(calls: readonly IndexedCall[], values: Values): Env {
    const [inner, outer] = calls;
    const node = this.#callAt(inner);
    const func = node && enclosingFunction(node);
    const call = this.#callAt(outer);
    if (!func || !call) return new Map();
    const env = this.#around(calls.slice(1), values);
    const callees = values.of({ node: call.expression, env });
    const isCallee = callees.some((callee) => callee.node === func);
    if (isCallee) return new Map([...env, ...bound(func, call.arguments ?? [], env)]);
    const mapped = mapping(call);
    const [parameter] = func.parameters;
    if (mapped && parameter && values.of({ node: mapped.callback, env }).some((callback) => callback.node === func))
      return new Map([...env, [parameter, values.elementsOf({ node: mapped.list, env })]]);
    return env;
  }

  #callAt(call: IndexedCall | undefined): ts.CallExpression | ts.NewExpression | undefined {
    const source = call && this.#source(call.file);
    const offset = source && offsetOf(source, call);
    return source && offset !== undefined ? callAt(source, offset) : undefined;
  }

  /** The name of the builder that is called at a place, and the names of the constant that holds what it made. */
  namesOf(file: string, call: IndexedPlace): readonly IndexedRange[] {
    const source = this.#source(file);
    const offset = source && offsetOf(source, call);
    const found = source && offset !== undefined ? callAt(source, offset) : undefined;
    if (!source || !found) return [];
    const callee = ts.isPropertyAccessExpression(found.expression) ? found.expression.name : found.expression;
    let holder: ts.Node = found.parent;
    while (ts.isAwaitExpression(holder) || ts.isAsExpression(holder) || ts.isSatisfiesExpression(holder))
      holder = holder.parent;
    const constant = ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) ? holder.name.text : undefined;
    return [callee, ...(constant === undefined ? [] : identifiers(source, constant))].map(rangeOf);
  }

  #source(file: string): ts.SourceFile | undefined {
    if (!this.#files.has(file)) {
      let text: string | undefined;
      try {
        text = this.unsaved(file) ?? readFileSync(file, 'utf8');
      } catch {
        // The file went away since it was bundled: places in it are then as good as the source map's.
        text = undefined;
      }
      this.#files.set(
        file,
        text === undefined ? undefined : ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true),
      );
    }
    return this.#files.get(file);
  }
}

function valueOf(place: ts.Node): ts.Node {
  return ts.isPropertyAssignment(place) ? place.initializer : place;
}

function isLiteral({ node }: Known): boolean {
  return literalValue(node) !== undefined;
}

/** Of a property its name, of an element the whole of it. */
function rangeOf(node: ts.Node): IndexedRange {
  const source = node.getSourceFile();
  const shown = ts.isPropertyAssignment(node) ? node.name : node;
  const start = source.getLineAndCharacterOfPosition(node.getStart(source));
  const end = source.getLineAndCharacterOfPosition(shown.end);
  return {
    file: source.fileName,
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** Where a file says a name, other than as that of a property. */
function identifiers(source: ts.SourceFile, name: string): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) {
      const { parent } = node;
      const isProperty =
        (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node;
      if (!isProperty) found.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function rangeOfFound({ place, literal }: Found): IndexedRange {
  return literal ? { ...rangeOf(literal), field: rangeOf(place) } : rangeOf(place);
}

function offsetOf(source: ts.SourceFile, { line, column }: IndexedPlace): number | undefined {
  const start = source.getLineStarts()[line - 1];
  return start === undefined ? undefined : start + column - 1;
}
