import type { LintRule } from '../../rule.ts';
import { containersOf, effective, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const lowGid: LintRule = {
  id: 'security/low-gid',
  severity: 'info',
  recommended: false,
  aliases: ['kube-score:container-security-context-user-group-id', 'kube-score:container-security-context'],
  summary: 'Group ids are 10000 or higher.',
  why: 'Low ids are likely to belong to a group of the node; what escapes from the container then has that group’s rights.',
  bad: podExample({ container: 'securityContext:\n  runAsGroup: 1000' }),
  good: podExample({ container: 'securityContext:\n  runAsGroup: 10001' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const view of containersOf(subject)) {
      const { value, path } = effective(view, 'runAsGroup');
      if (value === undefined || value === 0 || value >= 10_000) continue;
      yield { path, message: `container ${view.container.name} runs as group ${value}, which the node may have too` };
    }
  },
};
