import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';

export const sysAdmin: LintRule = {
  id: 'security/sys-admin',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  aliases: ['kube-linter:sys-admin-capability'],
  summary: 'The capability SYS_ADMIN is not added.',
  why: 'SYS_ADMIN allows to mount and to enter namespaces: it is nearly as much as root on the node.',
  bad: podExample({ container: 'securityContext:\n  capabilities:\n    add: [SYS_ADMIN]' }),
  good: podExample({ container: 'securityContext:\n  capabilities:\n    drop: [ALL]' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const index = container.securityContext?.capabilities?.add?.indexOf('SYS_ADMIN') ?? -1;
      if (index < 0) continue;
      const path = at('securityContext', 'capabilities', 'add', index);
      yield {
        path,
        message: `container ${container.name} gets SYS_ADMIN`,
        fix: suggestRemove(path, 'Remove SYS_ADMIN'),
      };
    }
  },
};
