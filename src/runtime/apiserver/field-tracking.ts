/** metadata.managedFields of writes that are not server-side apply. */
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject } from '../../types/meta.ts';
import { builtInSchemas } from '../../types/schema-table.ts';
import type { ObjectDraft } from './fields.ts';
import { hasStatus } from './object-lifecycle.ts';
import { recordUpdate } from './patch/managed-fields.ts';

export interface FieldChange {
  readonly kind: KindDefinition;
  readonly next: ObjectDraft;
  readonly previous: KubeObject | undefined;
  readonly manager: string;
  readonly subresource: string;
  readonly now: Date;
}

/** Notes who changed which fields. */
export function trackFields(change: FieldChange): void {
  const { kind, next, previous, manager, subresource, now } = change;
  const entries = recordUpdate({
    live: previous,
    next,
    manager,
    subresource,
    apiVersion: kind.apiVersion,
    now,
    schema: kind.schema,
    table: builtInSchemas,
    resetFields: resetFields(kind, subresource),
  });
  if (entries === undefined) delete next.metadata.managedFields;
  // Not copied: entries that nothing was added to are the stored ones, known by their identity.
  else Object.assign(next.metadata, { managedFields: entries });
}

/** What a write through this path never changes, so that nobody comes to own it by it. */
export function resetFields(kind: KindDefinition, subresource: string): readonly string[] {
  if (!hasStatus(kind) || (subresource === '' && kind.keepsStatusOnCreate === true)) return [];
  if (subresource === 'status') return Object.keys(kind.schema.properties).filter((name) => !STATUS_PART.has(name));
  return ['status'];
}

const STATUS_PART: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);
