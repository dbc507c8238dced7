/** Which volume serves a claim best (component-helpers, storage/volume). Pure. */
import type { Node } from '../kinds/core/node.ts';
import type { PersistentVolume } from '../kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../kinds/core/persistent-volume-claim.ts';
import type { TopologySelectorTerm } from '../kinds/generated/core-v1.gen.ts';
import { matchesLabelSelector } from '../label-selector.ts';
import { matchesTerm } from '../pod/node-selection.ts';
import { compareQuantities } from '../quantity.ts';
import type { Quantity } from '../quantity.ts';
import { classOfClaim, classOfVolume, isBoundTo } from './claim-facts.ts';

export interface MatchOptions {
  /** Where the volume has to be reachable: the scheduler's question. The binder has no place in mind. */
  readonly node?: Node;
  /** The claim waits for its first consumer, so only a volume that is kept for it may be taken without a node. */
  readonly delayed?: boolean;
  /** Names of volumes that are promised to others. */
  readonly excluded?: ReadonlySet<string>;
}

const modes = (list: readonly string[] | undefined): ReadonlySet<string> => new Set(list);

export function requestedStorage({ spec }: PersistentVolumeClaim): Quantity {
  return spec?.resources?.requests?.['storage'] ?? '0';
}

export function capacityOf({ spec }: PersistentVolume): Quantity {
  return spec?.capacity?.['storage'] ?? '0';
}

export function offersModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const offered = modes(volume.spec?.accessModes);
  return [...modes(claim.spec?.accessModes)].every((mode) => offered.has(mode));
}

export function differsInMode(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem');
}

function differsInAttributes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (volume.spec?.volumeAttributesClassName ?? '') !== (claim.spec?.volumeAttributesClassName ?? '');
}

/** Why a volume that the claim asks for by name cannot be its own; undefined when it can. */
export function unfitReason(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined)
    return `the volume is marked for deletion "${volume.metadata.name ?? ''}"`;
  if (compareQuantities(capacityOf(volume), requestedStorage(claim)) < 0) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (differsInAttributes(volume, claim)) return 'volumeAttributesClassName does not match';
  if (differsInMode(volume, claim)) return 'incompatible volumeMode';
  return offersModes(volume, claim) ? undefined : 'incompatible accessMode';
}

export function isReachableFrom({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** No terms at all allow every node. */
export function allowsTopology(terms: readonly TopologySelectorTerm[] | undefined, { metadata }: Node): boolean {
  if (!terms || terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? '')),
  );
}

/** What any volume has to be to serve the claim, a kept one too. */
function couldServe(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (volume.spec?.claimRef && !isBoundTo(volume, claim)) return false;
  return (
    volume.metadata.deletionTimestamp === undefined &&
    compareQuantities(capacityOf(volume), requestedStorage(claim)) >= 0 &&
    !differsInMode(volume, claim) &&
    !differsInAttributes(volume, claim) &&
    offersModes(volume, claim)
  );
}

/** What a volume that is free has to be besides. */
function isFreeFor(volume: PersistentVolume, claim: PersistentVolumeClaim, node: Node | undefined): boolean {
  const selector = claim.spec?.selector;
  return (
    volume.status?.phase === 'Available' &&
    (selector === undefined || matchesLabelSelector(selector, volume.metadata.labels ?? {})) &&
    classOfVolume(volume) === classOfClaim(claim) &&
    (node === undefined || isReachableFrom(volume, node))
  );
}

/** Fewer access modes than asked for are no offer; of the offers the nearest comes first, then the smallest. */
function byFit(a: PersistentVolume, b: PersistentVolume): number {
  const extra = modes(a.spec?.accessModes).size - modes(b.spec?.accessModes).size;
  if (extra !== 0) return extra;
  const size = compareQuantities(capacityOf(a), capacityOf(b));
  return size !== 0 ? size : (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** The volume that is kept for the claim, else the best of those that are free. */
export function bestVolume<V extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: readonly V[],
  { node, delayed = false, excluded = new Set() }: MatchOptions = {},
): V | undefined {
  const candidates = volumes.filter((volume) => !excluded.has(volume.metadata.name ?? '') && couldServe(volume, claim));
  const kept = candidates.filter((volume) => isBoundTo(volume, claim)).sort(byFit)[0];
  if (kept) return node === undefined || isReachableFrom(kept, node) ? kept : undefined;
  if (node === undefined && delayed) return undefined;
  return candidates.filter((volume) => isFreeFor(volume, claim, node)).sort(byFit)[0];
}
