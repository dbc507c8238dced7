import { matchesNodeSelection, matchesTerm } from '../../../types/pod/node-selection.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';

/** nodeSelector and node affinity. */
export const nodeAffinity: SchedulerPlugin = {
  name: 'NodeAffinity',
  weight: 2,
  filter(pod, { node }) {
    return matchesNodeSelection(pod, node) ? undefined : rejected("node(s) didn't match Pod's node affinity/selector");
  },
  score(pod, { node }) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const total = preferred.reduce((sum, { weight }) => sum + weight, 0);
    const reached = preferred
      .filter(({ preference }) => matchesTerm(preference, node))
      .reduce((sum, { weight }) => sum + weight, 0);
    return total === 0 ? 0 : (100 * reached) / total;
  },
};
