import { defineKind } from '../../registry.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ResourceQuota = core_v1.ResourceQuota;

export const ResourceQuota = defineKind<ResourceQuota>('v1', 'ResourceQuota', {
  shortNames: ['quota'],
});
