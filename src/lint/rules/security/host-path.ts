import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const hostPath: LintRule = {
  id: 'security/host-path',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'Pods mount no folders of their node.',
  why: 'Files of the node outlive the pod, differ from node to node, and lead out of the container.',
  bad: podExample({ spec: 'volumes:\n  - name: data\n    hostPath:\n      path: /srv/data' }),
  good: podExample({ spec: 'volumes:\n  - name: data\n    emptyDir: {}' }),
  appliesTo: hasPods,
  *check({ pod }) {
    for (const [index, { name, hostPath: source }] of (pod?.spec.volumes ?? []).entries()) {
      if (!source || !pod) continue;
      const path = [...pod.path, 'volumes', index, 'hostPath', 'path'];
      yield { path, message: `volume ${name} is the folder ${source.path} of the node` };
    }
  },
};
