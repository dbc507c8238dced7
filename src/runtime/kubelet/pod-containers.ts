/** The containers that a pod asks for, and those that an engine runs for it. Pure. */
import { createHash } from 'node:crypto';
import type { Milliseconds } from '../../shared/clock.ts';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ContainerId, ContainerState, ContainerSummary, Labels } from '../engine/container-engine.ts';
import { limitsOf, limitsText } from './container-limits.ts';

/**
 * `sidecar`: an init container with restartPolicy Always, which runs beside the pod's main containers (KEP-753).
 * `ephemeral`: added to the pod while it runs, for debugging; it runs once (KEP-277).
 */
export type ContainerRole = 'init' | 'sidecar' | 'app' | 'ephemeral';

export interface DesiredContainer {
  readonly container: Container;
  readonly role: ContainerRole;
}

/** In the order in which they start: init containers and sidecars as written, the main ones, then what was added. */
export function containersOf(pod: Pod): readonly DesiredContainer[] {
  const init = (pod.spec?.initContainers ?? []).map((container): DesiredContainer => {
    return { container, role: container.restartPolicy === 'Always' ? 'sidecar' : 'init' };
  });
  const app = (pod.spec?.containers ?? []).map((container): DesiredContainer => ({ container, role: 'app' }));
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map((container): DesiredContainer => {
    return { container, role: 'ephemeral' };
  });
  return [...init, ...app, ...ephemeral];
}

/** Init containers and sidecars: what the main containers wait for. */
export function startsBeforeMain({ role }: DesiredContainer): boolean {
  return role === 'init' || role === 'sidecar';
}

/** The list of the pod's spec that a container of this role stands in. */
export function listOfRole(role: ContainerRole): 'containers' | 'initContainers' | 'ephemeralContainers' {
  if (role === 'app') return 'containers';
  return role === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
}

export const LABEL = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  type: 'io.kubernetes.docker.type',
  sandboxId: 'io.kubernetes.sandbox.id',
  logPath: 'io.kubernetes.container.logpath',
  hash: 'annotation.io.kubernetes.container.hash',
  attempt: 'annotation.io.kubernetes.container.restartCount',
  terminationMessagePath: 'annotation.io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'annotation.io.kubernetes.container.terminationMessagePolicy',
  limits: 'annotation.io.kubernetes.container.limits',
  gracePeriod: 'annotation.io.kubernetes.pod.terminationGracePeriod',
  cluster: 'kubewright.dev/cluster',
  /** Two homes on one machine may each have a cluster of the same name; their data folders differ. */
  dataFolder: 'kubewright.dev/data-folder',
} as const;

/** What the container's pod gives it to end, at most `longest`: where nobody can ask how long that is. */
export function graceOf({ labels }: ContainerSummary, longest: Milliseconds): Milliseconds {
  const seconds = Number(labels[LABEL.gracePeriod]);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, longest) : longest;
}

const SANDBOX_NAME = 'POD';

/** A container of the pod, or its sandbox, as read back from the engine's labels. */
export interface PodContainer {
  readonly name: string;
  readonly attempt: number;
  readonly hash: string;
  readonly sandboxId: string;
  readonly state: ContainerState;
}

export interface ObservedPod {
  /** Newest first. */
  readonly sandboxes: readonly PodContainer[];
  /** By container name, newest first. */
  readonly containers: ReadonlyMap<string, readonly PodContainer[]>;
}

export function observedPod(states: Iterable<ContainerState>): ObservedPod {
  const sandboxes: PodContainer[] = [];
  const containers = new Map<string, PodContainer[]>();
  for (const state of states) {
    const found = podContainer(state);
    if (found.name === SANDBOX_NAME) sandboxes.push(found);
    else containers.set(found.name, [...(containers.get(found.name) ?? []), found]);
  }
  const newestFirst = (a: PodContainer, b: PodContainer): number => b.attempt - a.attempt;
  sandboxes.sort(newestFirst);
  for (const list of containers.values()) list.sort(newestFirst);
  return { sandboxes, containers };
}

