import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods, isWindows } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const netRaw: LintRule = {
  id: 'security/net-raw',
  severity: 'warning',
  recommended: false,
  aliases: ['kube-linter:drop-net-raw-capability'],
  summary: 'The capability NET_RAW is dropped.',
  why: 'With raw sockets a container can forge packets of its neighbours.',
  bad: podExample({}),
  good: podExample({ container: 'securityContext:\n  capabilities:\n    drop: [NET_RAW]' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject)) return;
    for (const { container, at } of containersOf(subject)) {
      const drop = container.securityContext?.capabilities?.drop ?? [];
      if (drop.includes('ALL') || drop.includes('NET_RAW')) continue;
      yield { path: at(), message: `container ${container.name} keeps NET_RAW` };
    }
  },
};
