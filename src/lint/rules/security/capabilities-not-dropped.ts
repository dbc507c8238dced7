import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods, isWindows } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const capabilitiesNotDropped: LintRule = {
  id: 'security/capabilities-not-dropped',
  severity: 'warning',
  recommended: true,
  podSecurity: 'restricted',
  summary: 'All capabilities are dropped; only NET_BIND_SERVICE is added back.',
  why: 'Hardly any server needs the capabilities that a runtime gives by default.',
  bad: podExample({ container: 'securityContext:\n  capabilities:\n    drop: [NET_RAW]' }),
  good: podExample({ container: 'securityContext:\n  capabilities:\n    drop: [ALL]' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject)) return;
    for (const { container, at } of containersOf(subject)) {
      const { add = [], drop } = container.securityContext?.capabilities ?? {};
      const path = at('securityContext', 'capabilities', 'drop');
      if (drop?.includes('ALL') !== true) {
        const message = `container ${container.name} keeps capabilities: drop does not name ALL`;
        yield {
          path: drop ? path : at(),
          message,
          part: 'key',
          fix: suggestSet(path, ['ALL'], 'Drop all capabilities'),
        };
      }
      for (const [index, name] of add.entries()) {
        if (name === 'NET_BIND_SERVICE') continue;
        const place = at('securityContext', 'capabilities', 'add', index);
        if (drop?.includes('ALL') === true)
          yield { path: place, message: `container ${container.name} adds ${name} back` };
      }
    }
  },
};
