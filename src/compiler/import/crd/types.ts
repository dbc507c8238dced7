/** JSON schema of a custom resource -> TypeScript types. Whatever the schema leaves open stays open; nothing is dropped. */
import { isRecord } from '../../../shared/deep.ts';
import type { Json } from '../imported-object.ts';
import { keyLiteral, numberLiteral, textLiteral } from '../literals.ts';
import { pascalCase } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { docComment } from './doc-comment.ts';
import { alternativesOf, unionText } from './alternatives.ts';
import { printWidth } from '../code.ts';

const anything = 'unknown';
const anyObject = '{ readonly [key: string]: unknown }';
/** Schemas of the API server end at this depth at the latest; what is deeper is left open. */
const deepest = 100;

export function record(value: unknown): Json | undefined {
  return isRecord(value) ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a type is an intersection itself, and not only something in it. */
function isIntersection(type: string): boolean {
  let depth = 0;
  for (const part of type.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, '').split(/(?= & |[{}()[\]])/)) {
    if (depth === 0 && part.startsWith(' & ')) return true;
    if (/^[{([]/.test(part)) depth += 1;
    else if (/^[})\]]/.test(part)) depth -= 1;
  }
  return false;
}

/** `a | b`, each once. */
function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  if (all.includes(anything)) return anything;
  return all.map((type) => (all.length > 1 && isIntersection(type) ? `(${type})` : type)).join(' | ');
}

/** As the item of an array. */
function inBrackets(type: string): string {
  return /^readonly | [|&] /.test(type) && !/^\{.*\}$/.test(type) ? `(${type})` : type;
}

/** Lists of texts that are longer than this get a name of their own. */
const longEnum = 70;

function literalType(value: unknown): string | undefined {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value === 'number') return numberLiteral(value);
  return typeof value === 'boolean' || value === null ? String(value) : undefined;
}

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** `conditions` -> `condition`, for the name of the items' type. */
function singular(name: string): string {
  if (/ies$/.test(name)) return name.replace(/ies$/, 'y');
  return /[^s]s$/.test(name) ? name.slice(0, -1) : name;
}

/** Whether a branch of a union stands for texts, numbers or lists. */
function isOtherThanObject(branch: unknown): boolean {
  return isRecord(branch) && branch['type'] !== undefined && branch['type'] !== 'object';
}

export interface Property {
  readonly schema: Json;
  readonly required: boolean;
}

/** Own properties, and those that only the branches of oneOf, anyOf and allOf declare. */
export function propertiesOf(schema: Json): ReadonlyMap<string, Property> {
  const required = new Set(list(schema['required']));
  const properties = new Map<string, Property>();
  for (const [name, value] of Object.entries(record(schema['properties']) ?? {}))
    properties.set(name, { schema: record(value) ?? {}, required: required.has(name) });
  for (const part of ['allOf', 'oneOf', 'anyOf']) {
    for (const branch of list(schema[part])) {
      for (const [name, value] of isRecord(branch) ? propertiesOf(branch) : []) {
        const always = required.has(name) || (part === 'allOf' && value.required);
        if (!properties.has(name)) properties.set(name, { schema: value.schema, required: always });
      }
    }
  }
  return properties;
}

/** Declares the types of one file. Equal shapes are declared once. */
export class TypeDeclarations {
  readonly #scope: Scope;
  readonly #byShape = new Map<string, string>();
  readonly #texts: string[] = [];
  readonly imports = new Set<string>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get text(): string {
    return this.#texts.join('\n');
  }

  uses(name: string): string {
    this.imports.add(name);
    return name;
  }

  add(text: string): void {
    this.#texts.push(text);
  }

  /** The type of a value; `path` names it, from the kind on. */
  typeOf(schema: Json, path: readonly string[]): string {
    const type = path.length > deepest ? anything : this.#plainType(schema, path);
    const isSaid = schema['nullable'] !== true || type === anything || / \| null$|^null$/.test(type);
    return isSaid ? type : union([type, 'null']);
  }

