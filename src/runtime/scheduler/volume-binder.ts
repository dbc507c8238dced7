/** Carries out what a pod's volumes need before the pod is bound, and waits until they are there. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../types/kinds/core/persistent-volume.ts';
import { keyOf } from '../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../types/meta.ts';
import { BOUND_BY_CONTROLLER, isBoundTo, isFullyBound, SELECTED_NODE } from '../../types/storage/claim-facts.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { Informers } from '../client/informer.ts';
import type { VolumeWork } from './volume-plan.ts';

/** Upstream's bindTimeoutSeconds. */
const LONGEST_WAIT: Milliseconds = 600_000;

type Claim = Persisted<PersistentVolumeClaim>;
type Volume = Persisted<PersistentVolume>;

export interface VolumeBinderParts {
  readonly client: ApiClient;
  readonly informers: Informers;
  readonly clock: Clock;
}

/** @throws Error when a claim cannot be bound after all, and the signal's reason when it aborts first */
export async function bindVolumes(
  { client, informers, clock }: VolumeBinderParts,
  work: VolumeWork,
  node: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { claim, volume } of work.take) {
    if (!isBoundTo(volume, claim)) await client.of(PersistentVolume).update(keptFor(volume, claim));
  }
  for (const claim of work.provision) {
    if (claim.metadata.annotations?.[SELECTED_NODE] === node) continue;
    await client.of(PersistentVolumeClaim).update(placedAt(claim, node));
  }
  const provisioned = new Set(work.provision.map(({ metadata }) => metadata.uid));
  const claims = [...work.take.map(({ claim }) => claim), ...work.provision];
  // One that fails ends the wait for the others.
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const untilBound = claims.map((claim) => {
    const isPlaced = provisioned.has(claim.metadata.uid);
    return boundClaim(informers, clock, { key: keyOf(claim), uid: claim.metadata.uid, isPlaced }, either);
  });
  try {
    await Promise.all(untilBound);
  } finally {
    failed.abort();
  }
}

function keptFor(volume: Volume, claim: Claim): Volume {
  const { apiVersion, kind } = PersistentVolumeClaim;
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const annotations = { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef: { apiVersion, kind, namespace, name, uid, resourceVersion } },
  };
}

function placedAt(claim: Claim, node: string): Claim {
  const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: node };
  return { ...claim, metadata: { ...claim.metadata, annotations } };
}

interface Awaited {
  readonly key: ObjectKey;
  readonly uid: string;
  /** A provisioner that cannot serve the node takes the node's name off the claim. */
  readonly isPlaced: boolean;
}

function boundClaim(informers: Informers, clock: Clock, awaited: Awaited, signal: AbortSignal): Promise<void> {
  const { key, uid, isPlaced } = awaited;
  const claims = informers.of(PersistentVolumeClaim);
  return new Promise((resolve, reject) => {
    let placed = false;
    const settle = (outcome: () => void): void => {
      subscription?.[Symbol.dispose]();
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', abort);
      outcome();
    };
    const fail = (text: string): void => settle(() => reject(new Error(text)));
    const abort = (): void => settle(() => reject(signal.reason));
    const look = (): void => {
      const claim = claims.get(key);
      if (claim?.metadata.uid !== uid) return fail(`persistentvolumeclaim "${key.name}" is gone`);
      if (isFullyBound(claim) && claim.status?.phase === 'Bound') return settle(resolve);
      const selected = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
      if (isPlaced && placed && !selected) return fail(`provisioning failed for PVC "${key.name}"`);
      placed ||= selected;
    };
    const timer = clock.schedule(LONGEST_WAIT, () => fail(`PVC "${key.name}" was not bound in time`));
    signal.addEventListener('abort', abort, { once: true });
    let subscription: Disposable | undefined = undefined;
    subscription = claims.subscribe(({ object }) => {
      // What is there already is told at once, before there is a subscription to end.
      if (subscription && object.metadata.uid === uid) look();
    });
    if (signal.aborted) abort();
    else look();
  });
}
