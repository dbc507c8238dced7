import type { LintRule } from '../../rule.ts';
import { deploymentExample, documents } from '../example.ts';
import { unresolved } from './unresolved.ts';

const claim =
  'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\nspec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1Gi\n';
const volume = 'volumes:\n  - name: data\n    persistentVolumeClaim:\n      claimName: data';

export const volumeClaim: LintRule = {
  id: 'reference/volume-claim',
  severity: 'warning',
  recommended: true,
  looksAround: true,
  summary: 'Claims that pods mount are there, in the same namespace.',
  why: 'The pod stays pending without its disk.',
  bad: deploymentExample({ spec: volume }),
  good: documents(claim, deploymentExample({ spec: volume })),
  appliesTo: (kind) => kind?.references !== undefined,
  *check(subject, around) {
    yield* unresolved(subject, around, { kinds: ['PersistentVolumeClaim'], absent: 'warning' });
  },
};
