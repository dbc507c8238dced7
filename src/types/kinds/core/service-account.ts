import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ServiceAccount = core_v1.ServiceAccount;

export const ServiceAccount = defineKind<ServiceAccount>('v1', 'ServiceAccount', {
  shortNames: ['sa'],
});
