/** Prints the interfaces: one file per group-version, so that an editor loads few files and no giant one. */
import type { KindBase } from '../../src/types/define-kind.ts';
import type { ObjectSchema, Schema } from '../../src/types/schema.ts';
import { declared, optionalUnions, parameters, tagRules, unionRules } from './input-rules.ts';
import type { Parameter } from './input-rules.ts';
import { parametersIn } from './inputs.ts';
import type { InputField, InputType, InputTypes } from './inputs.ts';
import type { CollectedType } from './types.ts';
import { stableName, unchangedTypes } from './unchanged-types.ts';

function split(typeName: string): { readonly groupVersion: string; readonly name: string } {
  const at = typeName.lastIndexOf('.');
  return { groupVersion: typeName.slice(0, at), name: typeName.slice(at + 1) };
}

/** `rbac.authorization.k8s.io/v1` -> `rbac-v1`, `v1` -> `core-v1`, `resource.k8s.io/v1beta1` -> `resource-v1beta1`. */
export function moduleName(groupVersion: string): string {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['core', groupVersion];
  return `${(group ?? '').split('.')[0] ?? ''}-${version ?? ''}`;
}

function namespaceName(groupVersion: string): string {
  return moduleName(groupVersion).replaceAll('-', '_');
}

const scalarTypes: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'number',
  int64: 'number',
  double: 'number',
  bytes: 'string',
  time: 'string',
  'micro-time': 'string',
  duration: 'string',
  quantity: 'Quantity',
  'int-or-string': 'IntOrString',
  json: 'JsonValue',
  'raw-object': 'JsonObject',
  'fields-v1': 'JsonObject',
};

const shared: Readonly<Record<string, string>> = {
  Quantity: "import type { Quantity } from '../../quantity.ts';",
  IntOrString: "import type { IntOrString } from '../../int-or-string.ts';",
  JsonValue: "import type { JsonValue } from '../../../shared/deep.ts';",
  JsonObject: "import type { JsonObject } from '../../../shared/deep.ts';",
  Embedded: "import type { Embedded } from '../../embedded.ts';",
};

const inputWords: readonly string[] = [
  'AddressLiteral',
  'AtMostOne',
  'ClusterObjectMetaInput',
  'Declared',
  'HostLiteral',
  'InMode',
  'ObjectMetaInput',
  'TemplateMetaInput',
  'FinishingTemplate',
  'OneOf',
  'PercentLiteral',
  'QuantityLiteral',
  'RangeLiteral',
  'Reference',
  'ScheduleLiteral',
  'SelectsPorts',
  'ServedPortName',
  'ServesPorts',
  'UnionMode',
  'WorkloadKind',
];
const literalWords: readonly string[] = inputWords.filter((word) => word.endsWith('Literal'));

function list(names: readonly string[]): string {
  return names.length === 0 ? '' : `<${names.join(', ')}>`;
}

function declaration(names: readonly Parameter[]): string {
  return list(names.map((name) => declared(name)));
}

class FilePrinter {
  readonly #words = new Set<string>();
  readonly #imports = new Set<string>();
  readonly #lines: string[] = [];
  constructor(
    readonly groupVersion: string,
    readonly kinds: ReadonlySet<string>,
    readonly inputs: InputTypes,
  ) {}

  typeText(schema: Schema): string {
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
    if (schema.type === 'array' && schema.items) {
      const item = this.typeText(schema.items);
      return `readonly ${item.includes('|') ? `(${item})` : item}[]`;
    }
    if (schema.type === 'map' && schema.items) return `{ readonly [key: string]: ${this.typeText(schema.items)} }`;
    if (schema.type === 'ref') return this.#reference(schema.ref ?? '');
    const text = scalarTypes[schema.type] ?? 'never';
    if (text in shared) this.#imports.add(shared[text] ?? '');
    return text;
  }

