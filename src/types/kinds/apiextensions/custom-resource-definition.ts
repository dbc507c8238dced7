import { defineKind } from '../../registry.ts';
import type * as apiextensions_v1 from '../generated/apiextensions-v1.gen.ts';

export type CustomResourceDefinition = apiextensions_v1.CustomResourceDefinition;

export const CustomResourceDefinition = defineKind<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    applyDefaults({ spec }) {
      if (!spec) return;
      spec.conversion ??= { strategy: 'None' };
      const service = spec.conversion.webhook?.clientConfig?.service;
      if (service) service.port ??= 443;
      if (!spec.names) return;
      spec.names.singular ??= (spec.names.kind ?? '').toLowerCase();
      spec.names.listKind ??= `${spec.names.kind ?? ''}List`;
    },
  },
);
