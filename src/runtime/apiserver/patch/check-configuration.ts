/** What server-side apply refuses before it merges: undeclared fields, wrong types, duplicate items. */
import { isRecord } from '../../../shared/deep.ts';
import { resolveSchema, type Schema, type SchemaTable } from '../../../types/schema.ts';
import { fieldPathText } from './field-set.ts';
import { TypedValues } from './typed-value.ts';

const textTypes: ReadonlySet<string> = new Set(['string', 'bytes', 'time', 'micro-time', 'duration']);
const numberTypes: ReadonlySet<string> = new Set(['int32', 'int64', 'double']);

function got(value: unknown): string {
  return `got &value.valueUnstructured{Value:${typeof value === 'object' ? JSON.stringify(value) : String(value)}}`;
}

class Checker {
  readonly faults: string[] = [];
  readonly #table: SchemaTable;
  readonly #typed: TypedValues;

  constructor(table: SchemaTable) {
    this.#table = table;
    this.#typed = new TypedValues(table);
  }

  check(value: unknown, schema: Schema, path: string): void {
    if (value === null || value === undefined) return;
    const resolved = resolveSchema(schema, this.#table);
    if (textTypes.has(resolved.type)) {
      if (typeof value !== 'string') this.#fault(path, `expected string, ${got(value)}`);
    } else if (numberTypes.has(resolved.type)) {
      if (typeof value !== 'number') this.#fault(path, `expected numeric (int or float), ${got(value)}`);
    } else if (resolved.type === 'boolean') {
      if (typeof value !== 'boolean') this.#fault(path, `expected boolean, ${got(value)}`);
    } else if (resolved.type === 'array') this.#list(value, resolved, path);
    else if (resolved.type === 'map' || resolved.type === 'object') this.#map(value, resolved, path);
  }

  #fault(path: string, text: string): void {
    this.faults.push(`${path}: ${text}`);
  }

  #map(value: unknown, schema: Schema, path: string): void {
    if (!isRecord(value)) {
      if (!schema.preserveUnknown) this.#fault(path, `expected map, got &{${String(value)}}`);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      const { schema: below, declared } = this.#typed.fieldSchema(schema, key);
      if (declared || schema.type === 'map') this.check(item, below, `${path}.${key}`);
      else if (!schema.preserveUnknown && !schema.embeddedResource)
        this.#fault(`${path}.${key}`, 'field not declared in schema');
    }
  }

  #list(value: unknown, schema: Schema, path: string): void {
    if (!Array.isArray(value)) {
      this.#fault(path, `expected list, got &{${String(value)}}`);
      return;
    }
    const keyed = schema.listType === 'map' || schema.listType === 'set';
    const seen = new Set<string>();
    for (const [i, item] of value.entries()) {
      const element = keyed ? this.#typed.element(schema, item) : undefined;
      const place = `${path}${element === undefined ? `[${i}]` : fieldPathText([element])}`;
      if (keyed && element === undefined) {
        const keys = (schema.listMapKeys ?? []).map((key) => JSON.stringify(key)).join(', ');
        const fault = isRecord(item)
          ? `associative list with keys has an element that omits key field ${keys} (and doesn't have default value)`
          : 'associative list with keys may not have non-map elements';
        this.#fault(`${path}: element ${i}`, fault);
      }
      if (element !== undefined) {
        if (seen.has(element)) this.#fault(path, `duplicate entries for key ${fieldPathText([element])}`);
        seen.add(element);
      }
      this.check(item, schema.items ?? { type: 'json' }, place);
    }
  }
}

/** The complaints about a configuration, each `path: text`. */
export function configurationFaults(config: unknown, schema: Schema, table: SchemaTable): readonly string[] {
  const checker = new Checker(table);
  checker.check(config, schema, '');
  return checker.faults;
}
