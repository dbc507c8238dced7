import type { ObservedPod } from '../pod-containers.ts';
import type { Metered } from './usage-meter.ts';

/** The containers of pods that run, without the sandboxes. Pure. */
export function* meteredContainers(pods: Iterable<ObservedPod | undefined>): Iterable<Metered> {
  for (const pod of pods) {
    for (const [name, [latest]] of pod?.containers ?? []) {
      if (latest?.state.status !== 'running' || latest.state.startedAt === undefined) continue;
      const { id, pid, startedAt } = latest.state;
      yield { id, name, pid, startedAt };
    }
  }
}
