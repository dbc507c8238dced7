/** What the server does to every object whatever its kind: identity, generation, status isolation, deletion. Pure. */
import { randomInt, randomUUID } from 'node:crypto';
import { deepClone, deepEqual } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { ObjectDraft } from './fields.ts';

// Without vowels and look-alikes (apimachinery, util/rand): no word and no misreading comes out.
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const GENERATED_NAME_LIMIT = 63;

/** Timestamps of the API have whole seconds. */
export function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

export function generatedName(prefix: string): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += ALPHABET[randomInt(ALPHABET.length)] ?? '';
  return prefix.slice(0, GENERATED_NAME_LIMIT - SUFFIX_LENGTH) + suffix;
}

export function hasStatus(kind: KindDefinition): boolean {
  return kind.subresources.includes('status');
}

export function hasGeneration(kind: KindDefinition): boolean {
  return kind.hasGeneration ?? (hasStatus(kind) && kind.schema.properties['spec'] !== undefined);
}

/** What a client may not choose on creation. */
export function initialize(kind: KindDefinition, draft: ObjectDraft, namespace: string, now: Date): void {
  const { metadata } = draft;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(now);
  delete metadata.resourceVersion;
  delete metadata.selfLink;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  if (kind.scope === 'Namespaced') metadata.namespace = namespace;
  else delete metadata.namespace;
  if (hasGeneration(kind)) metadata.generation = 1;
  if (hasStatus(kind) && kind.keepsStatusOnCreate !== true) {
    if (kind.custom === true) delete draft['status'];
    else draft['status'] = {};
  }
  kind.prepareForCreate?.(draft);
}

/** What an update may not touch is taken from the stored object; the generation follows the specification. */
export function carryOver(kind: KindDefinition, draft: ObjectDraft, previous: KubeObject, subresource: string): void {
  const { metadata } = draft;
  const old = previous.metadata;
  if (old.namespace !== undefined) metadata.namespace = old.namespace;
  delete metadata.selfLink;
  keep(metadata, 'creationTimestamp', metadata.creationTimestamp ?? old.creationTimestamp);
  keep(metadata, 'uid', metadata.uid === undefined || metadata.uid === '' ? old.uid : metadata.uid);
  keep(metadata, 'deletionTimestamp', old.deletionTimestamp);
  keep(metadata, 'deletionGracePeriodSeconds', old.deletionGracePeriodSeconds);
  keep(metadata, 'generation', old.generation);
  if (old.generateName !== undefined && metadata.generateName === undefined) metadata.generateName = old.generateName;
  if (subresource === 'status' || subresource === 'approval') isolateStatus(kind, draft, previous);
  else isolateSpecification(kind, draft, previous, subresource);
  // Binding is the server's doing: upstream leaves generation and ownership as they are, and clients expect 1 of a new pod.
  if (subresource === 'binding') return;
  if (hasGeneration(kind) && specificationChanged(kind, draft, previous))
    metadata.generation = (old.generation ?? 0) + 1;
}

function keep<K extends keyof ObjectDraft['metadata']>(
  metadata: ObjectDraft['metadata'],
  name: K,
  value: ObjectDraft['metadata'][K],
): void {
  if (value === undefined) delete metadata[name];
  else metadata[name] = value;
}

function isolateStatus(kind: KindDefinition, draft: ObjectDraft, previous: KubeObject): void {
  for (const name of Object.keys(draft)) if (!ENVELOPE.has(name)) delete draft[name];
  for (const [name, value] of Object.entries(previous)) {
    // Shared with the stored object: from here on nobody changes it, and what is the same object need not be compared.
    if (!ENVELOPE.has(name)) draft[name] = value;
  }
  if (kind.custom === true) {
    // Of a custom resource's metadata nothing is changed with its status.
    const { managedFields, resourceVersion } = draft.metadata;
    draft.metadata = deepClone(previous.metadata);
    keep(draft.metadata, 'managedFields', managedFields);
    keep(draft.metadata, 'resourceVersion', resourceVersion);
  }
  keep(draft.metadata, 'labels', deepClone(previous.metadata.labels));
  keep(draft.metadata, 'ownerReferences', deepClone(previous.metadata.ownerReferences));
  kind.prepareForStatusUpdate?.(draft, previous);
}

const ENVELOPE: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

function isolateSpecification(
  kind: KindDefinition,
  draft: ObjectDraft,
  previous: KubeObject,
  subresource: string,
): void {
  if (hasStatus(kind) && !STATUS_WRITERS.has(subresource)) {
    const status = new Map<string, unknown>(Object.entries(previous)).get('status');
    if (status === undefined) delete draft['status'];
    else draft['status'] = kind.prepareForUpdate ? deepClone(status) : status;
  }
  // A subresource changes one thing that the object itself may not.
  if (subresource === '' || subresource === 'scale') kind.prepareForUpdate?.(draft, previous);
}

// These change a condition together with what it is about.
const STATUS_WRITERS: ReadonlySet<string> = new Set(['binding', 'approval', 'eviction']);

function specificationChanged(kind: KindDefinition, next: ObjectDraft, previous: KubeObject): boolean {
  return !deepEqual(specificationOf(kind, next), specificationOf(kind, previous));
}

/** A status without a subresource of its own is a field like any other. */
function specificationOf(kind: KindDefinition, object: KubeObject): Readonly<Record<string, unknown>> {
  const isPlain = kind.custom === true && !hasStatus(kind);
  const entries = Object.entries(object).filter(([name]) => !ENVELOPE.has(name) || (isPlain && name === 'status'));
  return Object.fromEntries(entries);
}

/** Whether two states of an object differ in anything but what the server notes for itself. */
export function sameObject(next: KubeObject, previous: KubeObject): boolean {
  return deepEqual(withoutNotes(next), withoutNotes(previous));
}

function withoutNotes(object: KubeObject): unknown {
  const { resourceVersion: _version, managedFields, ...metadata } = object.metadata;
  // The time of an entry alone is no change.
  const managers = managedFields?.map(({ time: _time, ...entry }) => entry);
  return { ...object, metadata: { ...metadata, managedFields: managers ?? [] } };
}
