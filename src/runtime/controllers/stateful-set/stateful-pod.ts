/** The pod of an ordinal: its name, its labels, its claims. Pure. */
import { deepEqual } from '../../../shared/deep.ts';
import type { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { PodTemplateSpec, Volume } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { KubeObject, Persisted } from '../../../types/meta.ts';
import { podFromTemplate } from '../framework/pod-template.ts';
import { revisionHashLabel } from '../framework/revision-plan.ts';

const podNameLabel = 'statefulset.kubernetes.io/pod-name';
const podIndexLabel = 'apps.kubernetes.io/pod-index';

export function podName(set: Persisted<StatefulSet>, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** 2 for `web-2` of the set `web`; undefined for a name that the set would not give. */
export function ordinalOf(set: Persisted<StatefulSet>, pod: KubeObject): number | undefined {
  const name = pod.metadata.name ?? '';
  const prefix = `${set.metadata.name}-`;
  const text = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  const ordinal = Number(text);
  return /^(?:0|[1-9][0-9]*)$/.test(text) && ordinal <= 2_147_483_647 ? ordinal : undefined;
}

/** The first ordinal of the set, and the first that is too high. */
export function ordinalsOf({ spec }: StatefulSet): { readonly start: number; readonly end: number } {
  const start = spec?.ordinals?.start ?? 0;
  return { start, end: start + (spec?.replicas ?? 1) };
}

export function isInRange(set: Persisted<StatefulSet>, pod: KubeObject): boolean {
  const ordinal = ordinalOf(set, pod);
  const { start, end } = ordinalsOf(set);
  return ordinal !== undefined && ordinal >= start && ordinal < end;
}

/** The name of the revision that the pod was made from. */
export function revisionOfPod(pod: Pod): string | undefined {
  return pod.metadata.labels?.[revisionHashLabel];
}

export function newStatefulPod(
  set: Persisted<StatefulSet>,
  template: PodTemplateSpec | undefined,
  revision: string,
  ordinal: number,
): Pod {
  const name = podName(set, ordinal);
  const { spec, metadata, ...pod } = podFromTemplate(template, set);
  if (!spec) throw new Error(`StatefulSet ${set.metadata.name} has no pod template`);
  const subdomain = set.spec?.serviceName ?? '';
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: { ...metadata.labels, ...identityLabels(name, ordinal), [revisionHashLabel]: revision },
    },
    spec: {
      ...spec,
      volumes: volumesOf(set, spec.volumes, ordinal),
      hostname: name,
      ...(subdomain === '' ? {} : { subdomain }),
    },
  };
}

/** The pod with what the set asks of it; undefined when it has all that. It may be one that was adopted. */
export function repairedPod(set: Persisted<StatefulSet>, pod: Persisted<Pod>): Pod | undefined {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined || !pod.spec) return undefined;
  const labels = { ...pod.metadata.labels, ...identityLabels(pod.metadata.name, ordinal) };
  const claimsMatch = volumesOfClaims(set, ordinal).every((wanted) =>
    (pod.spec?.volumes ?? []).some(
      ({ name, persistentVolumeClaim: has }) =>
        name === wanted.name && has?.claimName === wanted.persistentVolumeClaim?.claimName,
    ),
  );
  const volumes = claimsMatch ? pod.spec.volumes : volumesOf(set, pod.spec.volumes, ordinal);
  if (claimsMatch && deepEqual(labels, pod.metadata.labels)) return undefined;
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: { ...pod.spec, volumes } };
}

function identityLabels(name: string, ordinal: number): Readonly<Record<string, string>> {
  return { [podNameLabel]: name, [podIndexLabel]: String(ordinal) };
}

/** A claim takes the place of a volume of its name. */
function volumesOf(
  set: Persisted<StatefulSet>,
  volumes: readonly Volume[] | undefined,
  ordinal: number,
): readonly Volume[] | undefined {
  const claims = volumesOfClaims(set, ordinal);
  if (claims.length === 0) return volumes;
  return [...claims, ...(volumes ?? []).filter(({ name }) => !claims.some((claim) => claim.name === name))];
}

function volumesOfClaims(set: Persisted<StatefulSet>, ordinal: number): readonly Volume[] {
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => {
    const name = metadata?.name ?? '';
    return { name, persistentVolumeClaim: { claimName: claimName(set, name, ordinal) } };
  });
}

function claimName(set: Persisted<StatefulSet>, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`;
}

/** The claims that the pod of an ordinal needs, as they are to be created. */
export function claimsOf(set: Persisted<StatefulSet>, ordinal: number): readonly PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map(({ metadata, spec }) => {
    const { labels, annotations, finalizers, ownerReferences } = metadata ?? {};
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: claimName(set, metadata?.name ?? '', ordinal),
        namespace: set.metadata.namespace,
        labels: { ...labels, ...set.spec?.selector.matchLabels },
        ...(annotations === undefined ? {} : { annotations }),
        ...(finalizers === undefined ? {} : { finalizers }),
        ...(ownerReferences === undefined ? {} : { ownerReferences }),
      },
      ...(spec === undefined ? {} : { spec }),
    };
  });
}

/** Whether a claim of this name could be one of the set's. */
export function couldClaim(set: Persisted<StatefulSet>, claim: string): boolean {
  return (set.spec?.volumeClaimTemplates ?? []).some(({ metadata }) =>
    claim.startsWith(`${metadata?.name ?? ''}-${set.metadata.name}-`),
  );
}
