/** Descriptions, types, defaults and values of a field, from the schema that validation uses. */
import { nearest } from '../compiler/nearest.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import { builtInKinds } from '../types/kinds/index.ts';
import { descriptionsText } from '../types/kinds/generated/descriptions.gen.ts';
import { Registry } from '../types/registry.ts';
import { resolveSchema } from '../types/schema.ts';
import type { Schema } from '../types/schema.ts';
import { builtInSchemas } from '../types/schema-table.ts';

export class UnknownKind extends Error {}
export class UnknownField extends Error {}

type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const width = 80;

function wrapped(text: string, indent: string): string {
  let lines = '';
  for (const paragraph of text.split(/\n| {2,}/)) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && indent.length + line.length + 1 + word.length > width) {
        lines += `${indent}${line}\n`;
        line = word;
      } else line += line === '' ? word : ` ${word}`;
    }
    lines += `${indent}${line}\n`;
  }
  return lines;
}

function shortName(ref: string): string {
  return ref.slice(ref.lastIndexOf('.') + 1);
}

const scalarNames: Readonly<Record<string, string>> = {
  int32: 'integer',
  int64: 'integer',
  double: 'number',
  bytes: 'string (base64)',
  time: 'string (RFC 3339)',
  'micro-time': 'string (RFC 3339, microseconds)',
  duration: 'string (duration)',
  quantity: 'Quantity (string or number)',
  'int-or-string': 'IntOrString',
  json: 'any value',
  'raw-object': 'Object',
  'fields-v1': 'Object',
};

function typeName(schema: Schema): string {
  switch (schema.type) {
    case 'ref':
      return `<${shortName(schema.ref ?? 'Object')}>`;
    case 'array':
      return `<[]${typeName(schema.items ?? { type: 'json' }).slice(1)}`;
    case 'map':
      return `<map[string]${typeName(schema.items ?? { type: 'json' }).slice(1)}`;
    case 'object':
      return '<Object>';
    default:
      return `<${scalarNames[schema.type] ?? schema.type}>`;
  }
}

/** The type below lists and maps. */
function innerOf(schema: Schema): Schema {
  if ((schema.type === 'array' || schema.type === 'map') && schema.items) return innerOf(schema.items);
  return schema;
}

function kindOf(word: string, apiVersion: string | undefined): KindDefinition {
  const registry = new Registry(builtInKinds);
  const all = [...registry.all()];
  const found = registry.named(word);
  const wanted = apiVersion === undefined ? found : found.filter((kind) => kind.apiVersion === apiVersion);
  // Of several versions the newest stable one is meant, as the registry lists it last.
  const kind = wanted.find(({ version }) => !/alpha|beta/.test(version) && !isOlder(found, version)) ?? wanted[0];
  if (kind) return kind;
  if (found.length > 0)
    throw new UnknownKind(
      `${word} is in ${found.map((one) => one.apiVersion).join(', ')}, not in ${String(apiVersion)}`,
    );
  const similar = nearest(
    word.toLowerCase(),
    all.flatMap(({ plural, singular }) => [singular, plural]),
  );
  throw new UnknownKind(`there is no kind ${word}${similar === undefined ? '' : `; did you mean ${similar}?`}`);
}

function isOlder(kinds: readonly KindDefinition[], version: string): boolean {
  return kinds.some(
    (other) => /^v\d+$/.test(other.version) && Number(other.version.slice(1)) > Number(version.replace(/\D/g, '')),
  );
}

