/** What a pod's containers say about it, in the API's words. Pure. */
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../types/kinds/generated/core-v1.gen.ts';
import { containerStatus, isInitialized, isResizing, mayRunAgain, sumOf, timeText } from './container-status.ts';
import { containersOf, startsBeforeMain, type DesiredContainer, type ObservedPod } from './pod-containers.ts';
import type { Waiting } from './pod-plan.ts';
import { resizeVerdicts, type ResizeProgress } from './pod-resize.ts';
import { qosClassOf } from './resource-amounts.ts';

export interface StatusInput {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly now: Date;
  /** By container name: why it does not run. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** Engine ids whose readiness probe succeeds (or that need none). */
  readonly ready: ReadonlySet<string>;
  readonly started: ReadonlySet<string>;
  /** Termination messages by engine id. */
  readonly messages: ReadonlyMap<string, string>;
  /** Image id -> `repository@sha256:...`, where the image has one. */
  readonly imageDigests: ReadonlyMap<string, string>;
  readonly address: { readonly podIp: string | undefined; readonly hostIp: string };
  /** The sandbox runs and has its network. */
  readonly sandboxReady: boolean;
  readonly resize?: ResizeProgress;
  /** All containers have been stopped on purpose. */
  readonly ended:
    { readonly reason: string; readonly message: string; readonly phase: 'Failed' | undefined } | undefined;
  /** The node did not take the pod: nothing is said of its containers, so that tools show the reason. */
  readonly rejected?: boolean;
}

export function podStatus(input: StatusInput): PodStatus {
  const { pod } = input;
  const all = containersOf(pod);
  const statusOf = (wanted: DesiredContainer): ContainerStatus => containerStatus(input, wanted);
  const containers = all.filter((wanted) => wanted.role === 'app').map(statusOf);
  const init = all.filter(startsBeforeMain).map(statusOf);
  const ephemeral = all.filter((wanted) => wanted.role === 'ephemeral').map(statusOf);
  const phase = phaseOf(input, containers);
  const { podIp, hostIp } = input.address;
  const reason = input.ended?.reason || (phase === pod.status?.phase ? pod.status.reason : undefined);
  const message = input.ended?.message || (phase === pod.status?.phase ? pod.status.message : undefined);
  const generation = pod.metadata.generation;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
    conditions: conditionsOf(input, phase, [...init, ...containers]),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp === undefined ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: pod.status?.startTime ?? timeText(input.now),
    ...(init.length === 0 || input.rejected ? {} : { initContainerStatuses: init }),
    ...(input.rejected ? {} : { containerStatuses: containers }),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    qosClass: qosClassOf(pod),
    ...(pod.status?.nominatedNodeName ? { nominatedNodeName: pod.status.nominatedNodeName } : {}),
  };
}

type Phase = NonNullable<PodStatus['phase']>;

/** A pod is at its end only when nothing of it runs, sidecars included. */
function phaseOf(input: StatusInput, containers: readonly ContainerStatus[]): Phase {
  const before = input.pod.status?.phase;
  if (before === 'Failed' || before === 'Succeeded') return before;
  const phase = input.ended?.phase ?? phaseOfContainers(input, containers);
  const isEnd = phase === 'Failed' || phase === 'Succeeded';
  const runs = [...input.observed.containers.values()].flat().some((run) => run.state.status === 'running');
  return isEnd && runs ? (before ?? 'Running') : phase;
}

function phaseOfContainers(input: StatusInput, containers: readonly ContainerStatus[]): Phase {
  const { pod } = input;
  const all = containersOf(pod);
  const init = all.filter((wanted) => wanted.role === 'init');
  const failedInit = init.some((wanted) => !isInitialized(input, wanted) && !mayRunAgain(input, wanted));
  if (failedInit) return 'Failed';
  const appsBegan = containers.some((status) => sumOf(status) !== 'waiting');
  const pendingInit = all.some((wanted) => startsBeforeMain(wanted) && !isInitialized(input, wanted));
  if (pendingInit && !appsBegan) return input.ended && allEnded(containers) ? 'Failed' : 'Pending';
  const sums = containers.map(sumOf);
  const stopped = sums.filter((sum) => sum === 'succeeded' || sum === 'failed').length;
  if (input.ended && stopped === sums.length) return sums.every((sum) => sum === 'succeeded') ? 'Succeeded' : 'Failed';
  if (sums.includes('waiting')) return stopped > 0 || sums.includes('running') ? 'Running' : 'Pending';
  if (sums.includes('running') || stopped === 0) return sums.includes('running') ? 'Running' : 'Pending';
  const goesOn = all.some((wanted) => wanted.role === 'app' && mayRunAgain(input, wanted));
  if (goesOn) return 'Running';
  return sums.every((sum) => sum === 'succeeded') ? 'Succeeded' : 'Failed';
}

function allEnded(containers: readonly ContainerStatus[]): boolean {
  return containers.length > 0 && containers.every((status) => status.state?.terminated !== undefined);
}

/** The types that are this kubelet's to state. */
export const OWN_CONDITIONS: readonly string[] = [
  ...['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'],
  ...['PodResizePending', 'PodResizeInProgress'],
];

interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

function conditionsOf(input: StatusInput, phase: Phase, all: readonly ContainerStatus[]): readonly PodCondition[] {
  const { pod } = input;
  const sandbox: Verdict = { type: 'PodReadyToStartContainers', status: input.sandboxReady ? 'True' : 'False' };
  const containersReady = containersReadyVerdict(input, phase, all);
  const verdicts = [
    sandbox,
    initializedVerdict(input, phase),
    readyVerdict(pod, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' } as const,
    ...resizeVerdicts(
      input.resize,
      all.some(({ name }) => isResizing(input, name)),
    ),
  ];
  const others = (pod.status?.conditions ?? []).filter((condition) => !OWN_CONDITIONS.includes(condition.type));
  return [...verdicts.map((verdict) => condition(input, verdict)), ...others];
}

function condition(input: StatusInput, verdict: Verdict): PodCondition {
  const before = input.pod.status?.conditions?.find((candidate) => candidate.type === verdict.type);
  const unchanged = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  const generation = input.pod.metadata.generation;
  return {
    type: verdict.type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: verdict.status,
    lastTransitionTime: unchanged ?? timeText(input.now),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}

function initializedVerdict(input: StatusInput, phase: Phase): Verdict {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const pending = containersOf(input.pod).filter((wanted) => startsBeforeMain(wanted) && !isInitialized(input, wanted));
  if (pending.length === 0 || phase === 'Running') return { type, status: 'True' };
  const names = pending.map((wanted) => wanted.container.name).join(' ');
  const message = `containers with incomplete status: [${names}]`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

function containersReadyVerdict(input: StatusInput, phase: Phase, all: readonly ContainerStatus[]): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const counted = containersOf(input.pod).filter(({ role }) => role === 'app' || role === 'sidecar');
  const unready = counted
    .map((wanted) => wanted.container.name)
    .filter((name) => all.find((status) => status.name === name)?.ready !== true);
  if (unready.length === 0) return { type, status: 'True' };
  const message = `containers with unready status: [${unready.join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function readyVerdict(pod: Pod, containersReady: Verdict): Verdict {
  if (containersReady.status === 'False') return { ...containersReady, type: 'Ready' };
  const complaints: string[] = [];
  for (const { conditionType } of pod.spec?.readinessGates ?? []) {
    const gate = pod.status?.conditions?.find((candidate) => candidate.type === conditionType);
    if (!gate) complaints.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (gate.status !== 'True') {
      complaints.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
    }
  }
  if (complaints.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: complaints.join(', ') };
}
