import type { LintRule } from '../../rule.ts';
import { containersOf, effective, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const lowUid: LintRule = {
  id: 'security/low-uid',
  severity: 'info',
  recommended: false,
  aliases: ['kube-score:container-security-context-user-group-id', 'kube-score:container-security-context'],
  summary: 'User ids are 10000 or higher.',
  why: 'Low ids are likely to belong to somebody on the node; what escapes from the container then has that user’s rights.',
  bad: podExample({ container: 'securityContext:\n  runAsUser: 1000' }),
  good: podExample({ container: 'securityContext:\n  runAsUser: 10001' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const view of containersOf(subject)) {
      const { value, path } = effective(view, 'runAsUser');
      if (value === undefined || value === 0 || value >= 10_000) continue;
      yield {
        path,
        message: `container ${view.container.name} runs as user ${value}, which a user of the node may have too`,
      };
    }
  },
};
