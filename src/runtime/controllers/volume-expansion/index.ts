/** Lets the volumes of grown claims follow. */
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaimStatus } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { claimKeyOf } from '../../../types/storage/claim-facts.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { PROVISIONER } from '../volume-provisioner/plan.ts';
import { begunStatus, finishedStatus, planExpansion } from './plan.ts';

export const volumeExpansionController: Controller<PersistentVolumeClaim> = {
  name: `external-resizer ${PROVISIONER}`,
  account: 'expand-controller',
  kind: PersistentVolumeClaim,
  alsoWatches: [{ kind: PersistentVolume, concerns: claimOf }],
  reconciler,
};

function claimOf(volume: Persisted<PersistentVolume>): Iterable<ObjectKey> {
  const key = claimKeyOf(volume);
  return key ? [key] : [];
}

function reconciler({ client, informers, clock, event }: ControllerContext): Reconcile {
  const volumes = informers.of(PersistentVolume);
  const write = async (claim: Persisted<PersistentVolumeClaim>, status: PersistentVolumeClaimStatus): Promise<void> => {
    await client.of(PersistentVolumeClaim).updateStatus({ ...claim, status });
  };
  return async (key) => {
    const claim = informers.of(PersistentVolumeClaim).get(key);
    const name = claim?.spec?.volumeName ?? '';
    const volume = name === '' ? undefined : volumes.get({ namespace: '', name });
    if (!claim || !volume) return;
    const step = planExpansion(claim, volume, PROVISIONER);
    if (step.act === 'leave') {
      event(claim, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC');
    }
    if (step.act === 'begin') {
      event(claim, 'Normal', 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
      await write(claim, begunStatus(claim, step.size, clock.now()));
    }
    if (step.act === 'grow-volume') {
      const capacity = { ...volume.spec?.capacity, storage: step.size };
      await client.of(PersistentVolume).update({ ...volume, spec: { ...volume.spec, capacity } });
    }
    if (step.act === 'finish') {
      await write(claim, finishedStatus(claim, step.size));
      event(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
    }
  };
}
