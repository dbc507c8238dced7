import { pathSegmentErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { checkPolicyRules } from '../../validation/rbac.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type Role = rbac_v1.Role;

export const Role = defineKind<Role>('rbac.authorization.k8s.io/v1', 'Role', {
  validated: true,
  createOnUpdate: true,
  example: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'pod-reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
  },
  validateName: pathSegmentErrors,
  validate({ rules }, issues) {
    checkPolicyRules(rules, true, issues.at('rules'));
  },
});
