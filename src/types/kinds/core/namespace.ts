import { dns1123LabelErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkFinalizerName } from '../../validation/metadata.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Namespace = core_v1.Namespace;

export const Namespace = defineKind<Namespace>('v1', 'Namespace', {
  shortNames: ['ns'],
  columns: columnsOf<Namespace>([textColumn('Status', ({ status }) => status?.phase ?? '')]),
  selectableFields: [{ path: 'status.phase', value: ({ status }) => status?.phase ?? '' }],
  validated: true,
  example: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'staging' } },
  validateName: dns1123LabelErrors,
  validate({ spec }, issues) {
    for (const name of spec?.finalizers ?? []) checkFinalizerName(name, issues.at('spec', 'finalizers'));
  },
  validateStatusUpdate(next, _previous, issues) {
    const phase = next.status?.phase ?? '';
    const deleted = next.metadata.deletionTimestamp !== undefined;
    if (!deleted && phase !== 'Active') {
      issues.at('status', 'Phase').invalid(phase, "may only be 'Active' if `deletionTimestamp` is empty");
    }
    if (deleted && phase !== 'Terminating') {
      issues.at('status', 'Phase').invalid(phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
    }
  },
  applyDefaults(draft) {
    // Selectors of namespaces by name need this label (KEP-2161).
    const { name } = draft.metadata;
    if (name === undefined || name === '') return;
    draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': name };
  },
  hasGeneration: false,
  prepareForCreate(draft) {
    // The namespace controller takes this finalizer away once nothing is left inside.
    const finalizers = draft.spec?.finalizers ?? [];
    draft.spec = {
      ...draft.spec,
      finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'],
    };
    draft.status = { phase: 'Active' };
  },
  prepareForUpdate(draft, previous) {
    // Only the finalize subresource changes these.
    draft.spec = { finalizers: [...(previous.spec?.finalizers ?? [])] };
  },
  prepareForDeletion(draft) {
    draft.status = { ...draft.status, phase: 'Terminating' };
  },
});
