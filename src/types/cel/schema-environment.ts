/** Environments in which `self` has the type of a schema, so that fields that do not exist are found before any object is there. */
import type { Environment } from '@marcbachmann/cel-js';
import { isRecord } from '../../shared/deep.ts';
import { environmentWith } from './environment.ts';
import { escapedName } from './values.ts';

type Source = Readonly<Record<string, unknown>>;

const formats: Readonly<Record<string, string>> = {
  'date-time': 'google.protobuf.Timestamp',
  date: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  byte: 'bytes',
};
const scalars: Readonly<Record<string, string>> = { integer: 'int', number: 'double', boolean: 'bool' };

/** Of the metadata, rules see the name only (KEP-2876). */
const metadata: Source = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};
const envelope: Source = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata };

class TypeMaker {
  readonly #environment: Environment;
  #count = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Name of the type of values that a schema allows; `dyn` where the schema leaves it open. */
  typeOf(schema: unknown): string {
    if (!isRecord(schema)) return 'dyn';
    const open =
      schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
    if (open || schema['nullable'] === true) return 'dyn';
    const { type, format, items, properties, additionalProperties } = schema;
    if (type === 'string') return formats[typeof format === 'string' ? format : ''] ?? 'string';
    if (type === 'array') return `list<${this.typeOf(items)}>`;
    if (type !== 'object') return scalars[typeof type === 'string' ? type : ''] ?? 'dyn';
    if (isRecord(properties)) return this.#object(schema, properties);
    return isRecord(additionalProperties) ? `map<string, ${this.typeOf(additionalProperties)}>` : 'dyn';
  }

  #object(schema: Source, properties: Source): string {
    const embedded = schema['x-kubernetes-embedded-resource'] === true;
    const all = embedded ? { ...properties, ...envelope } : properties;
    const fields: Record<string, string> = {};
    for (const [name, property] of Object.entries(all)) fields[escapedName(name)] = this.typeOf(property);
    const name = `Object${(this.#count += 1)}`;
    this.#environment.registerType(name, { fields });
    this.#environment.registerOperator(`${name} == ${name}`, () => true);
    return name;
  }
}

/** For checking only: its values are never made. `isRoot`: the schema is that of whole objects. */
export function schemaEnvironment(schema: unknown, isRoot: boolean): Environment {
  const types: Record<string, string> = {};
  return environmentWith(types, (environment) => {
    const whole = isRoot && isRecord(schema) ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema;
    const self = new TypeMaker(environment).typeOf(whole);
    types['self'] = self;
    types['oldSelf'] = self;
  });
}
