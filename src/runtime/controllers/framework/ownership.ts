/** Controlling owners: who controls what, and taking in or letting go of objects as selectors ask. */
import type { JsonValue } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import { keyOf } from '../../../types/meta.ts';
import type { KubeObject, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { ApiClient } from '../../client/api-client.ts';

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

export function isControlledBy(object: KubeObject, owner: Persisted): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The reference that makes `owner` the controller of the object that carries it. */
export function controllerReference(owner: Persisted): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export interface Claim<T extends KubeObject> {
  /** Controlled by the owner already, and selected. */
  readonly owned: readonly Persisted<T>[];
  /** Selected, and without a controller. */
  readonly adopt: readonly Persisted<T>[];
  /** Controlled by the owner, and not selected any more. */
  readonly release: readonly Persisted<T>[];
}

/** An owner that is being deleted takes nothing in and lets nothing go: what it has is the garbage collector's. */
export function planClaim<T extends KubeObject>(
  owner: Persisted,
  objects: readonly Persisted<T>[],
  selects: (object: Persisted<T>) => boolean,
): Claim<T> {
  const owned: Persisted<T>[] = [];
  const adopt: Persisted<T>[] = [];
  const release: Persisted<T>[] = [];
  const leaving = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects) {
    const controller = controllerOf(object);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (selects(object)) owned.push(object);
      else if (!leaving) release.push(object);
    } else if (!leaving && object.metadata.deletionTimestamp === undefined && selects(object)) {
      adopt.push(object);
    }
  }
  return { owned, adopt, release };
}

/**
 * Carries a claim out and returns what the owner then controls.
 * @param finalizer what holds an owned object until its owner lets it go: put on with adoption, taken off with release
 * @throws Error when the owner turns out to be gone or replaced, before anything is adopted
 */
export async function claim<O extends KubeObject, T extends KubeObject>(
  client: ApiClient,
  ownerKind: KindDefinition<O>,
  owner: Persisted<O>,
  kind: KindDefinition<T>,
  plan: Claim<T>,
  finalizer?: string,
): Promise<readonly Persisted<T>[]> {
  if (plan.adopt.length > 0) await verifyOwner(client, ownerKind, owner);
  const hold: MetadataPatch = finalizer === undefined ? {} : { finalizers: [finalizer] };
  const letGo: MetadataPatch = finalizer === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': [finalizer] };
  const adopted = await Promise.all(plan.adopt.map((object) => adopt(client, owner, kind, object, hold)));
  await Promise.all(plan.release.map((object) => release(client, owner, kind, object, letGo)));
  return [...plan.owned, ...adopted.filter((object) => object !== undefined)];
}

/** The local copy may be behind: an owner that is gone must not get a child that nobody would ever collect. */
async function verifyOwner<O extends KubeObject>(
  client: ApiClient,
  kind: KindDefinition<O>,
  owner: Persisted<O>,
): Promise<void> {
  const live = await client.of(kind).get(keyOf(owner));
  const { namespace, name, uid } = owner.metadata;
  if (live?.metadata.uid !== uid) {
    throw new Error(`original ${kind.kind} ${namespace}/${name} is gone: got uid ${live?.metadata.uid}, wanted ${uid}`);
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new Error(`${kind.kind} ${namespace}/${name} has just been deleted at ${live.metadata.deletionTimestamp}`);
  }
}

async function adopt<T extends KubeObject>(
  client: ApiClient,
  owner: Persisted,
  kind: KindDefinition<T>,
  object: Persisted<T>,
  rest: MetadataPatch,
): Promise<Persisted<T> | undefined> {
  return patchOwners(client, kind, object, { ...definedFields(controllerReference(owner)) }, rest);
}

async function release<T extends KubeObject>(
  client: ApiClient,
  owner: Persisted,
  kind: KindDefinition<T>,
  object: Persisted<T>,
  rest: MetadataPatch,
): Promise<void> {
  await patchOwners(client, kind, object, { $patch: 'delete', uid: owner.metadata.uid }, rest);
}

/** What else a patch of owners changes. */
type MetadataPatch = Readonly<Record<string, JsonValue>>;

/** The uid in the patch is a precondition: an object of the same name that came since is left alone. */
async function patchOwners<T extends KubeObject>(
  client: ApiClient,
  kind: KindDefinition<T>,
  object: Persisted<T>,
  reference: JsonValue,
  rest: MetadataPatch,
): Promise<Persisted<T> | undefined> {
  const patch = { metadata: { uid: object.metadata.uid, ownerReferences: [reference], ...rest } };
  try {
    return await client.of(kind).patch(keyOf(object), { type: 'strategic', patch });
  } catch (error) {
    // Gone, or no longer the object that was meant: then there is nothing to adopt or to release.
    if (isFailure(error, 'NotFound', 'Invalid')) return undefined;
    throw error;
  }
}

function definedFields(reference: OwnerReference): Record<string, JsonValue> {
  const { apiVersion, kind, name, uid } = reference;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
