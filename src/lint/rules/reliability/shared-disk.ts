import { Deployment } from '../../../types/kinds/apps/deployment.ts';
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample, documents } from '../example.ts';

const claim =
  'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\nspec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1Gi\n';
const volume = 'volumes:\n  - name: data\n    persistentVolumeClaim:\n      claimName: data';

export const sharedDisk: LintRule = {
  id: 'reliability/shared-disk',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'A claim for one node only is not shared by replicas on several.',
  why: 'Pods on other nodes wait for the disk for ever; in a rolling update even a single replica waits for its predecessor.',
  bad: documents(claim, deploymentExample({ deployment: 'replicas: 2', spec: volume })),
  good: documents(claim, deploymentExample({ deployment: 'replicas: 1\nstrategy:\n  type: Recreate', spec: volume })),
  appliesTo: isOneOf(Deployment),
  *check(subject, around) {
    const { replicas = 1, strategy } = asKind(Deployment, subject)?.spec ?? {};
    if (replicas < 2 && (strategy?.type === 'Recreate' || strategy?.rollingUpdate?.maxSurge === 0)) return;
    const { pod } = subject;
    for (const [index, { persistentVolumeClaim: source }] of (pod?.spec.volumes ?? []).entries()) {
      if (!source || !pod) continue;
      const located = around.locate({
        group: '',
        kind: 'PersistentVolumeClaim',
        name: source.claimName,
        namespaced: true,
      });
      const claims = located.answer === 'here' ? located.objects : [];
      const modes = claims.flatMap((one) => asKind(PersistentVolumeClaim, one)?.spec?.accessModes ?? []);
      if (modes.length === 0 || !modes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod'))
        continue;
      const path = [...pod.path, 'volumes', index, 'persistentVolumeClaim', 'claimName'];
      const why =
        replicas > 1 ? `${replicas} replicas share it` : 'a rolling update starts the new pod beside the old one';
      yield { path, message: `the claim ${source.claimName} is for one node only, and ${why}` };
    }
  },
};
