/**
 * From the call that built an object and a field path to the place in the TypeScript. The call is found in the syntax
 * tree at its position; the path is followed through object and array literals, constants, shorthands, spreads, casts,
 * functions that return literals, and imports of the program's own files, as far as it goes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import type { FieldPath } from '../types/field-issue.ts';
import type { Unsaved } from './loader.ts';

export interface IndexedPlace {
  readonly line: number;
  readonly column: number;
}
export interface IndexedRange extends IndexedPlace {
  /** Absolute path, where it is not the file of the call. */
  readonly file?: string;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export class SourceIndex {
  readonly #files = new Map<string, ts.SourceFile | undefined>();

  constructor(readonly unsaved: Unsaved = () => undefined) {}

  /** The best place for the path inside the argument of the call at a 1-based position; the call itself when nothing is known. */
  locate(file: string, call: IndexedPlace, path: FieldPath): IndexedRange {
    const source = this.#source(file);
    if (!source) return { line: call.line, column: call.column };
    const offset = offsetOf(source, call);
    const argument = offset === undefined ? undefined : callAt(source, offset)?.arguments[0];
    const found = argument && new Follower((name) => this.#source(name)).follow(argument, path);
    return found ? rangeOf(found) : { line: call.line, column: call.column };
  }

  /** The best place for a path inside the default export of a file. */
  locateExport(file: string, path: FieldPath): IndexedRange | undefined {
    const source = this.#source(file);
    const exported = source && defaultExportOf(source);
    const found = exported && new Follower((name) => this.#source(name)).follow(exported, path);
    return found && rangeOf(found);
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

function defaultExportOf(source: ts.SourceFile): ts.Expression | undefined {
  for (const statement of source.statements) {
    if (ts.isExportAssignment(statement) && statement.isExportEquals !== true) return statement.expression;
    if (ts.isFunctionDeclaration(statement) && hasModifier(statement, ts.SyntaxKind.DefaultKeyword))
      return returned(statement);
  }
  return undefined;
}

function hasModifier(node: ts.FunctionDeclaration, kind: ts.SyntaxKind): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === kind) === true;
}

/** What a function returns, if it has one return at its end. */
function returned(node: ts.FunctionLikeDeclaration): ts.Expression | undefined {
  const { body } = node;
  if (!body) return undefined;
  if (!ts.isBlock(body)) return body;
  const last = body.statements.at(-1);
  return last && ts.isReturnStatement(last) ? last.expression : undefined;
}

function offsetOf(source: ts.SourceFile, { line, column }: IndexedPlace): number | undefined {
  const start = source.getLineStarts()[line - 1];
  return start === undefined ? undefined : start + column - 1;
}

/** The innermost call whose callee covers or begins at the offset. */
function callAt(source: ts.SourceFile, offset: number): ts.CallExpression | undefined {
  let found: ts.CallExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (offset < node.getStart(source) || offset > node.end) return;
    if (ts.isCallExpression(node) && offset <= node.expression.end) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function unwrap(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isParenthesizedExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isAwaitExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

interface Step {
  readonly place: ts.Node;
  readonly value: ts.Expression | undefined;
}

type Declared = ts.Expression | ts.FunctionDeclaration;

/** Programs that go round in circles are followed this far. */
const deepest = 24;

class Follower {
  #depth = 0;

  constructor(readonly open: (file: string) => ts.SourceFile | undefined) {}

  follow(argument: ts.Expression, path: FieldPath): ts.Node {
    let place: ts.Node = argument;
    let value: ts.Expression | undefined = this.#resolved(argument);
    for (const segment of path) {
      const next: Step | undefined =
        typeof segment === 'number'
          ? this.#elementOf(value, segment)
          : this.#propertyOf(value, typeof segment === 'object' ? segment.key : segment);
      // A missing field is reported at the deepest object that should have had it.
      if (!next) return place;
      place = next.place;
      if (!next.value) return place;
      value = this.#resolved(next.value);
    }
    return place;
  }

  /** The literal behind constants, calls and casts, else the expression itself. */
  #resolved(node: ts.Expression): ts.Expression {
    const inner = unwrap(node);
    this.#depth += 1;
    if (this.#depth > deepest) return inner;
    if (ts.isIdentifier(inner)) {
      const declared = this.#declarationOf(inner.getSourceFile(), inner.text);
      return declared && ts.isExpression(declared) ? this.#resolved(declared) : inner;
    }
    if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) return this.#result(inner) ?? inner;
    if (ts.isCallExpression(inner) && ts.isIdentifier(inner.expression)) {
      const callee = this.#declarationOf(inner.getSourceFile(), inner.expression.text);
      if (callee && (ts.isFunctionDeclaration(callee) || ts.isArrowFunction(callee) || ts.isFunctionExpression(callee)))
        return this.#result(callee) ?? inner;
    }
    if (ts.isPropertyAccessExpression(inner)) {
      const step = this.#propertyOf(this.#resolved(inner.expression), inner.name.text);
      return step?.value ? this.#resolved(step.value) : inner;
    }
    return inner;
  }

  #result(node: ts.FunctionLikeDeclaration): ts.Expression | undefined {
    const result = returned(node);
    return result && this.#resolved(result);
  }

  /** A constant, a function, or an import of either. */
  #declarationOf(source: ts.SourceFile, name: string): Declared | undefined {
    let found: Declared | undefined;
    const visit = (child: ts.Node): void => {
      if (found) return;
      if (ts.isVariableDeclaration(child) && ts.isIdentifier(child.name) && child.name.text === name)
        found = child.initializer;
      else if (ts.isFunctionDeclaration(child) && child.name?.text === name) found = child;
      else ts.forEachChild(child, visit);
    };
    visit(source);
    return found ?? this.#imported(source, name);
  }

  #imported(source: ts.SourceFile, name: string): Declared | undefined {
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const { name: own, namedBindings } = statement.importClause ?? {};
      const element =
        namedBindings && ts.isNamedImports(namedBindings)
          ? namedBindings.elements.find((candidate) => candidate.name.text === name)
          : undefined;
      if (!element && own?.text !== name) continue;
      const target = this.#file(source, statement.moduleSpecifier.text);
      if (!target) return undefined;
      const exported = element ? (element.propertyName ?? element.name).text : 'default';
      this.#depth += 1;
      if (this.#depth > deepest) return undefined;
      return exported === 'default' ? defaultExportOf(target) : this.#declarationOf(target, exported);
    }
    return undefined;
  }

  #file(source: ts.SourceFile, specifier: string): ts.SourceFile | undefined {
    if (!specifier.startsWith('.')) return undefined;
    const base = resolve(dirname(source.fileName), specifier);
    const stem = base.replace(/\.[cm]?js$/, '');
    const names = [base, `${stem}.ts`, `${stem}.tsx`, `${stem}.mts`, `${base}/index.ts`];
    const file = names.find((name) => /\.[cm]?[jt]sx?$/.test(name) && existsSync(name));
    return file === undefined ? undefined : this.open(file);
  }

  #propertyOf(value: ts.Expression, name: string): Step | undefined {
    if (!ts.isObjectLiteralExpression(value)) return undefined;
    // Later properties win, as they do when the literal is evaluated.
    for (const property of [...value.properties].reverse()) {
      if (ts.isSpreadAssignment(property)) {
        const spread = this.#propertyOf(this.#resolved(property.expression), name);
        if (spread) return spread;
      } else if (nameText(property.name) === name) {
        if (ts.isPropertyAssignment(property)) return { place: property, value: property.initializer };
        if (ts.isShorthandPropertyAssignment(property)) return { place: property, value: property.name };
        return { place: property, value: undefined };
      }
    }
    return undefined;
  }

  #elementOf(value: ts.Expression, index: number): Step | undefined {
    const mapped = mappedElement(value);
    if (mapped) return { place: mapped, value: mapped };
    if (!ts.isArrayLiteralExpression(value)) return undefined;
    let at = 0;
    for (const element of value.elements) {
      if (ts.isSpreadElement(element)) {
        const inner = this.#resolved(element.expression);
        if (!ts.isArrayLiteralExpression(inner)) return undefined;
        const found = this.#elementOf(inner, index - at);
        if (found) return found;
        at += inner.elements.length;
      } else {
        if (at === index) return { place: element, value: element };
        at += 1;
      }
    }
    return undefined;
  }
}

/** Every element of `list.map((item) => ({ ... }))` is what the function returns. */
function mappedElement(value: ts.Expression): ts.Expression | undefined {
  if (!ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return undefined;
  const callback = value.arguments[value.expression.name.text === 'from' ? 1 : 0];
  if (!['map', 'from'].includes(value.expression.name.text) || !callback) return undefined;
  return ts.isArrowFunction(callback) || ts.isFunctionExpression(callback) ? returned(callback) : undefined;
}

function nameText(name: ts.PropertyName | undefined): string | undefined {
  if (!name) return undefined;
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) ? name.text : undefined;
}
