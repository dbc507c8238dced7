import type { ReplicaSetStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import { ReplicaSet } from '../../../types/kinds/apps/replica-set.ts';
import { replicaController } from './replica-controller.ts';

export const replicaSetController = replicaController({
  name: 'replicaset-controller',
  kind: ReplicaSet,
  selector: (set) => set.spec?.selector,
  statusOf: (set): ReplicaSetStatus | undefined => set.status,
  withStatus: (set, status) => ({ ...set, status }),
});
