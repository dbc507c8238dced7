/** The schema of the built-in types, parsed once per process on first use. */
import type { ObjectSchema, SchemaTable } from './schema.ts';
import { schemaText } from './kinds/generated/schema.gen.ts';

class BuiltInSchemas implements SchemaTable {
  #types: ReadonlyMap<string, ObjectSchema> | undefined;

  resolve(ref: string): ObjectSchema {
    const schema = this.#all().get(ref);
    if (!schema) throw new Error(`no type is called ${ref}`);
    return schema;
  }
  names(): Iterable<string> {
    return this.#all().keys();
  }
  #all(): ReadonlyMap<string, ObjectSchema> {
    if (!this.#types) {
      const types: Record<string, ObjectSchema> = JSON.parse(schemaText);
      this.#types = new Map(Object.entries(types));
    }
    return this.#types;
  }
}

/** Immutable facts of a Kubernetes version, so one table serves everybody. */
export const builtInSchemas: SchemaTable = new BuiltInSchemas();
