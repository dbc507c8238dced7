import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn } from '../../table.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ServiceAccount = core_v1.ServiceAccount;

export const ServiceAccount = defineKind<ServiceAccount>('v1', 'ServiceAccount', {
  returnsDeleted: true,
  shortNames: ['sa'],
  columns: columnsOf<ServiceAccount>([integerColumn('Secrets', ({ secrets }) => (secrets ?? []).length)]),
  validated: true,
  example: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'builder' } },
  *references({ imagePullSecrets, metadata }) {
    for (const [index, { name }] of (imagePullSecrets ?? []).entries()) {
      if (name === undefined || name === '') continue;
      const path = ['imagePullSecrets', index, 'name'];
      yield { path, apiVersion: 'v1', kind: 'Secret', namespace: metadata.namespace, name, optional: true };
    }
  },
});
