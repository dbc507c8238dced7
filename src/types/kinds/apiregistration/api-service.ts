import { defineKind } from '../../registry.ts';
import { findCondition } from '../../conditions.ts';
import { columnsOf, textColumn } from '../../table.ts';
import type * as apiregistration_v1 from '../generated/apiregistration-v1.gen.ts';

export type APIService = apiregistration_v1.APIService;

export const APIService = defineKind<APIService>('apiregistration.k8s.io/v1', 'APIService', {
  categories: ['api-extensions'],
  columns: columnsOf<APIService>([
    textColumn('Service', ({ spec }) =>
      spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    ),
    textColumn('Available', ({ status }) => {
      const available = findCondition(status?.conditions, 'Available');
      if (!available) return 'Unknown';
      return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
    }),
  ]),
  applyDefaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
});
