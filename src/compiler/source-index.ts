/**
 * From the call that built an object and a field path to the place in the TypeScript. The call is found in the syntax
 * tree at its position; the path is followed through object and array literals, constants, shorthands, spreads and
 * casts of the same file, as far as it goes.
 */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { FieldPath } from '../types/field-issue.ts';

export interface IndexedPlace {
  readonly line: number;
  readonly column: number;
}
export interface IndexedRange extends IndexedPlace {
  readonly endLine?: number;
  readonly endColumn?: number;
}

export class SourceIndex {
  readonly #files = new Map<string, ts.SourceFile | undefined>();

  /** The best place for the path inside the argument of the call at a 1-based position; the call itself when nothing is known. */
  locate(file: string, call: IndexedPlace, path: FieldPath): IndexedRange {
    const source = this.#source(file);
    if (!source) return call;
    const offset = offsetOf(source, call);
    if (offset === undefined) return call;
    const expression = callAt(source, offset);
    const argument = expression?.arguments[0];
    if (!argument) return call;
    const found = follow(source, argument, path);
    return found ? rangeOf(source, found) : call;
  }

  #source(file: string): ts.SourceFile | undefined {
    if (!this.#files.has(file)) {
      let text: string | undefined;
      try {
        text = readFileSync(file, 'utf8');
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
function rangeOf(source: ts.SourceFile, node: ts.Node): IndexedRange {
  const shown = ts.isPropertyAssignment(node) ? node.name : node;
  const start = source.getLineAndCharacterOfPosition(node.getStart(source));
  const end = source.getLineAndCharacterOfPosition(shown.end);
  return { line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
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
    ts.isNonNullExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** The initializer of a constant of the same file, else the expression itself. */
function resolved(source: ts.SourceFile, node: ts.Expression, depth = 0): ts.Expression {
  const inner = unwrap(node);
  if (!ts.isIdentifier(inner) || depth > 8) return inner;
  let initializer: ts.Expression | undefined;
  const visit = (child: ts.Node): void => {
    if (
      ts.isVariableDeclaration(child) &&
      ts.isIdentifier(child.name) &&
      child.name.text === inner.text &&
      child.initializer
    ) {
      initializer ??= child.initializer;
    }
    ts.forEachChild(child, visit);
  };
  visit(source);
  return initializer ? resolved(source, initializer, depth + 1) : inner;
}

function follow(source: ts.SourceFile, argument: ts.Expression, path: FieldPath): ts.Node | undefined {
  let place: ts.Node = argument;
  let value = resolved(source, argument);
  for (const segment of path) {
    const next =
      typeof segment === 'number'
        ? elementOf(source, value, segment)
        : propertyOf(source, value, typeof segment === 'object' ? segment.key : segment);
    // A missing field is reported at the deepest object that should have had it.
    if (!next) return place;
    place = next.place;
    if (!next.value) return place;
    value = resolved(source, next.value);
  }
  return place;
}

interface Step {
  readonly place: ts.Node;
  readonly value: ts.Expression | undefined;
}

function propertyOf(source: ts.SourceFile, value: ts.Expression, name: string): Step | undefined {
  if (!ts.isObjectLiteralExpression(value)) return undefined;
  // Later properties win, as they do when the literal is evaluated.
  for (const property of [...value.properties].reverse()) {
    if (ts.isSpreadAssignment(property)) {
      const spread = propertyOf(source, resolved(source, property.expression), name);
      if (spread) return spread;
    } else if (nameText(property.name) === name) {
      if (ts.isPropertyAssignment(property)) return { place: property, value: property.initializer };
      if (ts.isShorthandPropertyAssignment(property)) return { place: property, value: property.name };
      return { place: property, value: undefined };
    }
  }
  return undefined;
}

function elementOf(source: ts.SourceFile, value: ts.Expression, index: number): Step | undefined {
  if (!ts.isArrayLiteralExpression(value)) return undefined;
  let at = 0;
  for (const element of value.elements) {
    if (ts.isSpreadElement(element)) {
      const inner = resolved(source, element.expression);
      if (!ts.isArrayLiteralExpression(inner)) return undefined;
      const found = elementOf(source, inner, index - at);
      if (found) return found;
      at += inner.elements.length;
    } else {
      if (at === index) return { place: element, value: element };
      at += 1;
    }
  }
  return undefined;
}

function nameText(name: ts.PropertyName | undefined): string | undefined {
  if (!name) return undefined;
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) ? name.text : undefined;
}
