import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const sensitive: readonly string[] = [
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/proc',
  '/sys',
  '/usr',
  '/var/lib/kubelet',
  '/root',
];

function isSensitive(path: string): boolean {
  const clean = path.replace(/\/+$/, '');
  return clean === '' || sensitive.some((folder) => clean === folder || clean.startsWith(`${folder}/`));
}

export const hostPathSensitive: LintRule = {
  id: 'security/host-path-sensitive',
  severity: 'error',
  recommended: true,
  aliases: ['kube-linter:sensitive-host-mounts'],
  summary: 'No folder that the node itself lives from is mounted.',
  why: 'Who writes to these folders owns the node, and who reads them finds its keys.',
  bad: podExample({ spec: 'volumes:\n  - name: etc\n    hostPath:\n      path: /etc' }),
  good: podExample({ spec: 'volumes:\n  - name: etc\n    emptyDir: {}' }),
  appliesTo: hasPods,
  *check({ pod }) {
    for (const [index, { name, hostPath: source }] of (pod?.spec.volumes ?? []).entries()) {
      if (!source || !pod || !isSensitive(source.path)) continue;
      const path = [...pod.path, 'volumes', index, 'hostPath', 'path'];
      yield { path, message: `volume ${name} opens ${source.path} of the node, which it lives from` };
    }
  },
};
