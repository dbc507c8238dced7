import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Service = core_v1.Service;

export const Service = defineKind<Service>('v1', 'Service', {
  shortNames: ['svc'],
  categories: ['all'],
});
