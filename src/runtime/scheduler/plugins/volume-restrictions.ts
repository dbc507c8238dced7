import { claimsOfPod } from '../../../types/storage/claim-facts.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';
import { claimsInUse } from '../volume-plan.ts';

/** A claim of mode ReadWriteOncePod serves one pod at a time (KEP-2485). */
export const volumeRestrictions: SchedulerPlugin = {
  name: 'VolumeRestrictions',
  weight: 0,
  filter(pod, _node, { nodes, storage }) {
    const exclusive = claimsInUse(pod, storage).filter(({ spec }) => spec?.accessModes?.includes('ReadWriteOncePod'));
    if (exclusive.length === 0) return undefined;
    const keys = new Set(exclusive.map((claim) => keyText(keyOf(claim))));
    const others = nodes.flatMap(({ pods }) => pods).filter(({ metadata }) => metadata.uid !== pod.metadata.uid);
    const taken = others.some((other) => claimsOfPod(other).some((key) => keys.has(key)));
    if (!taken) return undefined;
    const reason = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
    return rejected(reason, true);
  },
};
