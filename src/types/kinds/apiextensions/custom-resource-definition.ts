import { defineKind } from '../../registry.ts';
import type * as apiextensions_v1 from '../generated/apiextensions-v1.gen.ts';

export type CustomResourceDefinition = apiextensions_v1.CustomResourceDefinition;

export const CustomResourceDefinition = defineKind<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
  },
);
