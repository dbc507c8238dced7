import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const hostPathWritable: LintRule = {
  id: 'security/host-path-writable',
  severity: 'warning',
  recommended: false,
  aliases: ['kube-linter:writable-host-mount'],
  summary: 'Folders of the node are mounted for reading only.',
  why: 'What a pod writes there stays on the node and may be run by it.',
  bad: podExample({
    container: 'volumeMounts:\n  - name: logs\n    mountPath: /logs',
    spec: 'volumes:\n  - name: logs\n    hostPath:\n      path: /var/log',
  }),
  good: podExample({
    container: 'volumeMounts:\n  - name: logs\n    mountPath: /logs\n    readOnly: true',
    spec: 'volumes:\n  - name: logs\n    hostPath:\n      path: /var/log',
  }),
  appliesTo: hasPods,
  *check(subject) {
    const volumes = (subject.pod?.spec.volumes ?? []).filter(({ hostPath }) => hostPath);
    for (const { container, at } of containersOf(subject)) {
      for (const [index, { name, readOnly }] of (container.volumeMounts ?? []).entries()) {
        if (readOnly === true || !volumes.some((volume) => volume.name === name)) continue;
        const message = `container ${container.name} may write to the folder of the node that volume ${name} is`;
        const path = at('volumeMounts', index, 'readOnly');
        yield { path: at('volumeMounts', index), message, fix: suggestSet(path, true) };
      }
    }
  },
};
