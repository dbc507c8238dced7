/** Ends the containers of a pod in the order and with the patience that it asks for. */
import type { Milliseconds } from '../../shared/clock.ts';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { tellOf, type KubeletContext } from './kubelet-context.ts';
import { runHook, unlessAborted } from './lifecycle-hooks.ts';
import { containersOf, type DesiredContainer, type PodContainer } from './pod-containers.ts';

/** However long a hook took, a program gets this long after its signal. */
const LEAST_GRACE: Milliseconds = 2000;
/** Longest wait for the data plane to let go of the pod. */
const DRAIN_LIMIT: Milliseconds = 2000;

export interface StopOrder {
  readonly pod: Pod;
  readonly running: readonly PodContainer[];
  readonly address: string | undefined;
  readonly grace: Milliseconds;
}

/** Resolves when none of them runs. Aborting hurries: what still runs is killed by the caller. */
export async function stopPod(context: KubeletContext, order: StopOrder, signal: AbortSignal): Promise<void> {
  const { pod, running, address, grace } = order;
  const deadline = context.clock.monotonic() + grace;
  if (grace > 0 && address !== undefined && !pod.spec?.hostNetwork && running.length > 0) {
    await context.drain.whenUnrouted(address, Math.min(DRAIN_LIMIT, grace), signal);
  }
  const desired = new Map(containersOf(pod).map((wanted) => [wanted.container.name, wanted]));
  const isSidecar = (run: PodContainer): boolean => desired.get(run.name)?.role === 'sidecar';
  const stop = (run: PodContainer): Promise<void> =>
    stopContainer(context, { pod, wanted: desired.get(run.name), run, address, deadline, message: undefined }, signal);
  await Promise.all(running.filter((run) => !isSidecar(run)).map(stop));
  // KEP-753: sidecars outlive the main containers and end in the reverse of the order in which they began.
  const position = (run: PodContainer): number => [...desired.keys()].indexOf(run.name);
  const sidecars = running.filter(isSidecar).sort((a, b) => position(b) - position(a));
  for (const run of sidecars) await stop(run);
}

export interface ContainerStop {
  readonly pod: Pod;
  readonly wanted: DesiredContainer | undefined;
  readonly run: PodContainer;
  readonly address: string | undefined;
  /** On the clock's monotonic scale. */
  readonly deadline: Milliseconds;
  readonly message: string | undefined;
}

export async function stopContainer(context: KubeletContext, order: ContainerStop, signal: AbortSignal): Promise<void> {
  const { pod, wanted, run, address, deadline } = order;
  const { engine, clock } = context;
  const tell = wanted ? tellOf(context, pod, wanted.container, wanted.role) : undefined;
  tell?.('Normal', 'Killing', order.message ?? `Stopping container ${run.name}`);
  const preStop = wanted?.container.lifecycle?.preStop;
  const left = deadline - clock.monotonic();
  if (preStop && wanted && left > 0 && !signal.aborted) {
    const target = { container: wanted.container, containerId: run.state.id, address: address ?? '' };
    const complaint = await unlessAborted(runHook(preStop, target, left, context, signal), signal);
    if (complaint !== undefined) tell?.('Warning', 'FailedPreStopHook', `PreStopHook failed: ${complaint}`);
  }
  if (left <= 0 || signal.aborted) await engine.stop(run.state.id, 0);
  else await engine.stop(run.state.id, Math.max(LEAST_GRACE, deadline - clock.monotonic()));
}
