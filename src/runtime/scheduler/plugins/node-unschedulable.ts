import { toleratesTaint } from '../../../types/pod/tolerations.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  weight: 0,
  filter(pod, { node }) {
    if (node.spec?.unschedulable !== true || toleratesTaint(pod.spec?.tolerations, taint)) return undefined;
    return rejected('node(s) were unschedulable');
  },
};
