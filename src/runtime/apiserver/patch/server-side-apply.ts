/** Server-side apply: merging a configuration by field ownership (KEP-555). */
import { deepEqual, isRecord } from '../../../shared/deep.ts';
import type { KubeObject } from '../../../types/meta.ts';
import type { Schema, SchemaTable } from '../../../types/schema.ts';
import { configurationFaults } from './check-configuration.ts';
import { FieldSet, fieldPathText } from './field-set.ts';
import {
  managerId,
  ownable,
  readManagers,
  timeText,
  wholeObject,
  writeManagers,
  type Manager,
  type Managers,
} from './managed-fields.ts';
import { PatchError } from './patch-error.ts';
import { TypedValues, type Json } from './typed-value.ts';

export interface ApplyRequest {
  /** The stored object; undefined when apply creates it. */
  readonly live: KubeObject | undefined;
  /** The applied configuration: what this manager wants, nothing else. */
  readonly config: unknown;
  readonly manager: string;
  readonly force: boolean;
  /** Empty for the main resource. */
  readonly subresource: string;
  readonly apiVersion: string;
  readonly now: Date;
  readonly schema: Schema;
  readonly table: SchemaTable;
  /** Fields that this endpoint does not write: `status` on the main resource. Dotted paths. */
  readonly resetFields?: readonly string[];
}

export interface FieldConflict {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  /** `.spec.template.spec.containers[name="a"].image` */
  readonly fieldPath: string;
  /** The text of the cause in the Status: `conflict with "m1" using apps/v1`. */
  readonly message: string;
}

/** For a Status 409 Conflict with one cause FieldManagerConflict per conflict. */
export interface ApplyConflict {
  readonly conflicts: readonly FieldConflict[];
  readonly message: string;
}

/** The merged object with its managedFields; `changed` is false when nothing besides times would differ from the stored one. */
export interface Applied {
  readonly object: Json;
  readonly changed: boolean;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager);
  const via = subresource === '' ? name : `${name} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${via} using ${apiVersion}` : via;
}

function conflictOf(lost: readonly { readonly manager: Manager; readonly fields: FieldSet }[]): ApplyConflict {
  const groups = lost.map(({ manager, fields }) => ({ manager, paths: [...fields.paths()].map(fieldPathText) }));
  groups.sort((a, b) => (managerId(a.manager) < managerId(b.manager) ? -1 : 1));
  const conflicts = groups.flatMap(({ manager, paths }) =>
    paths.map((fieldPath): FieldConflict => {
      const { fields: _, ...owner } = manager;
      return { ...owner, fieldPath, message: `conflict with ${managerText(manager)}` };
    }),
  );
  const [only] = conflicts;
  if (only && conflicts.length === 1) {
    return { conflicts, message: `Apply failed with 1 conflict: ${only.message}: ${only.fieldPath}` };
  }
  const lines = groups.flatMap(({ manager, paths }) => [
    `conflicts with ${managerText(manager)}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return { conflicts, message: `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}` };
}

function checkConfiguration({ config, apiVersion, schema, table }: ApplyRequest): Json {
  const version = isRecord(config) ? config['apiVersion'] : undefined;
  if (!isRecord(config) || version !== apiVersion) {
    throw new PatchError(
      `Incorrect version specified in apply patch. Specified patch version: ${typeof version === 'string' ? version : ''}, expected: ${apiVersion}`,
      400,
    );
  }
  const metadata = config['metadata'];
  if (isRecord(metadata) && metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw new PatchError('metadata.managedFields must be nil', 400);
  }
  const faults = configurationFaults(config, schema, table);
  const [only] = faults;
  if (only !== undefined) {
    const text = faults.length === 1 ? only : `errors:\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
    throw new PatchError(`failed to create typed patch object: ${text}`, 500);
  }
  return config;
}

/** One apply, step by step. */
class Application {
  readonly #request: ApplyRequest;
  readonly #typed: TypedValues;
  readonly #config: Json;
  readonly #self: Omit<Manager, 'fields'>;

