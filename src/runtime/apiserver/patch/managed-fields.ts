/** metadata.managedFields: who set which field. Kept on every write. */
import { deepFreeze, isRecord, type JsonObject } from '../../../shared/deep.ts';
import type { ManagedFieldsEntry } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { resolveSchema, type Schema, type SchemaTable } from '../../../types/schema.ts';
import { FieldSet, type PathElement } from './field-set.ts';
import { TypedValues } from './typed-value.ts';

export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** By identity: manager, operation, subresource, and for updates the apiVersion. */
export type Managers = Map<string, Manager>;

/** Fields that belong to nobody: identity and what the server alone sets. */
const unowned: readonly (readonly PathElement[])[] = [
  ['f:apiVersion'],
  ['f:kind'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => ['f:metadata', `f:${field}`]),
];
const unownedItself: FieldSet = new FieldSet();
unownedItself.insert(['f:metadata']);

/** Update entries that an object may have; older ones are joined under one name. */
const maxUpdateManagers = 10;

export function managerId(manager: Omit<Manager, 'fields' | 'time'>): string {
  const { apiVersion, operation } = manager;
  return JSON.stringify([manager.manager, operation, operation === 'Apply' ? '' : apiVersion, manager.subresource]);
}

/** Takes off what nobody can own, and the fields that the endpoint resets. */
export function ownable(fields: FieldSet, resetFields: readonly string[] = []): FieldSet {
  const reset = resetFields.map((path) => path.split('.').map((name) => `f:${name}`));
  return fields.without([...unowned, ...reset]).difference(unownedItself);
}

/** Entries of stored objects by what they were read as, and back: a write leaves most of them as they are. */
const setOf = new WeakMap<object, FieldSet>();
const printOf = new WeakMap<FieldSet, JsonObject>();

/** The set must not be added to. @throws Error when the value is no fieldsV1 object. */
function fieldsOf(fields: unknown): FieldSet {
  if (!isRecord(fields) || !Object.isFrozen(fields)) return FieldSet.fromFields(fields);
  const known = setOf.get(fields) ?? FieldSet.fromFields(fields);
  setOf.set(fields, known);
  return known;
}

function printed(set: FieldSet): JsonObject {
  const known = printOf.get(set);
  if (known) return known;
  const fields = deepFreeze(set.toFields());
  printOf.set(set, fields);
  setOf.set(fields, set);
  return fields;
}

/** @throws Error when an entry is malformed; `readManagers` turns that into no entries. */
function decode(entries: readonly unknown[]): Managers {
  const managers: Managers = new Map();
  for (const entry of entries) {
    if (!isRecord(entry)) throw new Error('a managedFields entry must be an object');
    const { manager, operation, apiVersion, time, fieldsType, fieldsV1, subresource } = entry;
    if (operation !== 'Apply' && operation !== 'Update') throw new Error(`operation must be Apply or Update`);
    if (fieldsType !== 'FieldsV1') throw new Error('fieldsType must be FieldsV1');
    const decoded: Manager = {
      manager: typeof manager === 'string' ? manager : '',
      operation,
      apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
      subresource: typeof subresource === 'string' ? subresource : '',
      time: typeof time === 'string' ? time : undefined,
      fields: fieldsOf(fieldsV1 ?? {}),
    };
    managers.set(managerId(decoded), decoded);
  }
  return managers;
}

/** As upstream, entries that cannot be read count as none. */
export function readManagers(entries: unknown): Managers {
  if (!Array.isArray(entries)) return new Map();
  try {
    return decode(entries);
  } catch {
    // A client wrote them: it loses its bookkeeping, not its object.
    return new Map();
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Undefined without entries: then the field is absent. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  const sorted = [...managers.values()].sort(
    (a, b) =>
      compare(a.operation, b.operation) ||
      compare(a.time ?? '', b.time ?? '') ||
      compare(a.manager, b.manager) ||
      compare(a.apiVersion, b.apiVersion) ||
      compare(a.subresource, b.subresource),
  );
  return sorted.map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: printed(fields),
    ...(subresource === '' ? {} : { subresource }),
  }));
}

/** What Go prints of an object whose every field is unset: structs that are not pointers are there from the start. */
function zeroObject(schema: Schema, table: SchemaTable): Readonly<Record<string, unknown>> {
  const ofTable = zeros.get(table) ?? new WeakMap<Schema, Readonly<Record<string, unknown>>>();
  zeros.set(table, ofTable);
  const known = ofTable.get(schema) ?? deepFreeze(makeZero(schema, table));
  ofTable.set(schema, known);
  return known;
}

const zeros = new WeakMap<SchemaTable, WeakMap<Schema, Readonly<Record<string, unknown>>>>();

function makeZero(schema: Schema, table: SchemaTable): Record<string, unknown> {
  const zero: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.proto === undefined || property.presence === 'pointer') continue;
    if (property.type === 'ref') zero[name] = zeroObject(resolveSchema(property, table), table);
    else if (property.presence === 'always') zero[name] = zeroScalar(property);
  }
  return zero;
}

