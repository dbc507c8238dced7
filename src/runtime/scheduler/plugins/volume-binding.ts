import type { SchedulerPlugin } from '../plugin.ts';
import { claimComplaint, planVolumes } from '../volume-plan.ts';

/** A pod goes where its volumes are, or can be made. */
export const volumeBinding: SchedulerPlugin = {
  name: 'VolumeBinding',
  weight: 0,
  preFilter: (pod, { storage }) => claimComplaint(pod, storage),
  filter(pod, { node }, { storage }) {
    const plan = planVolumes(pod, node, storage);
    return 'reasons' in plan ? { reasons: plan.reasons, resolvable: false } : undefined;
  },
};
