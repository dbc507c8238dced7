import { isFullyBound } from '../../../types/storage/claim-facts.ts';
import { rejected } from '../plugin.ts';
import type { SchedulerPlugin } from '../plugin.ts';
import { claimsInUse } from '../volume-plan.ts';

const topologies = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
];

/** Volumes of a zone serve nodes of that zone; a label may name several, with two underscores between. */
export const volumeZone: SchedulerPlugin = {
  name: 'VolumeZone',
  weight: 0,
  filter(pod, { node }, { storage }) {
    const labels = node.metadata.labels ?? {};
    // A node that says nothing of zones is in a cluster without them.
    if (!topologies.some((name) => labels[name] !== undefined)) return undefined;
    const elsewhere = claimsInUse(pod, storage)
      .filter(isFullyBound)
      .some(({ spec }) => {
        const wanted = storage.volume(spec?.volumeName ?? '')?.metadata.labels ?? {};
        return topologies.some((name) => wanted[name]?.split('__').includes(labels[name] ?? '') === false);
      });
    return elsewhere ? rejected('node(s) had no available volume zone') : undefined;
  },
};
