import { pathSegmentErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf } from '../../table.ts';
import { checkBinding, checkBindingUpdate, defaultBinding, roleColumn, subjectColumns } from '../../validation/rbac.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type RoleBinding = rbac_v1.RoleBinding;

export const RoleBinding = defineKind<RoleBinding>('rbac.authorization.k8s.io/v1', 'RoleBinding', {
  columns: columnsOf<RoleBinding>([roleColumn], subjectColumns),
  validated: true,
  createOnUpdate: true,
  example: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'pod-readers' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'pod-reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'builder' }],
  },
  validateName: pathSegmentErrors,
  applyDefaults(draft) {
    defaultBinding(draft);
    for (const subject of draft.subjects ?? []) {
      if (subject.kind === 'ServiceAccount' && (subject.namespace ?? '') === '' && draft.metadata.namespace) {
        subject.namespace = draft.metadata.namespace;
      }
    }
  },
  validate(binding, issues) {
    checkBinding(binding, true, issues);
  },
  validateUpdate: checkBindingUpdate,
  *references({ roleRef, metadata }) {
    const namespace = roleRef.kind === 'Role' ? metadata.namespace : undefined;
    const path = ['roleRef', 'name'];
    yield { path, apiVersion: 'rbac.authorization.k8s.io/v1', kind: roleRef.kind, namespace, name: roleRef.name };
  },
});
