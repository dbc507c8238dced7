import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkOptionalOneOf } from '../../validation/field-checks.ts';
import type * as coordination_v1 from '../generated/coordination-v1.gen.ts';

export type Lease = coordination_v1.Lease;

export const Lease = defineKind<Lease>('coordination.k8s.io/v1', 'Lease', {
  columns: columnsOf<Lease>([textColumn('Holder', ({ spec }) => spec?.holderIdentity ?? '')]),
  createOnUpdate: true,
  unconditionalUpdate: false,
  validated: true,
  example: {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'leader' },
    spec: { holderIdentity: 'replica-1', leaseDurationSeconds: 15 },
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    const { leaseDurationSeconds: duration, leaseTransitions: transitions, strategy } = spec ?? {};
    if (duration !== undefined && duration <= 0)
      at.at('leaseDurationSeconds').invalid(duration, 'must be greater than 0');
    if (transitions !== undefined && transitions < 0) {
      at.at('leaseTransitions').invalid(transitions, 'must to greater or equal than 0');
    }
    checkOptionalOneOf(strategy, ['OldestEmulationVersion'], at.at('strategy'));
  },
});
