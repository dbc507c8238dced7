import { defineKind } from '../../registry.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type Role = rbac_v1.Role;

export const Role = defineKind<Role>('rbac.authorization.k8s.io/v1', 'Role');
