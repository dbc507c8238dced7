/** Deletes what nobody owns any more: in the background, in the foreground before the owner, or not at all (orphan). */
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import { keyOf } from '../../../types/meta.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { InformerEvent } from '../../client/informer.ts';
import type { ControllerContext, FreeController } from '../framework/controller.ts';
import { storedKinds } from '../framework/stored-kinds.ts';
import { untilAborted } from '../framework/until-aborted.ts';
import { RateLimitedQueue } from '../framework/work-queue.ts';
import { OwnerGraph, ownersOf } from './graph.ts';
import type { GraphNode } from './graph.ts';
import { blocks, foregroundFinalizer, isForegroundDeleting, isOrphaning, judge, orphanFinalizer } from './plan.ts';
import type { JudgedOwner, OwnerState } from './plan.ts';

const workers = 20;

export const garbageCollector: FreeController = {
  name: 'generic-garbage-collector',
  run: (context, signal) => new GarbageCollector(context).run(signal),
};

class GarbageCollector {
  readonly #context: ControllerContext;
  readonly #graph = new OwnerGraph();
  readonly #queue: RateLimitedQueue<string>;
  readonly #watched = new Map<string, { readonly kind: KindDefinition; readonly subscription: Disposable }>();
  readonly #stop = new AbortController();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = new RateLimitedQueue(context.clock);
  }

  run(signal: AbortSignal): AsyncDisposable {
    const { registry } = this.#context;
    this.#watchKinds();
    const subscription = registry.subscribe(() => this.#watchKinds());
    const working = this.#workWhenSynced(AbortSignal.any([signal, this.#stop.signal]));
    return {
      [Symbol.asyncDispose]: async () => {
        this.#stop.abort(new Error('the garbage collector stops'));
        subscription[Symbol.dispose]();
        this.#queue[Symbol.dispose]();
        for (const watched of this.#watched.values()) watched.subscription[Symbol.dispose]();
        await working;
      },
    };
  }

  #watchKinds(): void {
    const { informers, registry, onError } = this.#context;
    // Nothing owns events and they own nothing, but there are many of them.
    const kinds = storedKinds(registry).filter((kind) => kind.typeName !== 'v1.Event');
    const present = new Set(kinds.map((kind) => kind.typeName));
    for (const [name, { kind, subscription }] of this.#watched) {
      if (present.has(name)) continue;
      subscription[Symbol.dispose]();
      informers.release(kind).catch((error: unknown) => onError(error, `no longer watching ${kind.plural}`));
      this.#watched.delete(name);
    }
    for (const kind of kinds) {
      if (this.#watched.has(kind.typeName)) continue;
      const subscription = informers.of(kind).subscribe((event) => this.#observe(kind, event));
      this.#watched.set(kind.typeName, { kind, subscription });
    }
  }

  #observe(kind: KindDefinition, { type, object }: InformerEvent): void {
    const { uid } = object.metadata;
    if (type === 'delete') {
      const dependents = this.#graph.dependentsOf(uid);
      this.#graph.remove(uid);
      for (const dependent of dependents) this.#queue.add(dependent.object.metadata.uid);
      this.#queueWaitingOwners(ownersOf(object));
      return;
    }
    const before = ownersOf(this.#graph.get(uid)?.object);
    this.#graph.put({ kind, object });
    if (isForegroundDeleting(object) || isOrphaning(object)) this.#queue.add(uid);
    if (ownersOf(object).some((owner) => this.#isOfInterest(object, owner))) this.#queue.add(uid);
    this.#queueWaitingOwners(before);
  }

  /** An owner that is not in the graph may be gone; one elsewhere is none; one that is being deleted may want this gone. */
  #isOfInterest(object: Persisted, owner: OwnerReference): boolean {
    const node = this.#graph.get(owner.uid);
    if (!node || isForegroundDeleting(node.object)) return true;
    return node.kind.scope === 'Namespaced' && node.object.metadata.namespace !== object.metadata.namespace;
  }

  /** Owners that wait for their dependents look again when one of them changes or goes. */
  #queueWaitingOwners(owners: readonly OwnerReference[]): void {
    for (const { uid } of owners) {
      const node = this.#graph.get(uid);
      if (node && isForegroundDeleting(node.object)) this.#queue.add(uid);
    }
  }

  async #workWhenSynced(signal: AbortSignal): Promise<void> {
    const { informers, onError } = this.#context;
    try {
      // A graph with holes would take owners for absent; each would have to be asked for.
      const synced = [...this.#watched.values()].map(({ kind }) => informers.of(kind).synced);
      await untilAborted(Promise.all(synced), signal);
    } catch (error) {
      if (!signal.aborted) onError(error, 'waiting for informers');
      return;
    }
    await Promise.all(Array.from({ length: workers }, () => this.#work(signal)));
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let uid = await this.#queue.take(signal); uid !== undefined; uid = await this.#queue.take(signal)) {
      try {
        await this.#process(uid);
        this.#queue.forget(uid);
      } catch (error) {
        if (signal.aborted) return;
        if (!isFailure(error, 'Conflict')) this.#context.onError(error, uid);
        this.#queue.addWithBackoff(uid);
      }
      this.#queue.done(uid);
    }
  }

  async #process(uid: string): Promise<void> {
    const node = this.#graph.get(uid);
    if (!node) return;
    if (isOrphaning(node.object)) return this.#orphanDependents(node);
    if (isForegroundDeleting(node.object)) return this.#deleteDependentsFirst(node);
    const owners = await Promise.all(ownersOf(node.object).map((owner) => this.#judgeOwner(node, owner)));
    const dependents = this.#graph.dependentsOf(uid).map(({ object }) => object);
    const verdict = judge(node.object, owners, dependents);
    if (verdict.act === 'keep') return;
    if (verdict.act === 'drop-references') return this.#dropReferences(node, verdict.uids);
    if (verdict.unblockOwners === true) await this.#unblockOwners(node);
    try {
      await this.#context.client.of(node.kind).delete(keyOf(node.object), {
        preconditions: { uid },
        propagationPolicy: verdict.policy,
      });
    } catch (error) {
      // Another object of that name: the one that was meant is gone.
      if (!isFailure(error, 'Conflict')) throw error;
    }
  }

  async #judgeOwner(node: GraphNode, owner: OwnerReference): Promise<JudgedOwner> {
    return { owner, state: await this.#stateOf(node, owner) };
  }

  async #stateOf({ kind, object }: GraphNode, owner: OwnerReference): Promise<OwnerState> {
    const ownerKind = this.#context.registry.kind(owner.apiVersion, owner.kind);
    if (!ownerKind) return this.#graph.wasDeleted(owner.uid) ? 'absent' : 'unknown';
    const namespace = object.metadata.namespace ?? '';
    if (ownerKind.scope === 'Namespaced' && kind.scope === 'Cluster') {
      this.#complain(object, owner);
      return 'unknown';
    }
    const known = this.#graph.get(owner.uid);
    if (known && (ownerKind.scope === 'Cluster' || known.object.metadata.namespace === namespace)) {
      return isForegroundDeleting(known.object) ? 'waiting' : 'solid';
    }
    if (known) this.#complain(object, owner);
    if (this.#graph.wasDeleted(owner.uid)) return 'absent';
    // The copy may be behind: only the API itself can say that an owner is not there.
    const key = { namespace: ownerKind.scope === 'Namespaced' ? namespace : '', name: owner.name };
    const live = await this.#context.client.of(ownerKind).get(key);
    if (live?.metadata.uid !== owner.uid) return 'absent';
    return isForegroundDeleting(live) ? 'waiting' : 'solid';
  }

  #complain(object: Persisted, owner: OwnerReference): void {
    const namespace = object.metadata.namespace ?? '';
    const text = `ownerRef [${owner.apiVersion}/${owner.kind}, namespace: ${namespace}, name: ${owner.name}, uid: ${owner.uid}] does not exist in namespace "${namespace}"`;
    this.#context.event(object, 'Warning', 'OwnerRefInvalidNamespace', text);
  }

  async #deleteDependentsFirst({ kind, object }: GraphNode): Promise<void> {
    const { uid } = object.metadata;
    const dependents = this.#graph.dependentsOf(uid);
    for (const dependent of dependents) {
      if (dependent.object.metadata.deletionTimestamp === undefined) this.#queue.add(dependent.object.metadata.uid);
    }
    if (dependents.some((dependent) => blocks(dependent.object, uid))) return;
    await this.#removeFinalizer(kind, object, foregroundFinalizer);
  }

  async #orphanDependents({ kind, object }: GraphNode): Promise<void> {
    const { uid } = object.metadata;
    await Promise.all(this.#graph.dependentsOf(uid).map((dependent) => this.#dropReferences(dependent, [uid])));
    await this.#removeFinalizer(kind, object, orphanFinalizer);
  }

  async #dropReferences({ kind, object }: GraphNode, uids: readonly string[]): Promise<void> {
    const resource = this.#context.client.of(kind);
    const live = await resource.get(keyOf(object));
    if (live?.metadata.uid !== object.metadata.uid) return;
    const kept = ownersOf(live).filter((owner) => !uids.includes(owner.uid));
    if (kept.length === ownersOf(live).length) return;
    const ownerReferences = kept.map(referenceFields);
    await this.#patchMetadata(kind, live, { ownerReferences: ownerReferences.length === 0 ? null : ownerReferences });
  }

  async #unblockOwners({ kind, object }: GraphNode): Promise<void> {
    const live = await this.#context.client.of(kind).get(keyOf(object));
    if (live?.metadata.uid !== object.metadata.uid) return;
    const owners = ownersOf(live);
    if (!owners.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) return;
    const ownerReferences = owners.map((owner) => ({ ...referenceFields(owner), blockOwnerDeletion: false }));
    await this.#patchMetadata(kind, live, { ownerReferences });
  }

  async #removeFinalizer(kind: KindDefinition, object: Persisted, finalizer: string): Promise<void> {
    const live = await this.#context.client.of(kind).get(keyOf(object));
    if (live?.metadata.uid !== object.metadata.uid) return;
    const finalizers = (live.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    if (finalizers.length === (live.metadata.finalizers ?? []).length) return;
    await this.#patchMetadata(kind, live, { finalizers: finalizers.length === 0 ? null : finalizers });
  }

  /** A merge patch, which every kind understands, for exactly the object that was read. */
  async #patchMetadata(kind: KindDefinition, live: Persisted, change: MetadataChange): Promise<void> {
    const { uid, resourceVersion } = live.metadata;
    const patch = { metadata: { uid, resourceVersion, ...change } };
    try {
      await this.#context.client.of(kind).patch(keyOf(live), { type: 'merge', patch });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

function referenceFields(owner: OwnerReference): Record<string, string | boolean> {
  const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = owner;
  return {
    apiVersion,
    kind,
    name,
    uid,
    ...(controller === undefined ? {} : { controller }),
    ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
  };
}

type MetadataChange =
  | { readonly finalizers: readonly string[] | null }
  | { readonly ownerReferences: readonly Record<string, string | boolean>[] | null };
