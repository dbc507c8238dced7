import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';

/** A pod that names its node fits on no other. */
export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  weight: 0,
  filter(pod, { name }) {
    const wanted = pod.spec?.nodeName ?? '';
    return wanted === '' || wanted === name ? undefined : rejected("node(s) didn't match the requested node name");
  },
};
