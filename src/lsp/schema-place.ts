/** What the schema knows about a place in an object. */
import type { KindDefinition } from '../types/define-kind.ts';
import { resolveSchema } from '../types/schema.ts';
import type { Schema } from '../types/schema.ts';
import { builtInSchemas } from '../types/schema-table.ts';

export interface SchemaPlace {
  /** References followed. */
  readonly schema: Schema;
  /** Name of its object type; undefined for scalars, and for custom resources. */
  readonly typeName: string | undefined;
  /** The type that has it as a property, and under which name. */
  readonly owner: string | undefined;
  readonly property: string | undefined;
  readonly required: boolean;
}

export function placeOfKind(kind: KindDefinition): SchemaPlace {
  return { schema: kind.schema, typeName: kind.typeName, owner: undefined, property: undefined, required: true };
}

function typeNameOf(schema: Schema): string | undefined {
  return schema.type === 'ref' ? schema.ref : undefined;
}

export function stepInto(place: SchemaPlace, step: string | number): SchemaPlace | undefined {
  const { schema } = place;
  if (typeof step === 'number') {
    if (schema.type !== 'array' || !schema.items) return undefined;
    const typeName = typeNameOf(schema.items);
    return { ...place, schema: resolveSchema(schema.items, builtInSchemas), typeName, required: false };
  }
  const property = schema.type === 'object' ? schema.properties?.[step] : undefined;
  if (property && Object.hasOwn(schema.properties ?? {}, step)) {
    return {
      schema: resolveSchema(property, builtInSchemas),
      typeName: typeNameOf(property),
      owner: place.typeName,
      property: step,
      required: schema.required?.includes(step) ?? false,
    };
  }
  if (!schema.items || schema.type === 'array') return undefined;
  const typeName = typeNameOf(schema.items);
  return { ...place, schema: resolveSchema(schema.items, builtInSchemas), typeName, required: false };
}

export function placeAt(kind: KindDefinition, path: readonly (string | number)[]): SchemaPlace | undefined {
  let place: SchemaPlace | undefined = placeOfKind(kind);
  for (const step of path) {
    if (!place) return undefined;
    place = stepInto(place, step);
  }
  return place;
}

/** `string`, `list of Container`, `map of string`. */
export function typeText({ schema, typeName }: Pick<SchemaPlace, 'schema' | 'typeName'>): string {
  if (typeName !== undefined) return typeName.slice(typeName.lastIndexOf('.') + 1);
  const inner = (): string => {
    const { items } = schema;
    return items ? typeText({ schema: resolveSchema(items, builtInSchemas), typeName: typeNameOf(items) }) : 'anything';
  };
  if (schema.type === 'array') return `list of ${inner()}`;
  if (schema.type === 'map') return `map of ${inner()}`;
  return schema.type;
}

export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Texts about a property, or about a type with the empty name. */
export function describe(descriptions: Descriptions, place: SchemaPlace): string | undefined {
  const { owner, property, typeName } = place;
  const own = owner !== undefined && property !== undefined ? descriptions[owner]?.[property] : undefined;
  return own ?? (typeName === undefined ? undefined : descriptions[typeName]?.['']);
}
