import { defineKind } from '../../registry.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type ClusterRole = rbac_v1.ClusterRole;

export const ClusterRole = defineKind<ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole');
