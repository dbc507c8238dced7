import { toleratesTaint } from '../../../types/pod/tolerations.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';

/** Taints keep pods away; those that only prefer to lower the score. */
export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  weight: 3,
  filter(pod, { node }) {
    const taint = (node.spec?.taints ?? []).find(
      (candidate) => candidate.effect !== 'PreferNoSchedule' && !toleratesTaint(pod.spec?.tolerations, candidate),
    );
    if (!taint) return undefined;
    return rejected(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  },
  score(pod, { node }) {
    const repelling = (node.spec?.taints ?? []).filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !toleratesTaint(pod.spec?.tolerations, taint),
    );
    return Math.max(0, 100 - 25 * repelling.length);
  },
};
