/** What to do for a pod now. Pure: pod + what runs + what the worker remembers + time -> plan. */
import type { Milliseconds } from '../../shared/clock.ts';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { formatDuration } from '../../types/duration.ts';
import type { PodRejection } from './pod-admission.ts';
import { backOffLeft, type BackOffEntry } from './back-off.ts';
import {
  containersOf,
  hasEnded,
  hashOf,
  podText,
  startsBeforeMain,
  type ContainerRole,
  type DesiredContainer,
  type ObservedPod,
  type PodContainer,
} from './pod-containers.ts';
import { resizeOf, type AppliedLimits } from './pod-resize.ts';

export interface PlanInput {
  readonly pod: Pod;
  /** Why the pod cannot be taken up at all. */
  readonly rejection: PodRejection | undefined;
  readonly observed: ObservedPod;
  readonly now: Date;
  /** Names of containers that are being started or stopped. */
  readonly busy: ReadonlySet<string>;
  /** By container name. */
  readonly backOff: ReadonlyMap<string, BackOffEntry>;
  /** Engine ids of containers whose startup probe has succeeded, or that have none and run. */
  readonly started: ReadonlySet<string>;
  /** Engine ids of containers that a probe condemned. */
  readonly condemned: ReadonlyMap<string, Condemnation>;
  /** What was changed since containers were made. */
  readonly applied?: AppliedLimits;
  /** The next attempt's number where the engine may have lost the former ones. */
  readonly attempts: ReadonlyMap<string, number>;
}

export interface Condemnation {
  readonly message: string;
  readonly grace: Milliseconds | undefined;
}

export interface StartAction {
  readonly container: Container;
  readonly role: ContainerRole;
  readonly attempt: number;
  /** When the run before this one ended. */
  readonly failedAt: Date | undefined;
  /** A container of this attempt that was made but never started, to be removed first. */
  readonly stale: string | undefined;
}

export interface KillAction {
  readonly target: PodContainer;
  readonly message: string;
  readonly grace: Milliseconds | undefined;
  /** It is no failure, and the next start does not wait for it. */
  readonly resizes?: true;
}

/** A container that goes on running within other limits. */
export interface ResizeAction {
  readonly container: Container;
  readonly target: PodContainer;
}

export interface Waiting {
  readonly reason: string;
  readonly message: string;
}

export interface PodPlan {
  /** The pod has to end, or has ended: nothing more is started, and what runs is stopped. */
  readonly end: { readonly reason: string; readonly message: string; readonly phase: 'Failed' | undefined } | undefined;
  readonly sandbox: { readonly keep: PodContainer } | { readonly attempt: number } | undefined;
  readonly kill: readonly KillAction[];
  readonly resize: readonly ResizeAction[];
  readonly start: readonly StartAction[];
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** When to plan again even if nothing happens. */
  readonly wakeAfter: Milliseconds | undefined;
}

export function planPod(input: PlanInput): PodPlan {
  const { pod, observed, now } = input;
  if (pod.metadata.deletionTimestamp !== undefined) return ending('Killing', '');
  if (isFinished(pod)) return ending(pod.status?.reason ?? '', pod.status?.message ?? '');
  const deadline = deadlineLeft(pod, now);
  if (deadline !== undefined && deadline <= 0) {
    return ending('DeadlineExceeded', 'Pod was active on the node longer than the specified deadline', 'Failed');
  }
  if (input.rejection) return ending(input.rejection.reason, input.rejection.message, 'Failed');
  const sandbox = observed.sandboxes.find((candidate) => candidate.state.status === 'running');
  if (allDone(pod, observed)) return ending('', '');
  const decision = planContainers(input, sandbox);
  const wakes = [deadline, decision.wakeAfter].filter((delay) => delay !== undefined);
  const newest = observed.sandboxes[0];
  return {
    end: undefined,
    sandbox: sandbox ? { keep: sandbox } : { attempt: newest ? newest.attempt + 1 : (input.attempts.get('POD') ?? 0) },
    kill: decision.kill,
    resize: decision.resize,
    start: decision.start,
    waiting: decision.waiting,
    wakeAfter: wakes.length === 0 ? undefined : Math.min(...wakes),
  };
}

