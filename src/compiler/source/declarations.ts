/** What a name in a program means: found by the rules of scopes, over imports of the program's own files. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

export type Opener = (file: string) => ts.SourceFile | undefined;

/** What declares a name. Of a pattern (`const { a } = b`) it is the element. */
export type Declaration =
  | ts.VariableDeclaration
  | ts.BindingElement
  | ts.ParameterDeclaration
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.EnumDeclaration
  /** `export default <expression>`. */
  | ts.ExportAssignment
  /** `import * as name`: the file itself. */
  | ts.SourceFile;

/** Imports that lead round in circles are followed this far. */
const deepest = 16;

export class Declarations {
  readonly #assigned = new Map<ts.SourceFile, ReadonlySet<string>>();

  constructor(readonly open: Opener) {}

  /** The declaration that an identifier refers to, where it is the program's own and its value is given once. */
  of(identifier: ts.Identifier): Declaration | undefined {
    for (let scope: ts.Node | undefined = identifier.parent; scope as ts.Node | undefined; scope = scope.parent) {
      const found = declaredIn(scope, identifier.text);
      if (found) return this.#isGivenOnce(found, identifier.text) ? found : undefined;
    }
    return this.#imported(identifier.getSourceFile(), identifier.text, 0);
  }

  /** What a file exports under a name. */
  exported(source: ts.SourceFile, name: string, depth = 0): Declaration | undefined {
    if (depth > deepest) return undefined;
    for (const statement of source.statements) {
      const found = this.#exportedBy(statement, source, name, depth);
      if (found) return found;
    }
    return undefined;
  }

  #exportedBy(statement: ts.Statement, source: ts.SourceFile, name: string, depth: number): Declaration | undefined {
    if (name === 'default' && ts.isExportAssignment(statement) && statement.isExportEquals !== true) return statement;
    if (name === 'default' && (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)))
      return hasModifier(statement, ts.SyntaxKind.DefaultKeyword) ? statement : undefined;
    if (ts.isExportDeclaration(statement)) return this.#reexported(statement, source, name, depth);
    return ts.canHaveModifiers(statement) && hasModifier(statement, ts.SyntaxKind.ExportKeyword)
      ? declaredBy(statement, name)
      : undefined;
  }

  /** `export { a as b } from './c'`, `export * from './c'`, `export { a as b }`. */
  #reexported(
    { exportClause, moduleSpecifier }: ts.ExportDeclaration,
    source: ts.SourceFile,
    name: string,
    depth: number,
  ): Declaration | undefined {
    const from =
      moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? this.#file(source, moduleSpecifier.text) : undefined;
    if (!exportClause) return from && name !== 'default' ? this.exported(from, name, depth + 1) : undefined;
    if (!ts.isNamedExports(exportClause)) return from && exportClause.name.text === name ? from : undefined;
    const element = exportClause.elements.find((candidate) => candidate.name.text === name);
    if (!element) return undefined;
    const own = (element.propertyName ?? element.name).text;
    if (moduleSpecifier) return from && this.exported(from, own, depth + 1);
    return declaredIn(source, own) ?? this.#imported(source, own, depth + 1);
  }

  #imported(source: ts.SourceFile, name: string, depth: number): Declaration | undefined {
    for (const statement of source.statements) {
      if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
      const { name: own, namedBindings } = statement.importClause ?? {};
      const element =
        namedBindings && ts.isNamedImports(namedBindings)
          ? namedBindings.elements.find((candidate) => candidate.name.text === name)
          : undefined;
      const isWhole = namedBindings && ts.isNamespaceImport(namedBindings) && namedBindings.name.text === name;
      if (!element && !isWhole && own?.text !== name) continue;
      const target = this.#file(source, statement.moduleSpecifier.text);
      if (!target || isWhole) return target;
      const exported = element ? (element.propertyName ?? element.name).text : 'default';
      return target.fileName.endsWith('.json') ? target : this.exported(target, exported, depth + 1);
    }
    return undefined;
  }

  /** The program's own files that a file imports or exports from. */
  importedBy(source: ts.SourceFile): readonly ts.SourceFile[] {
    return source.statements.flatMap((statement) => {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
      const { moduleSpecifier } = statement;
      const file = moduleSpecifier && ts.isStringLiteral(moduleSpecifier) && this.#file(source, moduleSpecifier.text);
      return file ? [file] : [];
    });
  }

  #file(source: ts.SourceFile, specifier: string): ts.SourceFile | undefined {
    if (!specifier.startsWith('.')) return undefined;
    const base = resolve(dirname(source.fileName), specifier);
    const stem = base.replace(/\.[cm]?jsx?$/, '');
    const names = [
      base,
      ...['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs'].map((end) => stem + end),
      `${base}/index.ts`,
    ];
    const file = names.find((name) => /\.(?:[cm]?[jt]sx?|json)$/.test(name) && existsSync(name));
    return file === undefined ? undefined : this.open(file);
  }

  /** A variable that is assigned to later has no one value. */
  #isGivenOnce(declaration: Declaration, name: string): boolean {
    let root: ts.Node = declaration;
    while (ts.isBindingElement(root) || ts.isObjectBindingPattern(root) || ts.isArrayBindingPattern(root))
      root = root.parent;
    if (!ts.isVariableDeclaration(root) && !ts.isParameter(root)) return true;
    if (ts.isVariableDeclaration(root) && (ts.getCombinedNodeFlags(root) & ts.NodeFlags.Const) !== 0) return true;
    return !this.#assignedIn(root.getSourceFile()).has(name);
  }

  #assignedIn(source: ts.SourceFile): ReadonlySet<string> {
    const known = this.#assigned.get(source);
    if (known) return known;
    const names = new Set<string>();
    const visit = (node: ts.Node): void => {
      if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind) && ts.isIdentifier(node.left))
        names.add(node.left.text);
      if ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && ts.isIdentifier(node.operand))
        names.add(node.operand.text);
      ts.forEachChild(node, visit);
    };
    visit(source);
    this.#assigned.set(source, names);
    return names;
  }
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) === true;
}

/** A name that a scope itself declares, not one further out or in. */
function declaredIn(scope: ts.Node, name: string): Declaration | undefined {
  if (ts.isSourceFile(scope) || ts.isBlock(scope) || ts.isModuleBlock(scope) || ts.isCaseOrDefaultClause(scope)) {
    for (const statement of scope.statements) {
      const found = declaredBy(statement, name);
      if (found) return found;
    }
    return undefined;
  }
  if (ts.isFunctionLike(scope)) {
    for (const parameter of scope.parameters) {
      const found = boundBy(parameter, name);
      if (found) return found;
    }
    return undefined;
  }
  if ((ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) && scope.initializer)
    return ts.isVariableDeclarationList(scope.initializer) ? inList(scope.initializer, name) : undefined;
  return undefined;
}

function declaredBy(statement: ts.Statement, name: string): Declaration | undefined {
  if (ts.isVariableStatement(statement)) return inList(statement.declarationList, name);
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement))
    return statement.name?.text === name ? statement : undefined;
  return undefined;
}

function inList({ declarations }: ts.VariableDeclarationList, name: string): Declaration | undefined {
  for (const declaration of declarations) {
    const found = boundBy(declaration, name);
    if (found) return found;
  }
  return undefined;
}

function boundBy(
  holder: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement,
  name: string,
): Declaration | undefined {
  if (ts.isIdentifier(holder.name)) return holder.name.text === name ? holder : undefined;
  for (const element of holder.name.elements) {
    const found = ts.isBindingElement(element) ? boundBy(element, name) : undefined;
    if (found) return found;
  }
  return undefined;
}
