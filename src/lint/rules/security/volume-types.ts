import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const allowed: ReadonlySet<string> = new Set([
  'name',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
]);

export const volumeTypes: LintRule = {
  id: 'security/volume-types',
  severity: 'warning',
  recommended: false,
  podSecurity: 'restricted',
  summary: 'Volumes are configuration, scratch space or claims.',
  why: 'Other sources reach into the node or the network with the rights of the kubelet.',
  bad: podExample({ spec: 'volumes:\n  - name: share\n    nfs:\n      server: files.example.com\n      path: /' }),
  good: podExample({ spec: 'volumes:\n  - name: share\n    persistentVolumeClaim:\n      claimName: share' }),
  appliesTo: hasPods,
  *check({ pod }) {
    for (const [index, volume] of (pod?.spec.volumes ?? []).entries()) {
      const type = Object.keys(volume).find((name) => !allowed.has(name));
      if (type === undefined || !pod) continue;
      yield {
        path: [...pod.path, 'volumes', index, type],
        message: `volume ${volume.name} is of the type ${type}`,
        part: 'key',
      };
    }
  },
};
