import { defineKind } from '../../registry.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type ClusterRoleBinding = rbac_v1.ClusterRoleBinding;

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding');
