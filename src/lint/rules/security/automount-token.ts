import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const automountToken: LintRule = {
  id: 'security/automount-token',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'The token of the service account is not mounted where nobody uses it.',
  why: 'Every pod gets a token for the API unless it says otherwise; an intruder finds it in a well-known file.',
  bad: podExample({}),
  good: podExample({ spec: 'automountServiceAccountToken: false' }),
  appliesTo: hasPods,
  *check({ pod }, around) {
    // Who names an account of its own most likely wants to use it.
    const account = pod?.spec.serviceAccountName ?? 'default';
    if (!pod || pod.spec.automountServiceAccountToken !== undefined || account !== 'default') return;
    const accounts = around.neighbours('', 'ServiceAccount').filter(({ object }) => object.metadata.name === account);
    if (accounts.some(({ object }) => 'automountServiceAccountToken' in object)) return;
    const path = [...pod.path, 'automountServiceAccountToken'];
    const message = 'the token of the account default is mounted into every container';
    yield { path: pod.path, message, part: 'key', fix: suggestSet(path, false) };
  },
};
