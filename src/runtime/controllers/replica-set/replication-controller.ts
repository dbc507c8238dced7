import type { ReplicaSetStatus } from '../../../types/kinds/generated/apps-v1.gen.ts';
import { ReplicationController } from '../../../types/kinds/core/replication-controller.ts';
import { replicaController } from './replica-controller.ts';

/** A ReplicationController is a ReplicaSet with a plain map for a selector and without a count of terminating pods. */
export const replicationController = replicaController({
  name: 'replication-controller',
  kind: ReplicationController,
  selector: (set) => (set.spec?.selector === undefined ? undefined : { matchLabels: set.spec.selector }),
  statusOf: (set): ReplicaSetStatus | undefined => set.status,
  withStatus: (set, { terminatingReplicas: _, ...status }) => ({ ...set, status }),
});
