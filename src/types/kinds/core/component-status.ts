import { findCondition } from '../../conditions.ts';
import { defineKind } from '../../registry.ts';
import { ageColumn, nameColumn, textColumn } from '../../table.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ComponentStatus = core_v1.ComponentStatus;

const words: Readonly<Record<string, string>> = { True: 'Healthy', False: 'Unhealthy' };

export const ComponentStatus = defineKind<ComponentStatus>('v1', 'ComponentStatus', {
  shortNames: ['cs'],
  columns: [
    nameColumn,
    textColumn('Status', ({ conditions }) => words[findCondition(conditions, 'Healthy')?.status ?? ''] ?? 'Unknown'),
    textColumn('Message', ({ conditions }) => findCondition(conditions, 'Healthy')?.message ?? ''),
    textColumn('Error', ({ conditions }) => findCondition(conditions, 'Healthy')?.error ?? ''),
    ageColumn,
  ],
  // The server makes them up from its own health.
  computed: true,
  validated: true,
  example: {
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name: 'scheduler' },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  },
});
