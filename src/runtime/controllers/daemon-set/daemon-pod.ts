/** The pod for a node, and for which node a pod is. Pure. */
import type { DaemonSet } from '../../../types/kinds/apps/daemon-set.ts';
import type { Node } from '../../../types/kinds/core/node.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Affinity, PodSpec, Toleration } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';
import { matchesNodeSelection } from '../../../types/pod/node-selection.ts';
import { toleratesTaint } from '../../../types/pod/tolerations.ts';
import { podFromTemplate } from '../framework/pod-template.ts';
import { revisionHashLabel } from '../framework/revision-plan.ts';

const generationAnnotation = 'deprecated.daemonset.template.generation';
const generationLabel = 'pod-template-generation';
const nodeNameField = 'metadata.name';

/** Daemons serve a node in whatever state it is (pkg/controller/daemon/util). */
const nodeTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
/** Pods on the host's network are often what makes the network. */
const hostNetworkToleration: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

function tolerationsOf(spec: PodSpec): readonly Toleration[] {
  const own = spec.tolerations ?? [];
  const added = spec.hostNetwork === true ? [...nodeTolerations, hostNetworkToleration] : nodeTolerations;
  const same = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '');
  // One that is there already with a limit in time loses the limit.
  const kept = own.map((toleration) => added.find((candidate) => same(toleration, candidate)) ?? toleration);
  return [...kept, ...added.filter((toleration) => !kept.includes(toleration))];
}

/** Held to the node by its name, so that the scheduler binds it there and nowhere else. */
function affinityTo(node: string, affinity: Affinity | undefined): Affinity {
  const term = { matchFields: [{ key: nodeNameField, operator: 'In', values: [node] }] } as const;
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    },
  };
}

export function newDaemonPod(set: Persisted<DaemonSet>, node: string, hash: string): Pod {
  const pod = podFromTemplate(set.spec?.template, set);
  const generation = set.metadata.annotations?.[generationAnnotation];
  const labels = {
    ...pod.metadata.labels,
    [revisionHashLabel]: hash,
    ...(generation === undefined ? {} : { [generationLabel]: generation }),
  };
  const { spec } = pod;
  if (!spec) return pod;
  return {
    ...pod,
    metadata: { ...pod.metadata, labels },
    spec: { ...spec, affinity: affinityTo(node, spec.affinity), tolerations: tolerationsOf(spec) },
  };
}

/** The node that a pod runs on or is made for; undefined where it is for none. */
export function targetNode({ spec }: Pod): string | undefined {
  if ((spec?.nodeName ?? '') !== '') return spec?.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values = [] } of matchFields) {
      if (key === nodeNameField && operator === 'In' && values.length === 1) return values[0];
    }
  }
  return undefined;
}

/** Whether the pod is of the set's present template: by its revision or, made by an older cluster, by its generation. */
export function isUpToDate(set: DaemonSet, pod: Pod, hashes: ReadonlySet<string>): boolean {
  const labels = pod.metadata.labels ?? {};
  const generation = set.metadata.annotations?.[generationAnnotation];
  return (
    hashes.has(labels[revisionHashLabel] ?? '') || (generation !== undefined && labels[generationLabel] === generation)
  );
}

export interface Placement {
  /** A pod is to be there. */
  readonly shouldRun: boolean;
  /** A pod that is there already may stay. */
  readonly mayStay: boolean;
}

const nowhere: Placement = { shouldRun: false, mayStay: false };

export function placementOn(node: Node, set: DaemonSet): Placement {
  const spec = set.spec?.template.spec;
  if (!spec) return nowhere;
  const { name } = node.metadata;
  if ((spec.nodeName ?? '') !== '' && spec.nodeName !== name) return nowhere;
  if (!matchesNodeSelection({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec }, node)) return nowhere;
  const tolerations = tolerationsOf(spec);
  const repelling = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !toleratesTaint(tolerations, taint),
  );
  return { shouldRun: repelling.length === 0, mayStay: repelling.every(({ effect }) => effect !== 'NoExecute') };
}
