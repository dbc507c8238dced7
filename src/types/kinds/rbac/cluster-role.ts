import { pathSegmentErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { checkLabelSelector, isUsableSelector } from '../../validation/label-selector.ts';
import { checkPolicyRules } from '../../validation/rbac.ts';
import type * as rbac_v1 from '../generated/rbac-v1.gen.ts';

export type ClusterRole = rbac_v1.ClusterRole;

export const ClusterRole = defineKind<ClusterRole>('rbac.authorization.k8s.io/v1', 'ClusterRole', {
  validated: true,
  createOnUpdate: true,
  example: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'node-reader' },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
  },
  validateName: pathSegmentErrors,
  validate({ rules, aggregationRule }, issues) {
    checkPolicyRules(rules, false, issues.at('rules'));
    if (!aggregationRule) return;
    const at = issues.at('aggregationRule', 'clusterRoleSelectors');
    const selectors = aggregationRule.clusterRoleSelectors ?? [];
    if (selectors.length === 0) at.required('at least one clusterRoleSelector required if aggregationRule is non-nil');
    selectors.forEach((selector, index) => {
      checkLabelSelector(selector, at.at(index));
      if (!isUsableSelector(selector)) at.at(index).invalid(selector, 'invalid label selector.');
    });
  },
});
