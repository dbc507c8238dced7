/** The kinds that the dashboard follows: what people run, and what belongs to it. */
import type { KindDefinition } from '../types/define-kind.ts';
import { CronJob } from '../types/kinds/batch/cron-job.ts';
import { Job } from '../types/kinds/batch/job.ts';
import { DaemonSet } from '../types/kinds/apps/daemon-set.ts';
import { Deployment } from '../types/kinds/apps/deployment.ts';
import { ReplicaSet } from '../types/kinds/apps/replica-set.ts';
import { StatefulSet } from '../types/kinds/apps/stateful-set.ts';
import { ConfigMap } from '../types/kinds/core/config-map.ts';
import { Namespace } from '../types/kinds/core/namespace.ts';
import { Node } from '../types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../types/kinds/core/pod.ts';
import { Secret } from '../types/kinds/core/secret.ts';
import { Service } from '../types/kinds/core/service.ts';
import { Ingress } from '../types/kinds/networking/ingress.ts';
import { NetworkPolicy } from '../types/kinds/networking/network-policy.ts';
import { HorizontalPodAutoscaler } from '../types/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import type { ActionName, KindSummary } from './messages.ts';

/** In the order of the page. */
export const watchedKinds: readonly KindDefinition[] = [
  Deployment,
  StatefulSet,
  DaemonSet,
  Job,
  CronJob,
  ReplicaSet,
  Pod,
  Service,
  Ingress,
  HorizontalPodAutoscaler,
  ConfigMap,
  Secret,
  PersistentVolumeClaim,
  NetworkPolicy,
  Namespace,
  Node,
];

export function kindId({ apiVersion, plural }: KindDefinition): string {
  return `${apiVersion}/${plural}`;
}

/** The columns of `kubectl get` besides name and age, which the page shows for every kind. */
export function ownColumns(kind: KindDefinition): KindDefinition['columns'] {
  return kind.columns.filter(({ name, priority = 0 }) => priority === 0 && name !== 'Name' && name !== 'Age');
}

export function actionsOf(kind: KindDefinition): readonly ActionName[] {
  // What a node or a namespace takes along is too much for one click.
  if (kind.kind === 'Node' || kind.kind === 'Namespace') return [];
  const restarts = kind.group === 'apps' && kind.kind !== 'ReplicaSet';
  return [...(kind.scale ? (['scale'] as const) : []), ...(restarts ? (['restart'] as const) : []), 'delete'];
}

export function kindSummary(kind: KindDefinition): KindSummary {
  return {
    id: kindId(kind),
    kind: kind.kind,
    plural: kind.plural,
    namespaced: kind.scope === 'Namespaced',
    columns: ownColumns(kind).map(({ name }) => name),
    actions: actionsOf(kind),
  };
}
