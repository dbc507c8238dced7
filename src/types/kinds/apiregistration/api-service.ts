import { defineKind } from '../../registry.ts';
import type * as apiregistration_v1 from '../generated/apiregistration-v1.gen.ts';

export type APIService = apiregistration_v1.APIService;

export const APIService = defineKind<APIService>('apiregistration.k8s.io/v1', 'APIService', {
  categories: ['api-extensions'],
});
