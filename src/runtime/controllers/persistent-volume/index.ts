/** Brings claims and volumes together, and decides what becomes of a volume whose claim is gone. */
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { StorageClass } from '../../../types/kinds/storage/storage-class.ts';
import type { PersistentVolumeClaimStatus } from '../../../types/kinds/generated/core-v1.gen.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../../types/meta.ts';
import { claimKeyOf, claimsOfPod, isFullyBound } from '../../../types/storage/claim-facts.ts';
import { isFailure } from '../../client/answers.ts';
import type { Index, Informers } from '../../client/informer.ts';
import type { AlsoWatched, Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { keyFromText } from '../framework/manager.ts';
import {
  askedOf,
  boundStatus,
  claimBoundTo,
  sameStatus,
  unboundStatus,
  unboundVolume,
  volumeBoundTo,
} from './binding.ts';
import { planClaim } from './claim-plan.ts';
import type { Told } from './claim-plan.ts';
import { planReclaim, planVolume } from './volume-plan.ts';
import type { VolumeFolders } from '../volume-provisioner/volume-folders.ts';

type Claim = Persisted<PersistentVolumeClaim>;
type Volume = Persisted<PersistentVolume>;

const byClaim: Index<PersistentVolume> = {
  name: 'spec.claimRef',
  values: (volume) => {
    const key = claimKeyOf(volume);
    return key ? [keyText(key)] : [];
  },
};

const unscheduledByClaim: Index<Pod> = {
  name: 'volumes of pods without a node',
  values: (pod) => ((pod.spec?.nodeName ?? '') === '' ? claimsOfPod(pod) : []),
};

/**
 * Its keys are claims, and volumes, which have no namespace: what is decided about the one changes the other, so one queue
 * holds both.
 */
export function persistentVolumeBinder(folders: VolumeFolders | undefined): Controller<PersistentVolumeClaim> {
  return {
    name: 'persistentvolume-controller',
    account: 'persistent-volume-binder',
    kind: PersistentVolumeClaim,
    alsoWatches: [
      watched(PersistentVolumeClaim, volumesOfClaim),
      watched(PersistentVolume, (volume, informers) => [keyOf(volume), ...claimsFor(volume, informers)]),
      watched(StorageClass, (_class, informers) => openClaims(informers)),
      watched(Pod, claimsOfWaitingPod),
    ],
    reconciler: (context) => new Binder(context, folders).reconcile,
  };
}

interface Watch<T extends KubeObject> {
  (changed: Persisted<T>, informers: Informers): Iterable<ObjectKey>;
}
function watched<T extends KubeObject>(kind: Controller<T>['kind'], concerns: Watch<T>): AlsoWatched {
  const methods: { concerns(changed: Persisted<T>, informers: Informers): Iterable<ObjectKey> } = { concerns };
  return { kind, ...methods };
}

function openClaims(informers: Informers): readonly ObjectKey[] {
  return informers
    .of(PersistentVolumeClaim)
    .list()
    .filter((claim) => !isFullyBound(claim))
    .map(keyOf);
}

function volumesOfClaim(claim: Claim, informers: Informers): readonly ObjectKey[] {
  const pointing = informers.of(PersistentVolume).indexed(byClaim, keyText(keyOf(claim)));
  const name = claim.spec?.volumeName ?? '';
  return [...pointing.map(keyOf), ...(name === '' ? [] : [{ namespace: '', name }])];
}

function claimsFor(volume: Volume, informers: Informers): readonly ObjectKey[] {
  const key = claimKeyOf(volume);
  if (key) return [key];
  return openClaims(informers);
}

function claimsOfWaitingPod(pod: Persisted<Pod>, informers: Informers): readonly ObjectKey[] {
  if ((pod.spec?.nodeName ?? '') !== '') return [];
  const claims = informers.of(PersistentVolumeClaim);
  return claimsOfPod(pod)
    .map(keyFromText)
    .filter((key) => {
      const claim = claims.get(key);
      return claim !== undefined && !isFullyBound(claim);
    });
}

class Binder {
  readonly #context: ControllerContext;
  readonly #folders: VolumeFolders | undefined;

  constructor(context: ControllerContext, folders: VolumeFolders | undefined) {
    this.#context = context;
    this.#folders = folders;
    for (const kind of [PersistentVolume, StorageClass, Pod]) context.informers.of<KubeObject>(kind);
  }

  readonly reconcile: Reconcile = async (key) => {
    const { informers } = this.#context;
    if (key.namespace === '') {
      const volume = informers.of(PersistentVolume).get(key);
      if (volume) await this.#volume(volume);
      return;
    }
    const claim = informers.of(PersistentVolumeClaim).get(key);
    if (claim) await this.#claim(claim);
  };

  async #claim(claim: Claim): Promise<void> {
    const { client, informers } = this.#context;
    const pods = informers.of(Pod).indexed(unscheduledByClaim, keyText(keyOf(claim)));
    const step = planClaim({
      claim,
      volumes: await this.#volumesFor(claim),
      classes: informers.of(StorageClass).list(),
      waitingPods: pods.map(({ metadata }) => metadata.name).sort(),
    });
    if (step.act === 'bind') return this.#bind(claim, step.volume);
    if (step.act === 'adopt-class') {
      await client.of(PersistentVolumeClaim).update({ ...claim, spec: { ...claim.spec, storageClassName: step.name } });
      return;
    }
    if (step.act === 'lose') {
      const changed = await this.#setStatus(claim, unboundStatus(claim, 'Lost'));
      if (changed) this.#tell(claim, step.told);
      return;
    }
    if (step.told) this.#tell(claim, step.told);
    if (step.act === 'ask') {
      const asked = askedOf(claim, step.provisioner);
      if (asked !== claim) await client.of(PersistentVolumeClaim).update(asked);
      return;
    }
    if (claim.metadata.deletionTimestamp === undefined) await this.#setStatus(claim, unboundStatus(claim, 'Pending'));
  }

  /** Whether a volume that is asked for is really missing, only the server knows: copies of two kinds need not be of one moment. */
  async #volumesFor(claim: Claim): Promise<readonly Volume[]> {
    const { client, informers } = this.#context;
    const known = informers.of(PersistentVolume).list();
    const name = claim.spec?.volumeName ?? '';
    if (name === '' || known.some(({ metadata }) => metadata.name === name)) return known;
    const found = await client.of(PersistentVolume).get({ namespace: '', name });
    return found ? [...known, found] : known;
  }

  /** In an order that a crash between any two steps leaves something to go on from. */
  async #bind(claim: Claim, volume: Volume): Promise<void> {
    const { client } = this.#context;
    const kept = volumeBoundTo(volume, claim);
    const taken = kept === volume ? volume : await client.of(PersistentVolume).update(kept);
    const bound = await this.#setPhase(taken, 'Bound');
    const pointing = claimBoundTo(claim, bound);
    const written = pointing === claim ? claim : await client.of(PersistentVolumeClaim).update(pointing);
    await this.#setStatus(written, boundStatus(written, bound));
  }

  async #volume(volume: Volume): Promise<void> {
    const { client, enqueue } = this.#context;
    const key = claimKeyOf(volume);
    const claim = key && (volume.spec?.claimRef?.uid ?? '') !== '' ? await this.#claimOf(volume, key) : undefined;
    const step = planVolume(volume, claim);
    if (step.act === 'phase') await this.#setPhase(volume, step.phase);
    if (step.act === 'nudge' && key) enqueue(key);
    if (step.act === 'mismatch' && claim) this.#tellMismatch(volume, claim);
    if (step.act === 'release') await this.#release(volume);
    if (step.act === 'unbind')
      await this.#setPhase(await client.of(PersistentVolume).update(unboundVolume(volume)), 'Available');
  }

  /** Data may be deleted for the answer that there is none, so a copy is not enough for it. */
  async #claimOf(volume: Volume, key: ObjectKey): Promise<Claim | undefined> {
    const known = this.#context.informers.of(PersistentVolumeClaim).get(key);
    if (known?.metadata.uid === volume.spec?.claimRef?.uid) return known;
    return this.#context.client.of(PersistentVolumeClaim).get(key);
  }

  async #release(volume: Volume): Promise<void> {
    const { client, event } = this.#context;
    const phase = volume.status?.phase;
    const released = phase === 'Failed' ? volume : await this.#setPhase(volume, 'Released');
    const plan = planReclaim(released);
    if (plan.act === 'leave') return;
    if (plan.act === 'fail') {
      if (phase === 'Failed') return;
      await this.#setPhase(released, 'Failed', plan.message);
      event(volume, 'Warning', plan.reason, plan.message);
      return;
    }
    try {
      await this.#folders?.remove(plan.folder);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await this.#setPhase(released, 'Failed', message);
      event(volume, 'Warning', 'VolumeFailedDelete', message);
      throw error;
    }
    await client.of(PersistentVolume).delete(keyOf(volume), { preconditions: { uid: volume.metadata.uid } });
  }

  async #setPhase(
    volume: Volume,
    phase: NonNullable<NonNullable<PersistentVolume['status']>['phase']>,
    message?: string,
  ): Promise<Volume> {
    if (volume.status?.phase === phase) return volume;
    const { clock, client } = this.#context;
    const lastPhaseTransitionTime = `${clock.now().toISOString().slice(0, 19)}Z`;
    const status = { phase, lastPhaseTransitionTime, ...(message === undefined ? {} : { message }) };
    return client.of(PersistentVolume).updateStatus({ ...volume, status });
  }

  /** Whether there was something to change. */
  async #setStatus(claim: Claim, status: PersistentVolumeClaimStatus): Promise<boolean> {
    if (sameStatus(claim, status)) return false;
    try {
      await this.#context.client.of(PersistentVolumeClaim).updateStatus({ ...claim, status });
      return true;
    } catch (error) {
      if (isFailure(error, 'NotFound')) return false;
      throw error;
    }
  }

  #tell(about: Claim, { type, reason, message }: Told): void {
    this.#context.event(about, type, reason, message);
  }

  #tellMismatch(volume: Volume, claim: Claim): void {
    const { event } = this.#context;
    const [name, asking] = [volume.metadata.name, claim.metadata.name];
    const reason = 'VolumeMismatch';
    const end = 'due to incompatible volumeMode.';
    event(
      volume,
      'Warning',
      reason,
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${asking}" ${end}`,
    );
    event(claim, 'Warning', reason, `Cannot bind PersistentVolume "${name}" to requested PersistentVolumeClaim ${end}`);
  }
}
