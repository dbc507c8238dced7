import { podRequests } from '../../../types/pod/requests.ts';
import type { SchedulerPlugin } from '../plugin.ts';

/** Requests must fit beside those of the pods that are there; the emptier node is the better one. */
export const nodeResources: SchedulerPlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  filter(pod, { allocatable, requested, pods }) {
    const reasons: string[] = [];
    if (pods.length + 1 > (allocatable['pods'] ?? 110)) reasons.push('Too many pods');
    for (const [name, amount] of Object.entries(podRequests(pod))) {
      if (amount > 0 && amount > (allocatable[name] ?? 0) - (requested[name] ?? 0))
        reasons.push(`Insufficient ${name}`);
    }
    if (reasons.length === 0) return undefined;
    // What the empty node has not got, no eviction gives.
    const resolvable = Object.entries(podRequests(pod)).every(([name, amount]) => amount <= (allocatable[name] ?? 0));
    return { reasons, resolvable };
  },
  score(pod, { allocatable, requested }) {
    const requests = podRequests(pod);
    const shares = ['cpu', 'memory'].map((name) => {
      const capacity = allocatable[name] ?? 0;
      const used = (requested[name] ?? 0) + (requests[name] ?? 0);
      return capacity === 0 || used > capacity ? 0 : (100 * (capacity - used)) / capacity;
    });
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  },
};
