/** What is to be done about a claim, given the volumes and classes that there are. Pure. */
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type { StorageClass } from '../../../types/kinds/storage/storage-class.ts';
import type { Persisted } from '../../../types/meta.ts';
import {
  BIND_COMPLETED,
  classOfClaim,
  defaultClassOf,
  isBoundTo,
  leavesClassOpen,
  SELECTED_NODE,
  waitsForConsumer,
} from '../../../types/storage/claim-facts.ts';
import { bestVolume, unfitReason } from '../../../types/storage/volume-matching.ts';

type Claim = Persisted<PersistentVolumeClaim>;
type Volume = Persisted<PersistentVolume>;

/** An event about the claim, in upstream's words. */
export interface Told {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

export interface ClaimSituation {
  readonly claim: Claim;
  readonly volumes: readonly Volume[];
  readonly classes: readonly StorageClass[];
  /** Names of the pods that use the claim and have no node yet. */
  readonly waitingPods: readonly string[];
}

export type ClaimStep =
  | { readonly act: 'bind'; readonly volume: Volume }
  /** Takes the default class, which there was none of when the claim was made (KEP-3333). */
  | { readonly act: 'adopt-class'; readonly name: string }
  /** Asks a provisioner for a volume. */
  | { readonly act: 'ask'; readonly provisioner: string; readonly told: Told }
  | { readonly act: 'wait'; readonly told?: Told }
  | { readonly act: 'lose'; readonly told: Told };

export function planClaim(situation: ClaimSituation): ClaimStep {
  const { claim } = situation;
  if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return planBound(situation);
  // Whatever uses it has to go first; a claim on its way out begins nothing new.
  if (claim.metadata.deletionTimestamp !== undefined) return { act: 'wait' };
  return (claim.spec?.volumeName ?? '') === '' ? planOpen(situation) : planNamed(situation);
}

function planBound({ claim, volumes }: ClaimSituation): ClaimStep {
  const name = claim.spec?.volumeName ?? '';
  if (name === '') {
    return lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  }
  const volume = volumes.find(({ metadata }) => metadata.name === name);
  if (!volume) return lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  const owner = volume.spec?.claimRef?.uid;
  if (volume.spec?.claimRef === undefined || owner === claim.metadata.uid) return { act: 'bind', volume };
  return lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** The claim asks for a volume by name. */
function planNamed({ claim, volumes }: ClaimSituation): ClaimStep {
  const volume = volumes.find(({ metadata }) => metadata.name === claim.spec?.volumeName);
  if (!volume) return { act: 'wait' };
  const name = volume.metadata.name;
  if (volume.spec?.claimRef === undefined) {
    const reason = unfitReason(volume, claim);
    if (reason === undefined) return { act: 'bind', volume };
    return wait('Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${reason}`);
  }
  if (isBoundTo(volume, claim)) return { act: 'bind', volume };
  return wait('Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
}

/** The claim takes any volume that fits. */
function planOpen({ claim, volumes, classes, waitingPods }: ClaimSituation): ClaimStep {
  const className = classOfClaim(claim);
  const storageClass = classes.find(({ metadata }) => metadata.name === className);
  const delayed = waitsForConsumer(storageClass);
  const volume = bestVolume(claim, volumes, { delayed });
  if (volume) return { act: 'bind', volume };
  if (leavesClassOpen(claim)) {
    const name = defaultClassOf(classes)?.metadata.name;
    if (name !== undefined) return { act: 'adopt-class', name };
  }
  if (delayed && claim.metadata.annotations?.[SELECTED_NODE] === undefined) return waitForPods(waitingPods);
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return wait('Normal', 'FailedBinding', message);
  }
  return storageClass ? ask(storageClass) : noProvisioning(`storageclass.storage.k8s.io "${className}" not found`);
}

function ask({ provisioner }: StorageClass): ClaimStep {
  // Names of this prefix were those of plugins inside the controller, of which none is left.
  if (provisioner.startsWith('kubernetes.io/')) return noProvisioning(`no volume plugin matched name: ${provisioner}`);
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  return { act: 'ask', provisioner, told: { type: 'Normal', reason: 'ExternalProvisioning', message } };
}

function noProvisioning(message: string): ClaimStep {
  return wait('Warning', 'ProvisioningFailed', message);
}

function waitForPods(names: readonly string[]): ClaimStep {
  if (names.length === 0) {
    return wait('Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  }
  const pods = `${names.length > 1 ? 'pods' : 'pod'} ${names.join(',')}`;
  return wait('Normal', 'WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
}

function wait(type: Told['type'], reason: string, message: string): ClaimStep {
  return { act: 'wait', told: { type, reason, message } };
}

function lost(reason: string, message: string): ClaimStep {
  return { act: 'lose', told: { type: 'Warning', reason, message } };
}