function limitsText(schema: Schema): string {
  const { pattern, minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const known = Object.entries({ pattern, minimum, maximum, minLength, maxLength, minItems, maxItems });
  return known.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${String(value)}`])).join(', ');
}

export class Explanation {
  readonly #kind: KindDefinition;
  readonly #path: readonly string[];
  readonly #descriptions: Descriptions;
  /** The field itself; undefined for the kind as a whole. */
  readonly #field: Schema | undefined;
  readonly #description: string;

  /**
   * @throws UnknownKind
   * @throws UnknownField
   */
  constructor([word = '', ...path]: readonly string[], apiVersion: string | undefined) {
    this.#kind = kindOf(word, apiVersion);
    this.#path = path.map((step) => step.replace(/\[.*\]$/, ''));
    const descriptions: Descriptions = JSON.parse(descriptionsText);
    this.#descriptions = descriptions;
    let holder = this.#kind.typeName;
    let field: Schema | undefined;
    let description = descriptions[holder]?.[''] ?? '';
    for (const [index, step] of this.#path.entries()) {
      const fields = this.#fieldsOf(field ?? { type: 'ref', ref: this.#kind.typeName });
      field = Object.hasOwn(fields, step) ? fields[step] : undefined;
      if (!field) throw this.#unknown(step, index, Object.keys(fields));
      description = descriptions[holder]?.[step] ?? '';
      holder = innerOf(field).ref ?? '';
    }
    this.#field = field;
    this.#description = description;
  }

  #unknown(step: string, index: number, fields: readonly string[]): UnknownField {
    const place = [this.#kind.kind, ...this.#path.slice(0, index)].join('.');
    const similar = nearest(step, fields);
    const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
    if (fields.length === 0) return new UnknownField(`${place} has no fields of its own, so there is no ${step} in it`);
    return new UnknownField(`${place} has no field ${step}${hint}`);
  }

  #fieldsOf(schema: Schema): Readonly<Record<string, Schema>> {
    return resolveSchema(innerOf(schema), builtInSchemas).properties ?? {};
  }

  get #schema(): Schema {
    return this.#field ?? { type: 'ref', ref: this.#kind.typeName };
  }

  text(): string {
    const { group, kind, version } = this.#kind;
    const schema = this.#schema;
    const name = this.#path.at(-1);
    const head = [
      ...(group === '' ? [] : [`GROUP:      ${group}`]),
      `KIND:       ${kind}`,
      `VERSION:    ${version}`,
      '',
      ...(name === undefined ? [] : [`FIELD: ${name} ${typeName(schema)}`, '']),
    ];
    return [
      `${head.join('\n')}\n`,
      this.#valuesText(schema),
      this.#description === '' ? '' : `DESCRIPTION:\n${wrapped(this.#description, '    ')}\n`,
      this.#fieldsText(schema),
    ].join('');
  }

  #valuesText(schema: Schema): string {
    const inner = resolveSchema(innerOf(schema), builtInSchemas);
    const values = inner.enum ?? [];
    const limits = limitsText(schema);
    const parts = [
      ...(values.length === 0
        ? []
        : [`ENUM:\n${values.map((value) => `    ${value === '' ? '""' : value}\n`).join('')}`]),
      ...(schema.default === undefined ? [] : [`DEFAULT:\n    ${JSON.stringify(schema.default)}\n`]),
      ...(limits === '' ? [] : [`LIMITS:\n    ${limits}\n`]),
    ];
    return parts.map((part) => `${part}\n`).join('');
  }

  #fieldsText(schema: Schema): string {
    const inner = resolveSchema(innerOf(schema), builtInSchemas);
    const fields = Object.entries(this.#fieldsOf(schema));
    if (fields.length === 0) return '';
    const holder = innerOf(schema).ref ?? '';
    const texts = fields.map(([name, field]) => {
      const required = inner.required?.includes(name) === true ? ' -required-' : '';
      const values = innerOf(field).enum;
      const choice = values ? `    enum: ${values.map((value) => value || '""').join(', ')}\n` : '';
      const initial = field.default === undefined ? '' : `    default: ${JSON.stringify(field.default)}\n`;
      const description = this.#descriptions[holder]?.[name] ?? '';
      return `  ${name}\t${typeName(field)}${required}\n${choice}${initial}${description === '' ? '' : wrapped(description, '    ')}\n`;
    });
    return `FIELDS:\n${texts.join('')}`;
  }

  /** Names and types of everything below. A type inside itself is not entered again. */
  tree(): string {
    const lines: string[] = [];
    const walk = (schema: Schema, indent: string, entered: readonly string[]): void => {
      for (const [name, field] of Object.entries(this.#fieldsOf(schema))) {
        lines.push(`${indent}${name}\t${typeName(field)}`);
        const { ref } = innerOf(field);
        if (ref === undefined || !entered.includes(ref))
          walk(field, `${indent}  `, ref === undefined ? entered : [...entered, ref]);
      }
    };
    walk(this.#schema, '', [innerOf(this.#schema).ref ?? '']);
    return `${lines.join('\n')}\n`;
  }
}
