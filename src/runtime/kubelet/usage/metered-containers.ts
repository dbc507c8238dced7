import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { ObservedPod } from '../pod-containers.ts';
import type { Metered } from './usage-meter.ts';

/** The containers of a pod that run, without its sandbox. Pure. */
export function* meteredContainers(pod: Pod, observed: ObservedPod | undefined): Iterable<Metered> {
  for (const [name, [latest]] of observed?.containers ?? []) {
    if (latest?.state.status !== 'running' || latest.state.startedAt === undefined) continue;
    const { id, pid, startedAt } = latest.state;
    yield { id, name, pid, startedAt, pod };
  }
}