/** The phases that no pod leaves. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function ending(reason: string, message: string, phase?: 'Failed'): PodPlan {
  const none = { kill: [], resize: [], start: [], waiting: new Map(), wakeAfter: undefined };
  return { end: { reason, message, phase }, sandbox: undefined, ...none };
}

function deadlineLeft(pod: Pod, now: Date): Milliseconds | undefined {
  const seconds = pod.spec?.activeDeadlineSeconds;
  const start = pod.status?.startTime;
  if (seconds === undefined || start === undefined) return undefined;
  return Date.parse(start) + seconds * 1000 - now.getTime();
}

/** Whether a run that ended in this way is followed by another one. */
export function restarts(pod: Pod, wanted: DesiredContainer, exitCode: number): boolean {
  if (wanted.role === 'sidecar') return true;
  if (wanted.role === 'ephemeral') return false;
  const rule = ruleFor(wanted.container, exitCode);
  if (rule !== undefined) return rule;
  const policy = wanted.container.restartPolicy ?? pod.spec?.restartPolicy ?? 'Always';
  if (policy === 'Never') return false;
  // An init container that succeeded is done, whatever the policy.
  return exitCode !== 0 || (policy === 'Always' && wanted.role === 'app');
}

/** KEP-5307: exit codes that restart a container against the pod's policy. */
function ruleFor(container: Container, exitCode: number): boolean | undefined {
  for (const rule of container.restartPolicyRules ?? []) {
    const listed = rule.exitCodes?.values?.includes(exitCode) ?? false;
    const matches = rule.exitCodes?.operator === 'NotIn' ? !listed : listed;
    if (matches && rule.action === 'Restart') return true;
  }
  return undefined;
}

/** True when every main container has ended for good, or an init container has failed for good. */
function allDone(pod: Pod, observed: ObservedPod): boolean {
  const done = (wanted: DesiredContainer): boolean => {
    const last = observed.containers.get(wanted.container.name)?.[0];
    return last !== undefined && hasEnded(last.state) && !restarts(pod, wanted, exitOf(last));
  };
  const all = containersOf(pod);
  const failedInit = all.some((wanted) => {
    const last = observed.containers.get(wanted.container.name)?.[0];
    return wanted.role === 'init' && done(wanted) && last !== undefined && exitOf(last) !== 0;
  });
  if (failedInit) return true;
  const apps = all.filter((wanted) => wanted.role === 'app');
  return apps.length > 0 && apps.every(done);
}

export function exitOf(run: PodContainer): number {
  return run.state.error !== '' && run.state.exitCode === 0 ? 128 : run.state.exitCode;
}

interface ContainerDecisions {
  readonly kill: KillAction[];
  readonly resize: ResizeAction[];
  readonly start: StartAction[];
  readonly waiting: Map<string, Waiting>;
  wakeAfter: Milliseconds | undefined;
}

function planContainers(input: PlanInput, sandbox: PodContainer | undefined): ContainerDecisions {
  const decisions: ContainerDecisions = { kill: [], resize: [], start: [], waiting: new Map(), wakeAfter: undefined };
  const { pod, observed } = input;
  const mainStarted = (pod.spec?.containers ?? []).some((container) =>
    (observed.containers.get(container.name) ?? []).some((run) => sandbox && run.sandboxId === sandbox.state.id),
  );
  const all = containersOf(pod);
  // They are there to find out why the others do not start, and so wait for none of them.
  for (const wanted of all) if (wanted.role === 'ephemeral') planOne(input, wanted, sandbox, decisions);
  for (const wanted of all) {
    if (wanted.role === 'ephemeral') continue;
    // Once a main container has been made in this sandbox, the init containers have done their work.
    if (wanted.role === 'init' && mainStarted) continue;
    const outcome = planOne(input, wanted, sandbox, decisions);
    // What follows an init container or a sidecar waits for it.
    if (wanted.role !== 'app' && outcome === 'pending' && !mainStarted) break;
  }
  return decisions;
}

