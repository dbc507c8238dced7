/** Which ReplicaSet is which revision of a Deployment, and what the next one looks like. Pure. */
import { deepEqual } from '../../../shared/deep.ts';
import type { PodTemplateSpec } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Deployment } from '../../../types/kinds/apps/deployment.ts';
import type { ReplicaSet } from '../../../types/kinds/apps/replica-set.ts';
import type { Persisted } from '../../../types/meta.ts';
import { templateHash } from '../../../types/names.ts';
import { controllerReference } from '../framework/ownership.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
export const historyAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';
export const hashLabel = 'pod-template-hash';

/** Annotations of a Deployment that say nothing of its ReplicaSets. */
const ownAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

/** Upstream's limit on the length of the history annotation, in characters. */
const historyLimit = 2000;

export interface Revisions {
  /** The ReplicaSet of the present template. */
  readonly current: Persisted<ReplicaSet> | undefined;
  readonly old: readonly Persisted<ReplicaSet>[];
}

/** Where several ReplicaSets have the template, the oldest is the present one, so that all readers agree. */
export function revisionsOf(deployment: Deployment, sets: readonly Persisted<ReplicaSet>[]): Revisions {
  const current = [...sets].sort(byAge).find((set) => equalTemplates(set.spec?.template, deployment.spec?.template));
  return { current, old: sets.filter((set) => set !== current) };
}

export function byAge(a: Persisted, b: Persisted): number {
  const left = a.metadata.creationTimestamp;
  const right = b.metadata.creationTimestamp;
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

export function equalTemplates(a: PodTemplateSpec | undefined, b: PodTemplateSpec | undefined): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec | undefined): unknown {
  if (!template) return undefined;
  const { labels = {}, ...metadata } = template.metadata ?? {};
  const { [hashLabel]: _, ...rest } = labels;
  // Read back, an empty creationTimestamp or an empty map may have been left out.
  return { spec: template.spec, metadata: { ...metadata, creationTimestamp: undefined, labels: rest } };
}

/** A bigint, as the annotation is an int64 that others may have set to whatever they like. */
export function revisionOf(set: ReplicaSet): bigint {
  const text = set.metadata.annotations?.[revisionAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? BigInt(text) : 0n;
}

/** One more than the newest of the old ReplicaSets. */
export function nextRevision(old: readonly ReplicaSet[]): bigint {
  return old.map(revisionOf).reduce((newest, revision) => (revision > newest ? revision : newest), 0n) + 1n;
}

/** The ReplicaSet for the present template, without replicas yet. */
export function newReplicaSet(deployment: Persisted<Deployment>): ReplicaSet {
  const spec = deployment.spec;
  const template = spec?.template ?? {};
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec?.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec?.selector, matchLabels: { ...spec?.selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

export interface Desired {
  readonly replicas: number;
  readonly maxReplicas: number;
}

/** The annotations that the present ReplicaSet is to have; a new one has its sizes among them from the start. */
export function revisionAnnotations(
  deployment: Deployment,
  set: ReplicaSet,
  revision: bigint,
  sizes: Desired | undefined,
): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = { ...set.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!ownAnnotations.has(key)) annotations[key] = value;
  }
  const before = annotations[revisionAnnotation];
  if (revisionOf(set) < revision) {
    annotations[revisionAnnotation] = String(revision);
    // Rolled back to: the number it had goes into its history.
    if (before !== undefined && before !== '') {
      annotations[historyAnnotation] = historyWith(annotations[historyAnnotation] ?? '', before);
    }
  }
  return sizes ? { ...annotations, ...sizeAnnotations(sizes) } : annotations;
}

function historyWith(history: string, revision: string): string {
  const revisions = history === '' ? [] : history.split(',');
  revisions.push(revision);
  while (revisions.length > 1 && revisions.join(',').length > historyLimit) revisions.shift();
  return revisions.join(',');
}

export function sizeAnnotations({ replicas, maxReplicas }: Desired): Record<string, string> {
  return { [desiredAnnotation]: String(replicas), [maxAnnotation]: String(maxReplicas) };
}

/** A size that the controller wrote on a ReplicaSet. */
export function annotatedSize(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