function zeroScalar(schema: Schema): unknown {
  switch (schema.type) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    default:
      return null;
  }
}

/** Wire order of fields does not matter for ownership, missing zero structs do. */
function withZeroStructs(value: unknown, schema: Schema, table: SchemaTable): unknown {
  if (!isRecord(value)) return value;
  return { ...zeroObject(schema, table), ...value };
}

/** Joins the oldest Update entries of a version into "ancient-changes" until no more than ten are left. */
function capUpdates(managers: Managers): void {
  const updates = [...managers].filter(([, manager]) => manager.operation === 'Update');
  let excess = updates.length - maxUpdateManagers;
  if (excess <= 0) return;
  updates.sort(([idA, a], [idB, b]) => compare(a.time ?? '', b.time ?? '') || compare(idA, idB));
  const firstOf = new Map<string, string>();
  for (const [id, manager] of updates) {
    if (excess <= 0) break;
    const first = firstOf.get(manager.apiVersion);
    if (first === undefined) {
      firstOf.set(manager.apiVersion, id);
      continue;
    }
    const bucket = { ...manager, manager: 'ancient-changes', subresource: '' };
    const bucketId = managerId(bucket);
    const previous = managers.get(bucketId) ?? managers.get(first);
    if (!managers.has(bucketId)) managers.delete(first);
    managers.delete(id);
    managers.set(bucketId, { ...bucket, fields: previous ? previous.fields.union(manager.fields) : manager.fields });
    excess--;
  }
}

export interface UpdateRecord {
  /** The stored object; undefined on create. */
  readonly live: KubeObject | undefined;
  /** The object to be stored, complete with defaults; its managedFields as the client sent them. */
  readonly next: KubeObject;
  readonly manager: string;
  /** Empty for the main resource. */
  readonly subresource: string;
  readonly apiVersion: string;
  readonly now: Date;
  readonly schema: Schema;
  readonly table: SchemaTable;
  /** Fields that this endpoint does not write: `status` on the main resource. Dotted paths. */
  readonly resetFields?: readonly string[];
}

/** RFC 3339 with seconds, as the API prints times. */
export function timeText(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

/** The entries to start from: the client may write or reset them on the main resource, else the stored ones hold. */
function startingManagers({ live, next, subresource }: UpdateRecord): Managers {
  const stored = live?.metadata.managedFields;
  const given: unknown = next.metadata.managedFields;
  if (subresource !== '' || !Array.isArray(given)) return readManagers(stored);
  if (given.length === 0 || (given.length === 1 && isRecord(given[0]) && Object.keys(given[0]).length === 0))
    return new Map();
  const managers = readManagers(given);
  return managers.size === 0 ? readManagers(stored) : managers;
}

/** Moves ownership of what changed from `before` to `after` to one updating manager. Others lose what it changed. */
export function takeOver(
  managers: Managers,
  changed: { readonly taken: FieldSet; readonly removed: FieldSet },
  manager: Omit<Manager, 'fields'>,
): void {
  const self = managerId(manager);
  const lost = changed.taken.union(changed.removed);
  for (const [id, other] of managers) {
    const fields = other.fields.difference(id === self ? changed.removed : lost);
    if (fields.isEmpty) managers.delete(id);
    else if (fields !== other.fields) managers.set(id, { ...other, fields });
  }
  if (changed.taken.isEmpty) return;
  const previous = managers.get(self);
  managers.set(self, { ...manager, fields: previous ? previous.fields.union(changed.taken) : changed.taken });
}

/**
 * The managedFields of `next` after a create, update or patch other than apply. Undefined when there are none.
 * An object without any entries stays so: its owner switched tracking off.
 */
export function recordUpdate(record: UpdateRecord): ManagedFieldsEntry[] | undefined {
  const { live, next, schema, table } = record;
  const managers = startingManagers(record);
  if (managers.size === 0 && live !== undefined) return undefined;
  const resolved = resolveSchema(schema, table);
  const before = live === undefined ? zeroObject(resolved, table) : withZeroStructs(live, resolved, table);
  const { added, modified, removed } = new TypedValues(table).compare(before, next, resolved);
  takeOver(
    managers,
    { taken: ownable(added.union(modified), record.resetFields), removed: ownable(removed, record.resetFields) },
    {
      manager: record.manager,
      operation: 'Update',
      apiVersion: record.apiVersion,
      subresource: record.subresource,
      time: timeText(record.now),
    },
  );
  capUpdates(managers);
  return writeManagers(managers);
}

/** What an update that nobody recorded would own: the whole object, for objects that predate tracking. */
export function wholeObject(object: unknown, schema: Schema, table: SchemaTable): FieldSet {
  const resolved = resolveSchema(schema, table);
  const { added, modified } = new TypedValues(table).compare(zeroObject(resolved, table), object, resolved);
  return ownable(added.union(modified));
}
