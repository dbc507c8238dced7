import { defineKind } from '../../registry.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type RoleBinding = rbac_v1.RoleBinding;

export const RoleBinding = defineKind<RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding');