  #plainType(schema: Json, path: readonly string[]): string {
    const values = schema['enum'];
    if (Array.isArray(values) && values.length > 0) {
      const literals = values.map(literalType);
      if (literals.every((literal) => literal !== undefined)) return this.#enumType(literals, path);
    }
    if (schema['x-kubernetes-int-or-string'] === true || schema['format'] === 'int-or-string')
      return this.uses('IntOrString');
    const { type } = schema;
    const branches = [...list(schema['oneOf']), ...list(schema['anyOf'])];
    if (type === undefined && branches.some(isOtherThanObject)) return this.#branchType(branches, path);
    if (Array.isArray(type)) return union(type.map((one) => this.#plainType({ ...schema, type: one }, path)));
    if (typeof type === 'string' && type in scalars) return scalars[type] ?? anything;
    if (type === 'array') return this.#arrayType(schema, path);
    const properties = propertiesOf(schema);
    if (type === 'object' || properties.size > 0 || isRecord(schema['additionalProperties']))
      return this.#objectType(schema, properties, path);
    return this.#branchType(branches, path);
  }

  #enumType(literals: readonly string[], path: readonly string[]): string {
    const line = union(literals);
    if (line.length <= longEnum) return line;
    const known = this.#byShape.get(line);
    if (known !== undefined) return known;
    const name = this.#scope.take(nameCandidates(path));
    this.#byShape.set(line, name);
    const whole = `export type ${name} = ${line};\n`;
    this.#texts.push(
      whole.length <= printWidth + 1 ? whole : `export type ${name} =\n  | ${[...new Set(literals)].join('\n  | ')};\n`,
    );
    return name;
  }

  #arrayType(schema: Json, path: readonly string[]): string {
    const items = record(schema['items']);
    const last = path.at(-1) ?? 'Item';
    const item = items ? this.typeOf(items, [...path.slice(0, -1), singular(last)]) : anything;
    return `readonly ${inBrackets(item)}[]`;
  }

  /** Without a type of its own, a value is what one of its branches says. */
  #branchType(branches: readonly unknown[], path: readonly string[]): string {
    if (branches.length === 0) return anything;
    return union(branches.map((branch) => (isRecord(branch) ? this.typeOf(branch, path) : anything)));
  }

  #objectType(schema: Json, properties: ReadonlyMap<string, Property>, path: readonly string[]): string {
    const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
    const embedded = schema['x-kubernetes-embedded-resource'] === true;
    const more = schema['additionalProperties'];
    if (properties.size === 0) {
      if (embedded) return `${this.uses('KubeObject')} & ${anyObject}`;
      // Nested metadata without properties is what generators write for ObjectMeta.
      if (path.at(-1) === 'metadata' && !isRecord(more))
        return open ? `${this.uses('ObjectMeta')} & ${anyObject}` : this.uses('ObjectMeta');
      return isRecord(more) && !open ? this.#mapType(more, path) : anyObject;
    }
    const name = this.#declare(schema, properties, path, open || (more !== undefined && more !== false));
    return embedded ? `${this.uses('KubeObject')} & ${name}` : name;
  }

  #mapType(values: Json, path: readonly string[]): string {
    const last = path.at(-1) ?? 'Value';
    return `{ readonly [key: string]: ${this.typeOf(values, [...path.slice(0, -1), singular(last)])} }`;
  }

  /** Declares an interface for an object, or answers the one that has the same shape. */
  #declare(schema: Json, properties: ReadonlyMap<string, Property>, path: readonly string[], open: boolean): string {
    const shape = JSON.stringify(schema);
    const known = this.#byShape.get(shape);
    if (known !== undefined) return known;
    const name = this.#scope.take(nameCandidates(path));
    this.#byShape.set(shape, name);
    const at = this.#texts.length;
    const members = this.membersText(properties, path, open);
    const alternatives = alternativesOf(schema, properties, (property) =>
      this.typeOf(properties.get(property)?.schema ?? {}, [...path, property]),
    );
    const comment = docComment(schema, '');
    const base = alternatives.length === 0 ? name : this.#scope.take([`${name}Fields`]);
    const text =
      alternatives.length === 0
        ? `${comment}export interface ${name} {\n${members}}\n`
        : `export interface ${base} {\n${members}}\n${comment}${unionText(`export type ${name} = ${base} &`, alternatives)}`;
    // The whole stands before its parts.
    this.#texts.splice(at, 0, text);
    return name;
  }

  membersText(properties: ReadonlyMap<string, Property>, path: readonly string[], open: boolean): string {
    const lines = [...properties].map(([name, { schema, required }]) => {
      // Every object has a `toString`, which the type must not refuse.
      const type = !required && name in Object.prototype ? anything : this.typeOf(schema, [...path, name]);
      const optional = !required && type !== anything ? union([type, 'undefined']) : type;
      const key = `  readonly ${keyLiteral(name)}${required ? '' : '?'}:`;
      const isLong = `${key} ${optional};`.length > printWidth && optional.endsWith(' | undefined');
      return `${docComment(schema, '  ')}${key}${isLong ? '\n    ' : ' '}${optional};\n`;
    });
    // What the schema keeps without knowing it.
    return lines.join('') + (open ? '  readonly [key: string]: unknown;\n' : '');
  }
}

/** `CertificateIssuerRef`, and with more of the path where that is taken. */
function nameCandidates(path: readonly string[]): readonly string[] {
  const parts = path.map(pascalCase).filter((part) => part !== '');
  const [kind = 'Resource', ...rest] = parts;
  const short = rest.length > 1 && rest[0] === 'Spec' ? rest.slice(1) : rest;
  const candidates: string[] = [];
  for (let length = Math.min(1, short.length); length <= short.length; length++)
    candidates.push(kind + short.slice(short.length - length).join(''));
  return [...candidates, kind + rest.join('')];
}
