/** What `kubectl get pods` prints of a pod (kubectl's printers, printPod). */
import { findCondition } from '../conditions.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { humanDuration } from '../table.ts';

export interface PodText {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: string;
}

function isSidecar(container: core.Container | undefined): boolean {
  return container?.restartPolicy === 'Always';
}

function exitText(prefix: string, terminated: core.ContainerStateTerminated): string {
  if ((terminated.reason ?? '') !== '') return `${prefix}${terminated.reason ?? ''}`;
  return (terminated.signal ?? 0) !== 0
    ? `${prefix}Signal:${terminated.signal}`
    : `${prefix}ExitCode:${terminated.exitCode}`;
}

class Summary {
  restarts = 0;
  sidecarRestarts = 0;
  ready = 0;
  total: number;
  reason: string;
  lastRestart = 0;
  lastSidecarRestart = 0;
  readonly #sidecars: ReadonlySet<string>;

  constructor(readonly pod: core.Pod) {
    const status = pod.status ?? {};
    this.reason = status.reason ?? '';
    if (this.reason === '') this.reason = status.phase ?? '';
    const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar);
    this.#sidecars = new Set(sidecars.map(({ name }) => name));
    this.total = (pod.spec?.containers ?? []).length + sidecars.length;
    const scheduled = findCondition(status.conditions, 'PodScheduled');
    if (scheduled?.reason === 'SchedulingGated') this.reason = 'SchedulingGated';
  }

  isSidecar(name: string): boolean {
    return this.#sidecars.has(name);
  }
}

function lastEnd(status: core.ContainerStatus): number {
  const time = status.lastState?.terminated?.finishedAt;
  return time === undefined ? 0 : Date.parse(time);
}

/** Answers whether the pod is still initializing. */
function readInitContainers(summary: Summary): boolean {
  const { pod } = summary;
  const total = (pod.spec?.initContainers ?? []).length;
  for (const [index, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = summary.isSidecar(container.name);
    summary.restarts += container.restartCount;
    summary.lastRestart = Math.max(summary.lastRestart, lastEnd(container));
    if (sidecar) {
      summary.sidecarRestarts += container.restartCount;
      summary.lastSidecarRestart = Math.max(summary.lastSidecarRestart, lastEnd(container));
    }
    const { terminated, waiting } = container.state ?? {};
    if (terminated && terminated.exitCode === 0) continue;
    if (sidecar && container.started === true) {
      if (container.ready) summary.ready += 1;
      continue;
    }
    if (terminated) summary.reason = exitText('Init:', terminated);
    else if (waiting && (waiting.reason ?? '') !== '' && waiting.reason !== 'PodInitializing') {
      summary.reason = `Init:${waiting.reason ?? ''}`;
    } else summary.reason = `Init:${index}/${total}`;
    return true;
  }
  return false;
}

function readContainers(summary: Summary): void {
  summary.restarts = summary.sidecarRestarts;
  summary.lastRestart = summary.lastSidecarRestart;
  let running = false;
  let waitingReason = '';
  const statuses = summary.pod.status?.containerStatuses ?? [];
  for (const container of [...statuses].reverse()) {
    summary.restarts += container.restartCount;
    summary.lastRestart = Math.max(summary.lastRestart, lastEnd(container));
    const { waiting, terminated, running: runs } = container.state ?? {};
    if (waiting && (waiting.reason ?? '') !== '') waitingReason = summary.reason = waiting.reason ?? '';
    else if (terminated) summary.reason = exitText('', terminated);
    else if (container.ready && runs) {
      running = true;
      summary.ready += 1;
    }
  }
  // A completed container beside running ones does not complete the pod.
  if (summary.reason === 'Completed' && running && waitingReason === '') {
    const ready = findCondition(summary.pod.status?.conditions, 'Ready')?.status === 'True';
    summary.reason = ready ? 'Running' : 'NotReady';
  }
}

export function isInitialized(pod: core.Pod): boolean {
  return findCondition(pod.status?.conditions, 'Initialized')?.status === 'True';
}

export function podText(pod: core.Pod, now: Date): PodText {
  const summary = new Summary(pod);
  const initializing = readInitContainers(summary);
  if (!initializing || isInitialized(pod)) readContainers(summary);
  if (pod.metadata.deletionTimestamp !== undefined) {
    const phase = pod.status?.phase;
    if (pod.status?.reason === 'NodeLost') summary.reason = 'Unknown';
    else if (phase !== 'Failed' && phase !== 'Succeeded') summary.reason = 'Terminating';
  }
  const { restarts, lastRestart } = summary;
  const ago = restarts !== 0 && lastRestart !== 0 ? ` (${humanDuration(now.getTime() - lastRestart)} ago)` : '';
  return { ready: summary.ready, total: summary.total, status: summary.reason, restarts: `${restarts}${ago}` };
}

/** `1/2`: how many of the readiness gates are true, or `<none>`. */
export function readinessGatesText(pod: core.Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(
    ({ conditionType }) => findCondition(pod.status?.conditions, conditionType)?.status === 'True',
  );
  return `${met.length}/${gates.length}`;
}
