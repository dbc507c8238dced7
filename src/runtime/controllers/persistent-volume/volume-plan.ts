/** What is to be done about a volume, given the claim that it points at. Pure. */
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type { Persisted } from '../../../types/meta.ts';
import { PROVISIONED_BY } from '../../../types/storage/claim-facts.ts';
import { differsInMode } from '../../../types/storage/volume-matching.ts';

type Volume = Persisted<PersistentVolume>;

export type VolumeStep =
  | { readonly act: 'phase'; readonly phase: 'Available' | 'Bound' }
  /** The claim is gone: what was on the volume follows its reclaim policy. */
  | { readonly act: 'release' }
  /** The claim took another volume. */
  | { readonly act: 'unbind' }
  /** The two will never fit, which both are told. */
  | { readonly act: 'mismatch' }
  /** The rest of the binding is the claim's part. */
  | { readonly act: 'nudge' };

/** @param claim the one that `claimRef` names, if it is still there; one of the same name made later is another */
export function planVolume(volume: Volume, claim: Persisted<PersistentVolumeClaim> | undefined): VolumeStep {
  const reference = volume.spec?.claimRef;
  if (!reference || (reference.uid ?? '') === '') return { act: 'phase', phase: 'Available' };
  if (claim === undefined || claim.metadata.uid !== reference.uid) return { act: 'release' };
  const chosen = claim.spec?.volumeName ?? '';
  if (chosen === '') return { act: differsInMode(volume, claim) ? 'mismatch' : 'nudge' };
  if (chosen === volume.metadata.name) return { act: 'phase', phase: 'Bound' };
  const madeForIt = volume.metadata.annotations?.[PROVISIONED_BY] !== undefined;
  return { act: madeForIt && policyOf(volume) === 'Delete' ? 'release' : 'unbind' };
}

export type Reclaim =
  /** The volume stays as it is, for people or for whoever provisioned it. */
  | { readonly act: 'leave' }
  | { readonly act: 'delete'; readonly folder: string }
  | { readonly act: 'fail'; readonly reason: string; readonly message: string };

/** What becomes of a volume without a claim. */
export function planReclaim(volume: Volume): Reclaim {
  const policy = policyOf(volume);
  if (policy === 'Retain') return { act: 'leave' };
  if (policy === 'Recycle') {
    const message = 'No recycler plugin found for the volume!';
    return { act: 'fail', reason: 'VolumeFailedRecycle', message };
  }
  if (volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return { act: 'leave' };
  return planDelete(volume);
}

/** As upstream, a folder that somebody named by hand is only removed where everything is meant to be temporary. */
function planDelete({ metadata, spec }: Volume): Reclaim {
  const folder = spec?.hostPath?.path;
  if (folder !== undefined && /^\/tmp\/./.test(folder)) return { act: 'delete', folder };
  const message =
    folder === undefined
      ? `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched`
      : `host_path deleter only supports /tmp/.+ but received provided ${folder}`;
  return { act: 'fail', reason: 'VolumeFailedDelete', message };
}

function policyOf({ spec }: PersistentVolume): string {
  return spec?.persistentVolumeReclaimPolicy ?? 'Retain';
}
