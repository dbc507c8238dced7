/** Steps from type to type of the schema. */
import { builtInSchemas } from './schema-table.ts';
import type { Schema } from './schema.ts';

/** The type below lists and maps of a field of a built-in type; undefined where the schema knows none. */
export function typeBelow(type: string | undefined, field: string): string | undefined {
  if (type === undefined) return undefined;
  const { properties } = builtInSchemas.resolve(type);
  let schema: Schema | undefined = Object.hasOwn(properties, field) ? properties[field] : undefined;
  while (schema?.items) schema = schema.items;
  return schema?.ref;
}
