/**
 * Where a program's text does not show how a value came to a field (maps, keys that are computed, what is assigned later):
 * if it says that value in one place only, it came from there.
 */
import ts from 'typescript';
import type { Declarations } from './declarations.ts';
import { literalValue, nameText } from './syntax.ts';

const mostFiles = 100;

interface Said {
  /** Literals that stand for a value, by it. */
  readonly values: ReadonlyMap<unknown, readonly ts.Node[]>;
  /** Properties and assignments to properties, by name. */
  readonly names: ReadonlyMap<string, readonly ts.Node[]>;
}

/** Values that stand everywhere say little about where they come from. */
export function isTelling(value: unknown): boolean {
  return typeof value === 'string' ? value.length > 2 : typeof value === 'number' && Math.abs(value) > 1;
}

export class Occurrences {
  readonly #said = new Map<ts.SourceFile, Said>();

  constructor(readonly declarations: Declarations) {}

  /** The one literal of a value in a file and those of the program's own that it imports. */
  value(source: ts.SourceFile, value: unknown): ts.Node | undefined {
    return isTelling(value) ? this.#only(source, ({ values }) => values.get(value)) : undefined;
  }

  /** The one property of a name, written in a literal or assigned to. */
  name(source: ts.SourceFile, name: string): ts.Node | undefined {
    return this.#only(source, ({ names }) => names.get(name));
  }

  #only(source: ts.SourceFile, find: (said: Said) => readonly ts.Node[] | undefined): ts.Node | undefined {
    const nodes = this.#around(source).flatMap((file) => find(this.#saidIn(file)) ?? []);
    return nodes.length === 1 ? nodes[0] : undefined;
  }

  #around(source: ts.SourceFile): readonly ts.SourceFile[] {
    const files = new Set([source]);
    for (const file of files) {
      if (files.size > mostFiles) break;
      for (const imported of this.declarations.importedBy(file)) files.add(imported);
    }
    return [...files];
  }

  #saidIn(source: ts.SourceFile): Said {
    const known = this.#said.get(source);
    if (known) return known;
    const values = new Map<unknown, ts.Node[]>();
    const names = new Map<string, ts.Node[]>();
    const visit = (node: ts.Node): void => {
      if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
      const literal = literalValue(node);
      if (literal) {
        if (!isName(node) && !isCompared(node)) add(values, literal.value, node);
        return;
      }
      const name = nameGiven(node);
      if (name !== undefined) add(names, name, node);
      ts.forEachChild(node, visit);
    };
    visit(source);
    const said = { values, names };
    this.#said.set(source, said);
    return said;
  }
}

function add<K>(map: Map<K, ts.Node[]>, key: K, node: ts.Node): void {
  const nodes = map.get(key);
  if (nodes) nodes.push(node);
  else map.set(key, [node]);
}

/** `'a'` of `{ 'a': 1 }`. */
function isName(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}

/** What is only compared with goes nowhere. */
function isCompared({ parent }: ts.Node): boolean {
  if (ts.isCaseClause(parent)) return true;
  return ts.isBinaryExpression(parent) && /^[!=]==?$/.test(parent.operatorToken.getText());
}

/** The name that a node gives a value to. */
function nameGiven(node: ts.Node): string | undefined {
  if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) return nameText(node.name);
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return undefined;
  if (ts.isPropertyAccessExpression(node.left)) return node.left.name.text;
  return ts.isElementAccessExpression(node.left) ? nameText(node.left.argumentExpression) : undefined;
}
