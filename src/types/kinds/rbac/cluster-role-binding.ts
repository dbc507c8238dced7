import { pathSegmentErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf } from '../../table.ts';
import { checkBinding, checkBindingUpdate, defaultBinding, roleColumn, subjectColumns } from '../../validation/rbac.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type ClusterRoleBinding = rbac_v1.ClusterRoleBinding;

export const ClusterRoleBinding = defineKind<ClusterRoleBinding>('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', {
  columns: columnsOf<ClusterRoleBinding>([roleColumn], subjectColumns),
  validated: true,
  createOnUpdate: true,
  example: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'operators' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'operators' }],
  },
  validateName: pathSegmentErrors,
  applyDefaults: defaultBinding,
  validate(binding, issues) {
    checkBinding(binding, false, issues);
  },
  validateUpdate: checkBindingUpdate,
  *references({ roleRef }) {
    const path = ['roleRef', 'name'];
    yield {
      path,
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      namespace: undefined,
      name: roleRef.name,
    };
  },
});
