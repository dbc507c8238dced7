import { defineKind } from '../../registry.ts';
import type * as resource_v1 from '../generated/resource-v1.gen.ts';

export type ResourceClaimTemplate = resource_v1.ResourceClaimTemplate;

export const ResourceClaimTemplate = defineKind<ResourceClaimTemplate>('resource.k8s.io/v1', 'ResourceClaimTemplate');
