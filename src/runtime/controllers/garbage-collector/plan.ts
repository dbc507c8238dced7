/** What is to become of an object, given what is known of its owners and dependents. Pure. */
import type { OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

export type OwnerState =
  /** There, and to stay. */
  | 'solid'
  /** Gone for certain. */
  | 'absent'
  /** Being deleted in the foreground: it waits for this object to go first. */
  | 'waiting'
  /** Cannot be looked up: its kind is not known, or it cannot own this object. Nothing is deleted on its account. */
  | 'unknown';

export interface JudgedOwner {
  readonly owner: OwnerReference;
  readonly state: OwnerState;
}

export type Verdict =
  | { readonly act: 'keep' }
  /** Some owners stay: only the references to the others go. */
  | { readonly act: 'drop-references'; readonly uids: readonly string[] }
  | {
      readonly act: 'delete';
      readonly policy: 'Background' | 'Foreground' | 'Orphan';
      /** One of its dependents waits for it already: its owners must not wait for it in turn, or a circle would never go. */
      readonly unblockOwners?: boolean;
    };

export function isForegroundDeleting(object: Persisted): boolean {
  return isDeletingWith(object, foregroundFinalizer);
}

export function isOrphaning(object: Persisted): boolean {
  return isDeletingWith(object, orphanFinalizer);
}

function isDeletingWith(object: Persisted, finalizer: string): boolean {
  const { deletionTimestamp, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && (finalizers ?? []).includes(finalizer);
}

export function judge(object: Persisted, owners: readonly JudgedOwner[], dependents: readonly Persisted[]): Verdict {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp !== undefined || owners.length === 0) return { act: 'keep' };
  const leaving = owners.filter(({ state }) => state === 'absent' || state === 'waiting');
  if (leaving.length === 0) return { act: 'keep' };
  if (owners.length > leaving.length) {
    return { act: 'drop-references', uids: leaving.map(({ owner }) => owner.uid) };
  }
  if (dependents.length > 0 && owners.some(({ state }) => state === 'waiting')) {
    return { act: 'delete', policy: 'Foreground', unblockOwners: dependents.some(isForegroundDeleting) };
  }
  if (finalizers.includes(orphanFinalizer)) return { act: 'delete', policy: 'Orphan' };
  if (finalizers.includes(foregroundFinalizer)) return { act: 'delete', policy: 'Foreground' };
  return { act: 'delete', policy: 'Background' };
}

/** Dependents that an owner in foreground deletion has to wait for. */
export function blocks(dependent: Persisted, ownerUid: string): boolean {
  const reference = dependent.metadata.ownerReferences?.find((owner) => owner.uid === ownerUid);
  return reference?.blockOwnerDeletion === true;
}