function podContainer(state: ContainerState): PodContainer {
  const attempt = Number(state.labels[LABEL.attempt] ?? '0');
  return {
    name: state.labels[LABEL.containerName] ?? '',
    attempt: Number.isSafeInteger(attempt) ? attempt : 0,
    hash: state.labels[LABEL.hash] ?? '',
    sandboxId: state.labels[LABEL.sandboxId] ?? '',
    state,
  };
}

/** Made, but its start failed: it counts as a run that ended. */
export function failedToStart(state: ContainerState): boolean {
  return state.error !== '' && state.startedAt === undefined && state.status !== 'running';
}

export function hasEnded(state: ContainerState): boolean {
  return state.status === 'exited' || state.status === 'dead' || failedToStart(state);
}

/** Changes exactly when the container has to be made anew: today that is its image (KEP-2463 leaves resources alone). */
export function hashOf(container: Container): string {
  return createHash('sha256')
    .update(JSON.stringify([container.name, container.image ?? '']))
    .digest('hex')
    .slice(0, 8);
}

export interface PodNames {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export function namesOf(pod: Pod): PodNames {
  const { uid = '', namespace = '', name = '' } = pod.metadata;
  return { uid, namespace, name };
}

/** `name_namespace(uid)`, as upstream writes it into messages. */
export function podText(pod: Pod): string {
  const { uid, namespace, name } = namesOf(pod);
  return `${name}_${namespace}(${uid})`;
}

export function engineName(pod: PodNames, container: string, attempt: number): string {
  return ['k8s', container, pod.name, pod.namespace, pod.uid, String(attempt)].join('_');
}

export function sandboxEngineName(pod: PodNames, attempt: number): string {
  return engineName(pod, SANDBOX_NAME, attempt);
}

/** The labels by which a cluster knows its containers. */
export function clusterLabels(cluster: string, dataFolder: string): Labels {
  return { [LABEL.cluster]: cluster, [LABEL.dataFolder]: dataFolder };
}

export function sandboxLabels(pod: Pod, own: Labels, attempt: number): Labels {
  return { ...podLabels(pod, own, SANDBOX_NAME, attempt), [LABEL.type]: 'podsandbox' };
}

export function containerLabels(
  pod: Pod,
  container: Container,
  at: { readonly own: Labels; readonly attempt: number; readonly sandboxId: string },
): Labels {
  const names = namesOf(pod);
  return {
    ...podLabels(pod, at.own, container.name, at.attempt),
    [LABEL.type]: 'container',
    [LABEL.sandboxId]: at.sandboxId,
    [LABEL.hash]: hashOf(container),
    [LABEL.limits]: limitsText(limitsOf(container)),
    [LABEL.logPath]: `/var/log/pods/${names.namespace}_${names.name}_${names.uid}/${container.name}/${at.attempt}.log`,
    [LABEL.terminationMessagePath]: terminationPath(container),
    [LABEL.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
  };
}

export function terminationPath(container: Container): string {
  return container.terminationMessagePath ?? '/dev/termination-log';
}

function podLabels(pod: Pod, own: Labels, container: string, attempt: number): Labels {
  const names = namesOf(pod);
  return {
    ...own,
    [LABEL.podName]: names.name,
    [LABEL.podNamespace]: names.namespace,
    [LABEL.podUid]: names.uid,
    [LABEL.containerName]: container,
    [LABEL.attempt]: String(attempt),
    [LABEL.gracePeriod]: String(pod.spec?.terminationGracePeriodSeconds ?? 30),
  };
}

/** What an ephemeral container asks to look into; a container that does not run has nothing to show. */
export function targetOf(pod: Pod, name: string, observed: ObservedPod): ContainerId | undefined {
  const target = pod.spec?.ephemeralContainers?.find((candidate) => candidate.name === name)?.targetContainerName;
  const run = target === undefined ? undefined : observed.containers.get(target)?.[0];
  return run?.state.status === 'running' ? run.state.id : undefined;
}
