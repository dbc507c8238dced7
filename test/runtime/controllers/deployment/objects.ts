import type {
  DeploymentSpec,
  DeploymentStatus,
  ReplicaSetStatus,
} from '../../../../src/types/kinds/generated/apps-v1.gen.ts';
import type { Deployment } from '../../../../src/types/kinds/apps/deployment.ts';
import type { ReplicaSet } from '../../../../src/types/kinds/apps/replica-set.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import { newReplicaSet } from '../../../../src/runtime/controllers/deployment/revisions.ts';

export const template = (image: string): DeploymentSpec['template'] => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});

export function deployment(spec: Partial<DeploymentSpec> = {}, status: DeploymentStatus = {}): Persisted<Deployment> {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'd1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
    },
    spec: {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      template: template('new'),
      progressDeadlineSeconds: 600,
      ...spec,
    },
    status,
  };
}

export interface SetOptions {
  readonly image: string;
  readonly replicas: number;
  readonly status?: Partial<ReplicaSetStatus>;
  readonly annotations?: Record<string, string>;
  readonly created?: string;
}

export function replicaSet(owner: Persisted<Deployment>, options: SetOptions): Persisted<ReplicaSet> {
  const made = newReplicaSet({
    ...owner,
    spec: { selector: { matchLabels: { app: 'web' } }, template: template(options.image) },
  });
  const name = made.metadata.name ?? '';
  return {
    ...made,
    metadata: {
      ...made.metadata,
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: options.created ?? '2026-01-01T00:00:01Z',
      generation: 1,
      annotations: options.annotations ?? {},
    },
    spec: { ...made.spec, selector: made.spec?.selector ?? {}, replicas: options.replicas },
    status: { replicas: options.replicas, observedGeneration: 1, ...options.status },
  };
}
