import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestRemove } from '../changes.ts';
import { podExample } from '../example.ts';

export const sysModule: LintRule = {
  id: 'security/sys-module',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'The capability SYS_MODULE is not added.',
  why: 'With SYS_MODULE a container loads code into the kernel of its node.',
  bad: podExample({ container: 'securityContext:\n  capabilities:\n    add: [SYS_MODULE]' }),
  good: podExample({ container: 'securityContext:\n  capabilities:\n    drop: [ALL]' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      const index = container.securityContext?.capabilities?.add?.indexOf('SYS_MODULE') ?? -1;
      if (index < 0) continue;
      const path = at('securityContext', 'capabilities', 'add', index);
      yield {
        path,
        message: `container ${container.name} may load kernel modules`,
        fix: suggestRemove(path, 'Remove SYS_MODULE'),
      };
    }
  },
};
