/**
 * Says a program of builders in the words of other packages: what a handle stands for is written out, as their users write
 * it. Only what the programs of test/types/mistakes are made of is understood: constants that builders make.
 */
import ts from 'typescript';
import { builderName } from '../../src/types/builder-name.ts';
import { referenceFields } from '../../src/types/builder/reference-fields.ts';
import type { ReferenceField } from '../../src/types/builder/reference-fields.ts';
import type { KindBase } from '../../src/types/define-kind.ts';
import { kindBases } from '../../src/types/registry.ts';
import { builtInSchemas } from '../../src/types/schema-table.ts';
import type { Schema } from '../../src/types/schema.ts';

/** How another package is written. */
export interface Dialect {
  /** The lines before the program, given the kinds that it uses. */
  head(kinds: readonly KindBase[]): string;
  /** An object of a kind, given the text of its fields; `index` is of use where objects have ids. */
  object(kind: KindBase, fields: string, index: number): string;
  /** The name of a field of a type. */
  field?(name: string): string;
  /** A value of a field of a type, where such values are wrapped. */
  value?(text: string, type: Schema['type']): string;
}

interface Built {
  readonly kind: KindBase;
  readonly fields: ts.ObjectLiteralExpression;
}

const kindsByBuilder = new Map([...kindBases().values()].map((kind) => [builderName(kind), kind]));

