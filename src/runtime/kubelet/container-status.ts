/** One container's part of a pod's status. Pure. */
import type { ContainerState as StateText, ContainerStatus } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ContainerState } from '../engine/container-engine.ts';
import { exitOf, restarts } from './pod-plan.ts';
import { containersOf, failedToStart, hasEnded, type DesiredContainer, type PodContainer } from './pod-containers.ts';
import { resizeOf, statedResources } from './pod-resize.ts';
import type { StatusInput } from './pod-status.ts';

/** As the API writes moments: RFC 3339, whole seconds. */
export function timeText(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function containerStatus(input: StatusInput, wanted: DesiredContainer): ContainerStatus {
  const { container } = wanted;
  const runs = input.observed.containers.get(container.name) ?? [];
  // A container that is made but not begun is not shown: upstream makes and starts in one step.
  const shown = runs.filter((run) => run.state.status !== 'created' || failedToStart(run.state));
  const [last, previous] = shown;
  if (!last) return notBegun(input, wanted);
  const waiting = mayRunAgain(input, wanted) ? input.waiting.get(container.name) : undefined;
  const ended = hasEnded(last.state);
  const state: StateText = ended && waiting && !input.ended ? { waiting } : stateText(input, last);
  const isWaiting = state.waiting !== undefined;
  const former = isWaiting ? last : previous;
  const user = container.securityContext;
  return {
    name: container.name,
    state,
    ...(former && hasEnded(former.state) ? { lastState: stateText(input, former) } : {}),
    ready: readyOf(input, wanted, last, ended),
    restartCount: last.attempt,
    image: container.image ?? '',
    imageID: imageIdText(input, last.state),
    containerID: `docker://${last.state.id}`,
    started: !ended && input.started.has(last.state.id),
    ...(user?.runAsUser === undefined ? {} : { user: { linux: { uid: user.runAsUser, gid: user.runAsGroup ?? 0 } } }),
    ...resourcesOf(input, wanted),
  };
}

/** What it may use: granted, and in force. */
function resourcesOf(
  input: StatusInput,
  { container }: DesiredContainer,
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const { resources = {} } = container;
  if (Object.keys(resources).length === 0) return {};
  const former = isResizing(input, container.name) ? statedResources(input.pod.status, container.name) : undefined;
  return {
    ...(resources.requests ? { allocatedResources: resources.requests } : {}),
    resources: former ?? resources,
  };
}

/** Whether it still runs within other limits than it was granted. */
export function isResizing(input: StatusInput, name: string): boolean {
  const run = input.observed.containers.get(name)?.[0];
  const wanted = containersOf(input.pod).find(({ container, role }) => {
    return container.name === name && (role === 'app' || role === 'sidecar');
  });
  if (!wanted || run?.state.status !== 'running') return false;
  return resizeOf(wanted.container, run, input.resize?.applied ?? new Map()) !== 'none';
}

function readyOf(input: StatusInput, wanted: DesiredContainer, run: PodContainer, ended: boolean): boolean {
  if (wanted.role === 'ephemeral') return false;
  if (wanted.role === 'init') return ended && exitOf(run) === 0;
  return !ended && input.ready.has(run.state.id);
}

function notBegun(input: StatusInput, wanted: DesiredContainer): ContainerStatus {
  const { container, role } = wanted;
  const hasInit = (input.pod.spec?.initContainers ?? []).length > 0;
  const reason = hasInit && role !== 'ephemeral' ? 'PodInitializing' : 'ContainerCreating';
  const waiting = input.waiting.get(container.name);
  const known = waiting
    ? { reason: waiting.reason, ...(waiting.message === '' ? {} : { message: waiting.message }) }
    : { reason };
  return {
    name: container.name,
    state: { waiting: known },
    ready: false,
    restartCount: 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
  };
}

function imageIdText(input: StatusInput, state: ContainerState): string {
  const digest = input.imageDigests.get(state.imageId);
  return digest === undefined ? `docker://${state.imageId}` : `docker-pullable://${digest}`;
}

function stateText(input: StatusInput, run: PodContainer): StateText {
  const { state } = run;
  if (state.status === 'running' || state.status === 'paused') {
    return { running: { startedAt: timeText(state.startedAt ?? state.createdAt) } };
  }
  const message = input.messages.get(state.id) || (failedToStart(state) ? state.error : '');
  return {
    terminated: {
      exitCode: exitOf(run),
      reason: endReason(run),
      ...(message === '' ? {} : { message }),
      startedAt: timeText(state.startedAt ?? state.createdAt),
      finishedAt: timeText(state.finishedAt ?? state.createdAt),
      containerID: `docker://${state.id}`,
    },
  };
}

function endReason(run: PodContainer): string {
  const { state } = run;
  if (state.oomKilled) return 'OOMKilled';
  if (failedToStart(state))
    return state.exitCode === 127 || state.exitCode === 126 ? 'ContainerCannotRun' : 'StartError';
  return state.exitCode === 0 ? 'Completed' : 'Error';
}

export type ContainerSum = 'running' | 'waiting' | 'succeeded' | 'failed';

/** What a container counts as for the pod's phase. */
export function sumOf(status: ContainerStatus): ContainerSum {
  const ended = status.state?.terminated ?? (status.state?.waiting ? status.lastState?.terminated : undefined);
  if (status.state?.running) return 'running';
  if (!ended) return 'waiting';
  return ended.exitCode === 0 && status.state?.terminated ? 'succeeded' : 'failed';
}

export function isInitialized(input: StatusInput, wanted: DesiredContainer): boolean {
  const runs = input.observed.containers.get(wanted.container.name) ?? [];
  const last = runs[0];
  if (!last) return false;
  if (wanted.role === 'sidecar') return input.started.has(last.state.id);
  return runs.some((run) => hasEnded(run.state) && exitOf(run) === 0);
}

/** Whether the container's last run will be followed by another. */
export function mayRunAgain(input: StatusInput, wanted: DesiredContainer): boolean {
  const last = input.observed.containers.get(wanted.container.name)?.[0];
  return !last || !hasEnded(last.state) || restarts(input.pod, wanted, exitOf(last));
}
