import type { FieldChange, LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const serviceAccountField: LintRule = {
  id: 'deprecation/service-account-field',
  severity: 'warning',
  recommended: true,
  aliases: ['kube-linter:deprecated-service-account-field'],
  summary: 'The account is named in serviceAccountName.',
  why: 'serviceAccount is only kept for old manifests.',
  bad: podExample({ spec: 'serviceAccount: web' }),
  good: podExample({ spec: 'serviceAccountName: web' }),
  appliesTo: hasPods,
  *check({ pod }) {
    const { serviceAccount: old, serviceAccountName: name } = pod?.spec ?? {};
    if (!pod || old === undefined || old === '') return;
    const path = [...pod.path, 'serviceAccount'];
    const change: FieldChange = name === undefined ? { path, rename: 'serviceAccountName' } : { path, remove: true };
    const fix = { title: 'Use serviceAccountName', changes: [change] };
    yield { path, message: 'serviceAccount is deprecated; use serviceAccountName', part: 'key', fix };
  },
};
