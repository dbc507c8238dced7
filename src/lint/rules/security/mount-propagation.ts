import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const mountPropagation: LintRule = {
  id: 'security/mount-propagation',
  severity: 'warning',
  recommended: true,
  summary: 'Mounts do not propagate back to the node.',
  why: 'With Bidirectional propagation a container mounts into the node and into other pods.',
  bad: podExample({
    container:
      'securityContext:\n  privileged: true\nvolumeMounts:\n  - name: data\n    mountPath: /data\n    mountPropagation: Bidirectional',
    spec: 'volumes:\n  - name: data\n    emptyDir: {}',
  }),
  good: podExample({
    container: 'volumeMounts:\n  - name: data\n    mountPath: /data\n    mountPropagation: HostToContainer',
    spec: 'volumes:\n  - name: data\n    emptyDir: {}',
  }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of containersOf(subject)) {
      for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
        if (mount.mountPropagation !== 'Bidirectional') continue;
        const path = at('volumeMounts', index, 'mountPropagation');
        yield { path, message: `what container ${container.name} mounts at ${mount.mountPath} shows on the node` };
      }
    }
  },
};
