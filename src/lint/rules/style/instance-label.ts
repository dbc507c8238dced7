import type { LintRule } from '../../rule.ts';
import { anyKind } from '../../selectors.ts';

const label = 'app.kubernetes.io/instance';

export const instanceLabel: LintRule = {
  id: 'style/instance-label',
  severity: 'info',
  recommended: false,
  matterOfTaste: true,
  summary: 'The label app.kubernetes.io/instance is the name of the object, or begins it.',
  why: 'Tools take the label for the name of what is installed; objects are found by either where the two agree.',
  bad: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels:\n    ${label}: shop\n`,
  good: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop-settings\n  labels:\n    ${label}: shop\n`,
  appliesTo: anyKind,
  *check({ object }) {
    const { name, labels } = object.metadata;
    const value = labels?.[label];
    if (name === undefined || value === undefined || name === value || name.startsWith(`${value}-`)) return;
    const path = ['metadata', 'labels', { key: label }];
    yield { path, message: `the instance is called ${value}, the object ${name}` };
  },
};
