/** Makes a folder of the node for each claim of its classes, and removes it with the volume: what an external provisioner does. */
import { Node } from '../../../types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import { StorageClass } from '../../../types/kinds/storage/storage-class.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { classOfClaim, SELECTED_NODE, STORAGE_PROVISIONER } from '../../../types/storage/claim-facts.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { FOLDER_FINALIZER, planDelete, planProvision, provisionedVolume, PROVISIONER, volumeName } from './plan.ts';
import type { ProvisionStep } from './plan.ts';
import type { VolumeFolders } from './volume-folders.ts';

type Claim = Persisted<PersistentVolumeClaim>;
type Volume = Persisted<PersistentVolume>;

/** Its keys are claims, and volumes, which have no namespace. */
export function volumeProvisioner(folders: VolumeFolders): Controller<PersistentVolumeClaim> {
  return {
    name: PROVISIONER,
    account: 'persistent-volume-binder',
    kind: PersistentVolumeClaim,
    alsoWatches: [
      { kind: PersistentVolume, concerns: (volume) => [keyOf(volume)] },
      { kind: StorageClass, concerns: (_class, informers) => askingClaims(informers) },
      { kind: Node, concerns: (_node, informers) => askingClaims(informers) },
    ],
    reconciler: (context) => new Provisioner(context, folders).reconcile,
  };
}

function askingClaims(informers: Informers): readonly ObjectKey[] {
  const claims = informers.of(PersistentVolumeClaim).list();
  const asking = claims.filter(
    ({ metadata, spec }) =>
      (spec?.volumeName ?? '') === '' &&
      STORAGE_PROVISIONER.some((name) => metadata.annotations?.[name] === PROVISIONER),
  );
  return asking.map(keyOf);
}

class Provisioner {
  readonly #context: ControllerContext;
  readonly #folders: VolumeFolders;

  constructor(context: ControllerContext, folders: VolumeFolders) {
    this.#context = context;
    this.#folders = folders;
    context.informers.of(PersistentVolume);
    context.informers.of(StorageClass);
    context.informers.of(Node);
  }

  readonly reconcile: Reconcile = async (key) => {
    const { informers } = this.#context;
    const claim = key.namespace === '' ? undefined : informers.of(PersistentVolumeClaim).get(key);
    if (claim) return this.#provision(claim);
    const volume = key.namespace === '' ? informers.of(PersistentVolume).get(key) : undefined;
    if (volume) await this.#delete(volume);
  };

  async #provision(claim: Claim): Promise<void> {
    const { informers, client } = this.#context;
    const step = planProvision({
      claim,
      storageClass: informers.of(StorageClass).get({ namespace: '', name: classOfClaim(claim) }),
      nodes: informers.of(Node).list(),
      provisioned: informers.of(PersistentVolume).get({ namespace: '', name: volumeName(claim) }) !== undefined,
    });
    if (step.act === 'make') return this.#make(claim, step);
    if (step.act === 'nothing') return;
    this.#tellFailure(claim, step.message);
    if (!step.giveUpNode) return;
    // So that the scheduler looks for another one.
    const { [SELECTED_NODE]: _given, ...annotations } = claim.metadata.annotations ?? {};
    await client.of(PersistentVolumeClaim).update({ ...claim, metadata: { ...claim.metadata, annotations } });
  }

  async #make(claim: Claim, step: Extract<ProvisionStep, { act: 'make' }>): Promise<void> {
    const { client, event } = this.#context;
    event(
      claim,
      'Normal',
      'Provisioning',
      `External provisioner is provisioning volume for claim "${keyText(keyOf(claim))}"`,
    );
    try {
      const path = await this.#folders.create(step.folder);
      await client.of(PersistentVolume).create(provisionedVolume(claim, step, path));
    } catch (error) {
      // Made by this very controller a moment ago: the copy lags behind.
      if (isFailure(error, 'AlreadyExists')) return;
      const text = error instanceof Error ? error.message : String(error);
      this.#tellFailure(claim, text);
      throw error;
    }
    event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volumeName(claim)}`);
  }

  #tellFailure(claim: Claim, text: string): void {
    const message = `failed to provision volume with StorageClass "${classOfClaim(claim)}": ${text}`;
    this.#context.event(claim, 'Warning', 'ProvisioningFailed', message);
  }

  async #delete(seen: Volume): Promise<void> {
    if (planDelete(seen).act === 'nothing') return;
    const { client, event } = this.#context;
    const volumes = client.of(PersistentVolume);
    // Data is deleted for the answer, so a copy is not enough for it.
    const volume = await volumes.get(keyOf(seen));
    if (volume?.metadata.uid !== seen.metadata.uid) return;
    const step = planDelete(volume);
    if (step.act === 'finalizers') {
      await volumes.update({ ...volume, metadata: { ...volume.metadata, finalizers: step.finalizers } });
    }
    if (step.act !== 'delete') return;
    try {
      await this.#folders.remove(step.folder);
    } catch (error) {
      event(volume, 'Warning', 'VolumeFailedDelete', error instanceof Error ? error.message : String(error));
      throw error;
    }
    await volumes.delete(keyOf(volume), { preconditions: { uid: volume.metadata.uid } });
    const left = await volumes.get(keyOf(volume));
    if (left?.metadata.uid !== volume.metadata.uid) return;
    const finalizers = (left.metadata.finalizers ?? []).filter((name) => name !== FOLDER_FINALIZER);
    await volumes.update({ ...left, metadata: { ...left.metadata, finalizers } });
  }
}