function builtBy(node: ts.Node | undefined): Built | undefined {
  if (!node || !ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const [fields] = node.arguments;
  const kind = kindsByBuilder.get(node.expression.name.text);
  const isBuilder = ts.isIdentifier(node.expression.expression) && node.expression.expression.text === 'k';
  return isBuilder && kind && fields && ts.isObjectLiteralExpression(fields) ? { kind, fields } : undefined;
}

function propertyOf(node: ts.Node | undefined, ...path: readonly string[]): ts.Expression | undefined {
  let found: ts.Node | undefined = node;
  for (const step of path) {
    if (!found || !ts.isObjectLiteralExpression(found)) return undefined;
    const property = found.properties.find((one) => one.name !== undefined && nameText(one.name) === step);
    found = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  }
  return found && ts.isExpression(found) ? found : undefined;
}

function nameText(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : name.getText();
}

/** Where a value stands. */
interface Position {
  readonly owner: KindBase;
  readonly field: string;
  /** The field that the holding object stands in. */
  readonly under: string;
  readonly schema: Schema | undefined;
}

/** What a handle says of its object, by the name of the method. */
const methods: Readonly<Record<string, (name: string, kind: string, words: string) => string>> = {
  key: (name, kind, words) =>
    `{ ${kind === 'Secret' ? 'secret' : 'configMap'}KeyRef: { name: ${name}, key: ${words} } }`,
  ref: (name) => `{ name: ${name} }`,
  volume: (name, kind) => (kind === 'Secret' ? `{ secretName: ${name} }` : `{ claimName: ${name} }`),
  port: (_name, _kind, words) => words,
};

class Translation {
  readonly #constants = new Map<string, Built>();
  readonly #used = new Map<string, KindBase>();
  #count = 0;

  constructor(
    readonly source: ts.SourceFile,
    readonly dialect: Dialect,
  ) {}

  text(): string {
    const lines = this.source.statements.flatMap((statement): readonly string[] => {
      if (ts.isImportDeclaration(statement)) return [];
      if (ts.isExportAssignment(statement)) return [`export default ${this.#plain(statement.expression)};`];
      if (!ts.isVariableStatement(statement)) throw new Error(`unknown statement: ${statement.getText()}`);
      return statement.declarationList.declarations.map((one) => this.#constant(one));
    });
    return `${this.dialect.head([...this.#used.values()])}\n${lines.join('\n')}\n`;
  }

  #constant({ name, initializer }: ts.VariableDeclaration): string {
    const built = builtBy(initializer);
    if (!built || !initializer) throw new Error(`a constant that no builder makes: ${name.getText()}`);
    const text = `export const ${name.getText()} = ${this.#plain(initializer)};`;
    this.#constants.set(name.getText(), built);
    return text;
  }

  /** What stands outside of objects: builders' calls, and lists of their results. */
  #plain(node: ts.Expression): string {
    const built = builtBy(node);
    if (ts.isArrayLiteralExpression(node)) return `[${node.elements.map((one) => this.#plain(one)).join(', ')}]`;
    if (!built) return node.getText();
    this.#used.set(built.kind.typeName, built.kind);
    this.#count += 1;
    const schema: Schema = { type: 'ref', ref: built.kind.typeName };
    const fields = this.#fields(built.fields, { owner: built.kind, field: '', under: '', schema });
    return this.dialect.object(built.kind, fields, this.#count);
  }

  #fields(node: ts.ObjectLiteralExpression, at: Position): string {
    const properties =
      at.schema?.ref === undefined ? at.schema?.properties : builtInSchemas.resolve(at.schema.ref).properties;
    return node.properties
      .map((property) => {
        if (!ts.isPropertyAssignment(property)) throw new Error(`unknown property: ${property.getText()}`);
        const name = nameText(property.name);
        const known = at.schema?.type === 'map' ? undefined : properties?.[name];
        const schema = at.schema?.type === 'map' ? at.schema.items : known;
        const written = known && this.dialect.field ? this.dialect.field(name) : property.name.getText();
        const value = this.#value(property.initializer, { ...at, field: name, under: at.field, schema });
        return `${written}: ${value}`;
      })
      .join(', ');
  }

  #value(node: ts.Expression, at: Position): string {
    if (ts.isObjectLiteralExpression(node)) return `{ ${this.#fields(node, at)} }`;
    if (ts.isArrayLiteralExpression(node))
      return `[${node.elements.map((one) => this.#value(one, { ...at, schema: at.schema?.items })).join(', ')}]`;
    const handle = this.#handle(node, at);
    if (handle !== undefined) return handle;
    return this.dialect.value && at.schema ? this.dialect.value(node.getText(), at.schema.type) : node.getText();
  }

  #handle(node: ts.Expression, at: Position): string | undefined {
    if (ts.isIdentifier(node)) {
      const built = this.#constants.get(node.text);
      return built && this.#reference(built, at);
    }
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
    const built = this.#constants.get(node.expression.expression.getText());
    if (!built) return undefined;
    const words = node.arguments.map((one) => one.getText()).join(', ');
    const method = methods[node.expression.name.text];
    if (!method) throw new Error(`no words for ${node.getText()}`);
    return method(this.#name(built), built.kind.kind, words);
  }

  #name({ fields }: Built): string {
    return propertyOf(fields, 'metadata', 'name')?.getText() ?? "''";
  }

  /** Whatever has no pods is named as if it had. */
  #labels(built: Built): string {
    const labels =
      propertyOf(built.fields, 'spec', 'selector', 'matchLabels') ??
      propertyOf(built.fields, 'spec', 'template', 'metadata', 'labels');
    return labels?.getText() ?? `{ app: ${this.#name(built)} }`;
  }

  #namespace({ fields }: Built): string {
    const namespace = propertyOf(fields, 'metadata', 'namespace');
    if (!namespace) return '';
    const own = this.#constants.get(namespace.getText());
    return `, namespace: ${own ? this.#name(own) : namespace.getText()}`;
  }

  #reference(built: Built, { owner, field, under }: Position): string {
    const row = referenceFields.find(
      (one) => one.field === field && (one.under?.includes(under) ?? true) && (one.of?.includes(owner.kind) ?? true),
    );
    if (!row) throw new Error(`no reference of ${owner.kind} stands in ${under}.${field}`);
    const { apiVersion, kind } = built.kind;
    const name = this.#name(built);
    const forms: Readonly<Record<ReferenceField['form'], () => string>> = {
      name: () => name,
      local: () => `{ name: ${name} }`,
      object: () => `{ apiVersion: '${apiVersion}', kind: '${kind}', name: ${name} }`,
      role: () => `{ apiGroup: 'rbac.authorization.k8s.io', kind: '${kind}', name: ${name} }`,
      subject: () => `{ kind: '${kind}', name: ${name}${this.#namespace(built)} }`,
      labels: () => this.#labels(built),
      selector: () => `{ matchLabels: ${this.#labels(built)} }`,
      'namespace-selector': () => `{ matchLabels: { 'kubernetes.io/metadata.name': ${name} } }`,
    };
    return forms[row.form]();
  }
}

/** @throws Error for a program that is written in other ways than the programs of the table */
export function inDialect(program: string, dialect: Dialect): string {
  const source = ts.createSourceFile('program.ts', program, ts.ScriptTarget.ES2022, true);
  return new Translation(source, dialect).text();
}
