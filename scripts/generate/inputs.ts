/**
 * Plans the input types: what a builder takes where that differs from what is stored. Types that differ from their
 * stored form nowhere have none.
 */
import type { KindBase } from '../../src/types/define-kind.ts';
import { referenceFields } from '../../src/types/builder/reference-fields.ts';
import type { ReferenceField } from '../../src/types/builder/reference-fields.ts';
import type { ObjectSchema, Schema } from '../../src/types/schema.ts';
import { builderName } from '../../src/types/builder-name.ts';
import { fieldRules, hasDnsName, optionalUnions, parameters, unionRules, tagRules } from './input-rules.ts';
import type { FieldRule, Parameter } from './input-rules.ts';
import type { CollectedType } from './types.ts';

export interface InputField {
  /** `{type name}` stands for an input type. */
  readonly text: string;
  readonly required: boolean;
}
export interface InputType {
  readonly fields: ReadonlyMap<string, InputField>;
  readonly parameters: readonly Parameter[];
}
export type InputTypes = ReadonlyMap<string, InputType>;

const placeholder = /\{([\w./]+)\}/g;

/** The parameters that a text names itself, and those of the types that it refers to. */
export function parametersIn(text: string, parametersOf: (typeName: string) => Iterable<Parameter>): Set<Parameter> {
  const found = new Set<Parameter>(parameters.filter((name) => new RegExp(`\\b${name}\\b`).test(text)));
  for (const [, ref = ''] of text.matchAll(placeholder)) {
    if (ref === 'claim') found.add('VolumeName');
    for (const name of parametersOf(ref === 'claim' ? 'v1.PersistentVolumeClaimSpec' : ref)) found.add(name);
  }
  return found;
}

function referenceText({ form, kinds }: ReferenceField, stored: string): string {
  const handle = `Reference<${kinds.map((kind) => JSON.stringify(kind)).join(' | ')}>`;
  if (form === 'local' || form === 'subject') return `readonly (${stored.slice(9, -2)} | ${handle})[]`;
  return `${stored} | ${handle}`;
}

/** The type of a schema, input types of what it refers to as placeholders. */
function plainText(schema: Schema): string {
  if (schema.type === 'quantity') return 'number | QuantityLiteral<QuantityText>';
  if (schema.type === 'array' && schema.items) {
    const item = plainText(schema.items);
    return `readonly ${item.includes('|') ? `(${item})` : item}[]`;
  }
  if (schema.type === 'map' && schema.items) return `{ readonly [key: string]: ${plainText(schema.items)} }`;
  if (schema.type === 'ref') return `{${schema.ref ?? ''}}`;
  return 'string';
}

function refersTo(schema: Schema): string | undefined {
  return schema.type === 'ref' ? schema.ref : schema.items && refersTo(schema.items);
}
function hasQuantity(schema: Schema): boolean {
  return schema.type === 'quantity' || (schema.items !== undefined && hasQuantity(schema.items));
}

class Planner {
  readonly #kinds: ReadonlyMap<string, KindBase>;
  readonly #changed = new Set<string>();

  constructor(
    readonly types: ReadonlyMap<string, CollectedType>,
    kinds: readonly KindBase[],
  ) {
    this.#kinds = new Map(kinds.filter((kind) => builderName(kind) !== undefined).map((kind) => [kind.typeName, kind]));
  }

  #ownRule(typeName: string, field: string, schema: Schema): string | undefined {
    const rule: FieldRule | undefined = fieldRules[`${typeName}.${field}`];
    if (rule) return rule.type;
    const reference = referenceFields.find((row) => row.field === field && row.types.includes(typeName));
    if (reference) return referenceText(reference, plainText(schema));
    return hasQuantity(schema) ? plainText(schema) : undefined;
  }

  #differs(typeName: string, schema: ObjectSchema): boolean {
    if (typeName in unionRules || typeName in tagRules || this.#kinds.has(typeName)) return true;
    return Object.entries(schema.properties).some(([field, child]) => {
      const ref = refersTo(child);
      return this.#ownRule(typeName, field, child) !== undefined || (ref !== undefined && this.#changed.has(ref));
    });
  }

  #isInput(typeName: string): boolean {
    return (this.#kinds.has(typeName) || !/Status$|List$/.test(typeName)) && typeName !== 'meta/v1.ObjectMeta';
  }

  plan(): InputTypes {
    for (let before = -1; before !== this.#changed.size;) {
      before = this.#changed.size;
      for (const [typeName, { schema }] of this.types)
        if (this.#isInput(typeName) && this.#differs(typeName, schema)) this.#changed.add(typeName);
    }
    const fields = new Map([...this.#changed].map((typeName) => [typeName, this.#fieldsOf(typeName)]));
    const used = this.#parametersOf(fields);
    return new Map(
      [...fields].map(([typeName, own]) => {
        const names = used.get(typeName) ?? new Set();
        return [typeName, { fields: own, parameters: parameters.filter((name) => names.has(name)) }];
      }),
    );
  }

  #fieldsOf(typeName: string): ReadonlyMap<string, InputField> {
    const schema = this.types.get(typeName)?.schema;
    const fields = new Map<string, InputField>();
    const kind = this.#kinds.get(typeName);
    for (const [field, child] of Object.entries(schema?.properties ?? {})) {
      const required = fieldRules[`${typeName}.${field}`]?.required ?? schema?.required?.includes(field) ?? false;
      const ref = refersTo(child);
      const text = this.#ownRule(typeName, field, child);
      if (kind && (field === 'apiVersion' || field === 'kind')) continue;
      if (kind && field === 'metadata') fields.set(field, { text: metadataText(kind), required: true });
      else if (text !== undefined) fields.set(field, { text, required });
      else if (field !== 'status' && ref !== undefined && this.#changed.has(ref))
        fields.set(field, { text: plainText(child), required });
    }
    return fields;
  }

  #parametersOf(
    fields: ReadonlyMap<string, ReadonlyMap<string, InputField>>,
  ): ReadonlyMap<string, ReadonlySet<Parameter>> {
    const used = new Map<string, Set<Parameter>>(
      [...fields.keys()].map((name) => [name, new Set<Parameter>(optionalUnions.has(name) ? ['Unions'] : [])]),
    );
    for (let grown = true; grown;) {
      grown = false;
      for (const [typeName, own] of fields) {
        const names = used.get(typeName) ?? new Set();
        const before = names.size;
        for (const { text } of own.values()) {
          for (const name of parametersIn(text, (ref) => used.get(ref) ?? [])) names.add(name);
        }
        if (names.size > before) grown = true;
      }
    }
    return used;
  }
}

function metadataText(kind: KindBase): string {
  const base = kind.scope === 'Namespaced' ? 'ObjectMetaInput' : 'ClusterObjectMetaInput';
  return hasDnsName(kind.apiVersion, kind.kind) ? `${base}<ObjectName>` : base;
}

export function planInputs(types: ReadonlyMap<string, CollectedType>, kinds: readonly KindBase[]): InputTypes {
  return new Planner(types, kinds).plan();
}
