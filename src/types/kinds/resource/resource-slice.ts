import { defineKind } from '../../registry.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type ResourceSlice = resource_v1.ResourceSlice;

export const ResourceSlice = defineKind<ResourceSlice>('resource.k8s.io/v1', 'ResourceSlice');