  #reference(typeName: string): string {
    const { groupVersion, name } = split(typeName);
    let text = name;
    if (groupVersion !== this.groupVersion) {
      const namespace = namespaceName(groupVersion);
      this.#imports.add(`import type * as ${namespace} from './${moduleName(groupVersion)}.gen.ts';`);
      text = `${namespace}.${name}`;
    }
    if (!this.kinds.has(typeName)) return text;
    this.#imports.add(shared['Embedded'] ?? '');
    return `Embedded<${text}>`;
  }

  comment(text: string | undefined, indent: string): void {
    if (!text) return;
    const lines = text.replaceAll('*/', '*\\/').split('\n');
    if (lines.length === 1) this.#lines.push(`${indent}/** ${lines[0] ?? ''} */`);
    else this.#lines.push(`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`);
  }

  print(typeName: string, { schema }: CollectedType, texts: Readonly<Record<string, string>>): void {
    const { name } = split(typeName);
    const input = this.inputs.get(typeName);
    // What people write is described once, where they write it: an editor reads every word of these files.
    if (!input) this.comment(texts[''], '');
    const own = input ? this.#ownFields(typeName, schema, input).left : [];
    const shared = Object.keys(schema.properties).filter((property) => !own.includes(property));
    // What is stored and what is written have an interface in common, which costs an editor less than an Omit.
    const inCommon = own.length > 0 && shared.length > 0;
    if (inCommon) {
      this.#lines.push(`interface ${name}Common {`);
      this.#storedFields(typeName, schema, shared, texts);
      this.#lines.push('}');
    }
    this.#lines.push(`export interface ${name}${inCommon ? ` extends ${name}Common` : ''} {`);
    this.#storedFields(typeName, schema, inCommon ? own : Object.keys(schema.properties), texts);
    this.#lines.push('}', '');
  }

  printAlias(typeName: string, stable: string): void {
    const { name } = split(typeName);
    this.#lines.push(`export type ${name} = ${this.#reference(stable)};`);
    const input = this.inputs.get(typeName);
    if (input) {
      const start = this.#lines.length;
      this.#lines.push(`export type ${name}Input${declaration(input.parameters)} = ${this.#inputReference(stable)};`);
      this.#importWords(start);
    }
    this.#lines.push('');
  }

  #storedFields(
    typeName: string,
    schema: ObjectSchema,
    properties: readonly string[],
    texts: Readonly<Record<string, string>>,
  ): void {
    const { groupVersion, name } = split(typeName);
    const isKind = this.kinds.has(typeName);
    const input = this.inputs.get(typeName);
    for (const property of properties) {
      const child = schema.properties[property];
      if (!child) continue;
      const said = (input?.fields.has(property) ?? false) || (isKind && /^(apiVersion|kind)$/.test(property));
      if (!said) this.comment(texts[property], '  ');
      const key = /^[A-Za-z_]\w*$/.test(property) ? property : JSON.stringify(property);
      if (isKind && property === 'apiVersion')
        this.#lines.push(`  readonly apiVersion: ${JSON.stringify(groupVersion)};`);
      else if (isKind && property === 'kind') this.#lines.push(`  readonly kind: ${JSON.stringify(name)};`);
      else if (isKind && property === 'metadata') this.#lines.push(`  readonly metadata: ${this.typeText(child)};`);
      else {
        const required = schema.required?.includes(property) ?? false;
        this.#lines.push(
          `  readonly ${key}${required ? '' : '?'}: ${this.typeText(child)}${required ? '' : ' | undefined'};`,
        );
      }
    }
  }

  #inputReference(typeName: string): string {
    const { groupVersion, name } = split(typeName);
    const input = this.inputs.get(typeName);
    const own = input ? `${name}Input${list(input.parameters)}` : name;
    if (groupVersion === this.groupVersion) return own;
    const namespace = namespaceName(groupVersion);
    this.#imports.add(`import type * as ${namespace} from './${moduleName(groupVersion)}.gen.ts';`);
    return `${namespace}.${own}`;
  }

  /** A claim template is a volume; its apiVersion and kind go without saying. */
  #claimReference(): string {
    const spec = this.#inputReference('v1.PersistentVolumeClaimSpec');
    const claim = this.#inputReference('v1.PersistentVolumeClaim').replace(/Input<.*$/, '');
    return `(Omit<Embedded<${claim}>, "metadata" | "spec"> & { readonly metadata: Omit<ObjectMetaInput, "name"> & { readonly name: VolumeName }; readonly spec?: ${spec} | undefined })`;
  }

  /** Of an input type's parameters those that some of its fields need. */
  #parametersOf(fields: Iterable<InputField | undefined>): readonly Parameter[] {
    const used = new Set(
      [...fields].flatMap((field) => [
        ...parametersIn(field?.text ?? '', (typeName) => this.inputs.get(typeName)?.parameters ?? []),
      ]),
    );
    return parameters.filter((name) => used.has(name));
  }

  #fieldText({ text }: InputField): string {
    return text.replaceAll(/\{([\w./]+)\}/g, (_, name: string) => {
      if (name === 'claim') return this.#claimReference();
      // An object inside another one needs no identity.
      if (this.kinds.has(name)) {
        this.#imports.add(shared['Embedded'] ?? '');
        return `Embedded<${this.#inputReference(name).replace(/Input(<.*>)?$/, '')}>`;
      }
      return this.#inputReference(name);
    });
  }

  #fieldLines(fields: Iterable<readonly [string, InputField]>, texts: Readonly<Record<string, string>>): void {
    for (const [property, field] of fields) {
      this.comment(texts[property], '  ');
      const mark = field.required ? '' : '?';
      this.#lines.push(
        `  readonly ${property}${mark}: ${this.#fieldText(field)}${field.required ? '' : ' | undefined'};`,
      );
    }
  }

  /** Fields that a union or a tag is about, those that an input type says itself, and those that it has otherwise than its stored form. */
  #ownFields(
    typeName: string,
    schema: ObjectSchema,
    input: InputType,
  ): {
    readonly chosen: readonly string[];
    readonly beside: ReadonlyMap<string, InputField>;
    readonly left: readonly string[];
  } {
    const union = unionRules[typeName];
    const tag = tagRules[typeName];
    const chosen = union
      ? union.fields === 'all'
        ? Object.keys(schema.properties).filter((field) => !union.beside?.includes(field))
        : union.fields
      : tag
        ? [tag.tag, ...Object.values(tag.arms).flatMap((fields) => fields.map((field) => field.replace('?', '')))]
        : [];
    const identity = this.kinds.has(typeName) ? ['apiVersion', 'kind'] : [];
    const beside = new Map([...input.fields].filter(([field]) => !tag || !chosen.includes(field)));
    return { chosen, beside, left: [...new Set([...identity, ...beside.keys(), ...(tag ? chosen : [])])] };
  }

  /** What a builder takes for the type, beside what is stored. */
  printInput(
    typeName: string,
    { schema }: CollectedType,
    input: InputType,
    texts: Readonly<Record<string, string>>,
  ): void {
    const { name } = split(typeName);
    const start = this.#lines.length;
    const union = unionRules[typeName];
    const tag = tagRules[typeName];
    const isKind = this.kinds.has(typeName);
    const { chosen, beside, left } = this.#ownFields(typeName, schema, input);
    const shared = Object.keys(schema.properties).some((field) => !left.includes(field));
    const base = shared ? ` extends ${left.length === 0 ? name : `${name}Common`}` : '';
    const plain = chosen.length === 0;
    const own = this.#parametersOf(beside.values());
    this.comment(texts[''], '');
    this.#lines.push(`export interface ${name}${plain ? 'Input' : 'Fields'}${declaration(own)}${base} {`);
    if (isKind)
      this.#lines.push(`  readonly apiVersion?: ${name}["apiVersion"];`, `  readonly kind?: ${name}["kind"];`);
    this.#fieldLines(beside, texts);
    this.#lines.push('}', '');
    const fields = `${name}Fields${list(own)}`;
    if (union) this.#printUnion(typeName, input, chosen, fields);
    if (tag) this.#printTagged(typeName, { schema }, input, fields);
    this.#importWords(start);
  }

  #memberOf(schema: Schema | undefined, field: string, input: InputType): string {
    const own = input.fields.get(field);
    return own ? this.#fieldText(own) : schema ? this.typeText(schema) : 'never';
  }

  #printUnion(typeName: string, input: InputType, chosen: readonly string[], fields: string): void {
    const { name } = split(typeName);
    const union = unionRules[typeName];
    const word = union?.none === true ? 'AtMostOne' : 'OneOf';
    const keys = chosen.map((field) => JSON.stringify(field)).join(' | ');
    const rule = `${word}<${keys}, ${JSON.stringify(union?.rule)}>`;
    const checked = optionalUnions.has(typeName) ? `InMode<Unions, ${rule}>` : rule;
    this.#lines.push(`export type ${name}Input${declaration(input.parameters)} = ${fields} & ${checked};`, '');
  }

  #printTagged(typeName: string, { schema }: CollectedType, input: InputType, fields: string): void {
    const { name } = split(typeName);
    const tag = tagRules[typeName];
    if (!tag) return;
    const all = [...new Set(Object.values(tag.arms).flatMap((own) => own.map((field) => field.replace('?', ''))))];
    const arms = Object.entries(tag.arms).map(([value, own]) => {
      const mark = value === tag.preset ? '?' : '';
      const parts = [`readonly ${tag.tag}${mark}: ${JSON.stringify(value)}${mark ? ' | undefined' : ''}`];
      for (const field of all) {
        const text = this.#memberOf(schema.properties[field], field, input);
        if (own.includes(field)) parts.push(`readonly ${field}: ${text}`);
        else parts.push(`readonly ${field}?: ${own.includes(`${field}?`) ? `${text} | undefined` : 'undefined'}`);
      }
      return `  | { ${parts.join('; ')} }`;
    });
    this.#lines.push(`export type ${name}Input${declaration(input.parameters)} = ${fields} & (`, ...arms, ');', '');
  }

  #importWords(start: number): void {
    const text = this.#lines.slice(start).join('\n');
    const used = inputWords.filter((word) => new RegExp(`\\b${word}\\b(?!\\w|["'])`).test(text));
    for (const word of used) this.#words.add(word);
    if (/\bEmbedded</.test(text)) this.#imports.add(shared['Embedded'] ?? '');
  }

  text(): string {
    for (const [file, own] of [
      ['input-types', [...this.#words].filter((word) => !literalWords.includes(word))],
      ['literal-types', [...this.#words].filter((word) => literalWords.includes(word))],
    ] as const)
      if (own.length > 0)
        this.#imports.add(`import type { ${own.sort().join(', ')} } from '../../builder/${file}.ts';`);
    const header = '// Generated by scripts/generate-kinds.ts. Facts of Kubernetes 1.36 (Apache-2.0), see NOTICE.';
    return [header, ...[...this.#imports].sort(), '', ...this.#lines].join('\n');
  }
}

export function interfaceFiles(
  types: ReadonlyMap<string, CollectedType>,
  descriptions: ReadonlyMap<string, Readonly<Record<string, string>>>,
  kinds: readonly KindBase[],
  inputs: InputTypes,
): ReadonlyMap<string, string> {
  const kindTypes = new Set(kinds.map((kind) => kind.typeName));
  const unchanged = unchangedTypes(types, kindTypes, inputs);
  const printers = new Map<string, FilePrinter>();
  for (const [typeName, type] of types) {
    const { groupVersion } = split(typeName);
    let printer = printers.get(groupVersion);
    if (!printer) printers.set(groupVersion, (printer = new FilePrinter(groupVersion, kindTypes, inputs)));
    if (unchanged.has(typeName)) {
      printer.printAlias(typeName, stableName(typeName));
      continue;
    }
    const texts = types.has(stableName(typeName)) ? {} : (descriptions.get(typeName) ?? {});
    printer.print(typeName, type, texts);
    const input = inputs.get(typeName);
    if (input) printer.printInput(typeName, type, input, texts);
  }
  return new Map(
    [...printers].map(([groupVersion, printer]) => [`${moduleName(groupVersion)}.gen.ts`, printer.text()]),
  );
}
