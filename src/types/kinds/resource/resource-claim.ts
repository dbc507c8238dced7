import { defineKind } from '../../registry.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type ResourceClaim = resource_v1.ResourceClaim;

export const ResourceClaim = defineKind<ResourceClaim>('resource.k8s.io/v1', 'ResourceClaim');