  constructor(request: ApplyRequest) {
    this.#request = request;
    this.#typed = new TypedValues(request.table);
    this.#config = checkConfiguration(request);
    this.#self = {
      manager: request.manager,
      operation: 'Apply',
      apiVersion: request.apiVersion,
      subresource: request.subresource,
      time: timeText(request.now),
    };
  }

  run(): Applied | ApplyConflict {
    const { live, schema } = this.#request;
    const config = this.#config;
    const stored = readManagers(live?.metadata.managedFields);
    const managers: Managers = new Map(stored);
    if (managers.size === 0 && live !== undefined) this.#addBeforeFirstApply(managers, live);
    const selfId = managerId(this.#self);
    const before = managers.get(selfId)?.fields;
    const owned = ownable(this.#typed.fieldsOf(config, schema), this.#request.resetFields);
    managers.set(selfId, { ...this.#self, fields: owned });
    const base: Json = live ? withoutManagedFields(live) : { apiVersion: config['apiVersion'], kind: config['kind'] };
    const merged = this.#typed.merge(base, config, schema);
    const pruned = before && !before.isEmpty ? this.#prune(merged, before, managers) : merged;
    const object = this.#typed.withoutNulls(pruned, schema);

    const { added, modified, removed } = this.#typed.compare(base, object, schema);
    const conflict = this.#resolveConflicts(managers, selfId, added.union(modified), live);
    if (conflict) return conflict;
    for (const [id, manager] of managers) {
      const fields = id === selfId ? manager.fields : manager.fields.difference(removed);
      if (fields.isEmpty) managers.delete(id);
      else if (fields !== manager.fields) managers.set(id, { ...manager, fields });
    }
    return this.#result(base, object, stored, managers);
  }

  /** An object that nobody tracked so far belongs to whoever made it. */
  #addBeforeFirstApply(managers: Managers, live: KubeObject): void {
    const { schema, table, apiVersion } = this.#request;
    const fields = wholeObject(live, schema, table);
    if (fields.isEmpty) return;
    const owner: Manager = {
      manager: 'before-first-apply',
      operation: 'Update',
      apiVersion,
      subresource: '',
      time: this.#self.time,
      fields,
    };
    managers.set(managerId(owner), owner);
  }

  /** Removes what this manager applied before, applies no longer, and nobody else owns. */
  #prune(merged: unknown, before: FieldSet, managers: Managers): unknown {
    const { schema } = this.#request;
    const typed = this.#typed;
    const previous = typed.withStructs(before, schema);
    const all = typed.withStructs(typed.fieldsOf(merged, schema), schema);
    let owned = new FieldSet();
    for (const { fields } of managers.values()) owned = owned.union(fields);
    const keptByOwners = typed.withStructs(owned, schema);

    const bare = typed.remove(merged, previous, schema);
    const stays = typed.withStructs(typed.fieldsOf(bare, schema), schema).union(keptByOwners);
    const withOwned = typed.remove(merged, all.difference(stays), schema);
    const left = typed.withStructs(typed.fieldsOf(withOwned, schema), schema);
    return typed.remove(merged, all.difference(left).intersection(previous), schema);
  }

  #resolveConflicts(
    managers: Managers,
    selfId: string,
    changed: FieldSet,
    live: KubeObject | undefined,
  ): ApplyConflict | undefined {
    const lost: { readonly id: string; readonly manager: Manager; readonly fields: FieldSet }[] = [];
    for (const [id, manager] of managers) {
      if (id === selfId) continue;
      const fields = manager.fields.intersection(changed);
      if (!fields.isEmpty) lost.push({ id, manager, fields });
    }
    if (!this.#request.force && lost.length > 0) {
      const upgraded = this.#clientSideFields(live);
      const remaining = lost
        .map((entry) => ({ ...entry, fields: entry.fields.difference(upgraded) }))
        .filter(({ fields }) => !fields.isEmpty);
      if (remaining.length > 0) return conflictOf(remaining);
    }
    for (const { id, manager, fields } of lost)
      managers.set(id, { ...manager, fields: manager.fields.difference(fields) });
    return undefined;
  }

  /** kubectl may take over what it applied on the client's side before: the fields of its last-applied annotation. */
  #clientSideFields(live: KubeObject | undefined): FieldSet {
    const text = live?.metadata.annotations?.[lastApplied];
    if (this.#request.manager !== 'kubectl' || live === undefined || text === undefined) return new FieldSet();
    const { schema } = this.#request;
    const applied = parseAnnotation(text);
    if (applied === undefined) return new FieldSet();
    // Only where the live value is still the applied one.
    const { added, modified } = this.#typed.compare(applied, live, schema);
    return ownable(this.#typed.fieldsOf(applied, schema)).difference(added.union(modified));
  }

  #result(base: Json, object: unknown, stored: Managers, managers: Managers): Applied {
    const next = isRecord(object) ? object : {};
    const { live } = this.#request;
    const changed = live === undefined || !deepEqual(base, next) || !sameManagers(stored, managers);
    const metadata = isRecord(next['metadata']) ? next['metadata'] : {};
    const entries = writeManagers(changed ? managers : stored);
    return { object: { ...next, metadata: { ...metadata, ...(entries ? { managedFields: entries } : {}) } }, changed };
  }
}

function parseAnnotation(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    // Written by a client; upstream ignores what it cannot read.
    return undefined;
  }
}

function withoutManagedFields(object: KubeObject): Json {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function sameManagers(a: Managers, b: Managers): boolean {
  if (a.size !== b.size) return false;
  for (const [id, manager] of a) {
    const other = b.get(id);
    if (!other || other.apiVersion !== manager.apiVersion || !other.fields.equals(manager.fields)) return false;
  }
  return true;
}

/**
 * Merges a configuration into the live object. The result is not defaulted or validated yet.
 *
 * @throws PatchError when the configuration is malformed: 400, or 500 with the complaints of its types as upstream.
 */
export function applyConfiguration(request: ApplyRequest): Applied | ApplyConflict {
  return new Application(request).run();
}
