import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const defaultServiceAccount: LintRule = {
  id: 'security/default-service-account',
  severity: 'warning',
  recommended: false,
  aliases: ['kube-linter:default-service-account'],
  summary: 'Pods have a service account of their own.',
  why: 'Rights given to the account default are rights of every pod in the namespace.',
  bad: podExample({}),
  good: podExample({ spec: 'serviceAccountName: web' }),
  appliesTo: hasPods,
  *check({ pod }) {
    const account = pod?.spec.serviceAccountName ?? pod?.spec.serviceAccount ?? 'default';
    if (!pod || account !== 'default') return;
    const path = pod.spec.serviceAccountName === undefined ? pod.path : [...pod.path, 'serviceAccountName'];
    yield { path, message: 'the pod uses the account default' };
  },
};