/** `passed`: what comes after it may start. */
function planOne(
  input: PlanInput,
  wanted: DesiredContainer,
  sandbox: PodContainer | undefined,
  decisions: ContainerDecisions,
): 'passed' | 'pending' {
  const { container, role } = wanted;
  const runs = input.observed.containers.get(container.name) ?? [];
  const last = runs[0];
  const current = sandbox && last?.sandboxId === sandbox.state.id ? last : undefined;
  if (current?.state.status === 'running' || current?.state.status === 'paused') {
    keepUp(input, wanted, current, decisions);
    return role === 'sidecar' && input.started.has(current.state.id) ? 'passed' : 'pending';
  }
  if (last && hasEnded(last.state)) {
    if (role === 'init' && current && exitOf(last) === 0) return 'passed';
    const sandboxLost = current === undefined && (role !== 'init' || exitOf(last) === 0);
    const again = restarts(input.pod, wanted, exitOf(last)) || (sandboxLost && startsBeforeMain(wanted));
    if (!again) return 'pending';
    // A container that died with its sandbox starts in the new one at once.
    if (current) return restartLater(input, wanted, last, decisions);
  }
  const stale = current && !hasEnded(current.state) ? current : undefined;
  const attempt = stale ? stale.attempt : nextAttempt(input, container.name, last);
  decisions.start.push({ container, role, attempt, failedAt: undefined, stale: stale?.state.id });
  return 'pending';
}

/** What a container that runs needs to be as it is wanted. */
function keepUp(
  input: PlanInput,
  { container, role }: DesiredContainer,
  current: PodContainer,
  decisions: ContainerDecisions,
): void {
  const condemned = input.condemned.get(current.state.id);
  if (condemned) {
    decisions.kill.push({ target: current, message: condemned.message, grace: condemned.grace });
  } else if (current.hash !== hashOf(container)) {
    const message = `Container ${container.name} definition changed, will be restarted`;
    decisions.kill.push({ target: current, message, grace: undefined });
  } else if (role === 'app' || role === 'sidecar') {
    const resize = resizeOf(container, current, input.applied ?? new Map());
    if (resize === 'update') decisions.resize.push({ container, target: current });
    if (resize !== 'restart') return;
    const message = `Container ${container.name} resize requires restart`;
    decisions.kill.push({ target: current, message, grace: undefined, resizes: true });
  }
}

function restartLater(
  input: PlanInput,
  wanted: DesiredContainer,
  last: PodContainer,
  decisions: ContainerDecisions,
): 'pending' {
  const { container, role } = wanted;
  const failedAt = last.state.finishedAt ?? last.state.createdAt;
  const entry = input.backOff.get(container.name);
  const left = backOffLeft(entry, failedAt, input.now);
  // The back-off of a start that is under way is the one after it.
  if (input.busy.has(container.name)) return 'pending';
  if (left > 0 && entry) {
    const text = `back-off ${formatDuration(entry.delay)} restarting failed container=${container.name} pod=${podText(input.pod)}`;
    decisions.waiting.set(container.name, { reason: 'CrashLoopBackOff', message: text });
    decisions.wakeAfter = Math.min(decisions.wakeAfter ?? left, left);
  } else {
    const attempt = nextAttempt(input, container.name, last);
    decisions.start.push({ container, role, attempt, failedAt, stale: undefined });
  }
  return 'pending';
}

function nextAttempt(input: PlanInput, name: string, last: PodContainer | undefined): number {
  return Math.max(last ? last.attempt + 1 : 0, input.attempts.get(name) ?? 0);
}
