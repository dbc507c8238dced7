/** One kind on the store: completes, admits, checks and persists its objects. */
import type { Clock } from '../../shared/clock.ts';
import { deepClone, deepFreeze } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { DeleteOptions } from '../../types/kinds/generated/meta-v1.gen.ts';
import type { KubeObject, ObjectKey } from '../../types/meta.ts';
import type { Registry } from '../../types/registry.ts';
import { kindPrefix, namespacePrefix, storeKey } from '../storage/keys.ts';
import { StoreAlreadyExists, StoreConflict } from '../storage/store.ts';
import type { Revision, Store, Stored, StoreKey } from '../storage/store.ts';
import type { AdmissionChain } from './admission/chain.ts';
import type { AdmissionRequest } from './admission/plugin.ts';
import { isFinished, planDeletion } from './deletion.ts';
import { isObjectDraft } from './fields.ts';
import type { ObjectDraft } from './fields.ts';
import { trackFields } from './field-tracking.ts';
import type { FieldChange } from './field-tracking.ts';
import { carryOver, generatedName, initialize, sameObject } from './object-lifecycle.ts';
import { checkCreated, checkUpdated } from './object-rules.ts';
import type { ObjectReader } from './object-reader.ts';
import type { UserInfo } from './request.ts';
import { OUTDATED, alreadyExists, conflict, invalid, notFound } from './status-error.ts';
import { storedFormOf } from './stored-form.ts';
import type { StoredForm } from './stored-form.ts';

const NAME_ATTEMPTS = 8;
const UPDATE_ATTEMPTS = 16;

export interface StorageContext {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly admission: AdmissionChain;
  readonly reader: ObjectReader;
  /** Told of every object that was written or removed, once that is durable. */
  onStored?(kind: KindDefinition, object: KubeObject, gone: boolean): void;
}

/** Who writes, and how. */
export interface WriteContext {
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Receives the texts of Warning headers. */
  readonly warnings?: string[];
}

/** An object in the version of its kind, with the revision that an update is checked against. */
export interface Current {
  readonly object: KubeObject;
  readonly revision: Revision;
}

/** Makes the next state out of the current one; called again when somebody else was faster. */
export type Transform = (current: Current | undefined) => Promise<Proposal> | Proposal;

export interface Proposal {
  readonly draft: ObjectDraft;
  /** Set by server-side apply, which keeps account of ownership itself. */
  readonly tracked?: boolean;
  /** Whether an object that does not exist is created. */
  readonly mayCreate?: boolean;
  /** Made from the current state: another uid in it is a change, not the name of another object. */
  readonly patched?: boolean;
}

export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
}

export class ResourceStorage {
  readonly #context: StorageContext;
  readonly #form: StoredForm;

  constructor(
    readonly kind: KindDefinition,
    context: StorageContext,
  ) {
    this.#context = context;
    this.#form = storedFormOf(kind, context.registry, context);
  }

  /** Prefix of the kind's keys, or of those in one namespace. */
  prefix(namespace: string): StoreKey {
    return namespace === '' ? kindPrefix(this.#form.kind) : namespacePrefix(this.#form.kind, namespace);
  }

  /** To be called before `decode`, with everything that it will be asked for. @throws ApiError */
  async prepare(stored: readonly Stored[]): Promise<void> {
    await this.#form.prepare?.(stored.map(({ value }) => value));
  }

  /** A stored value in the version of this kind. */
  decode(stored: KubeObject): KubeObject {
    return this.#form.decode(stored);
  }

  /** Every object, or those of one namespace. */
  async list(namespace: string): Promise<readonly KubeObject[]> {
    const { items } = await this.#context.store.list(this.prefix(namespace));
    await this.prepare(items);
    return items.map(({ value }) => this.#form.decode(value));
  }

  async find(key: ObjectKey): Promise<Current | undefined> {
    const stored = await this.#context.store.get(this.#key(key));
    if (stored) await this.prepare([stored]);
    return stored && { object: this.#form.decode(stored.value), revision: stored.revision };
  }

  /** @throws ApiError NotFound */
  async get(key: ObjectKey): Promise<Current> {
    const current = await this.find(key);
    if (!current) throw notFound(this.kind, key.name);
    return current;
  }

  /** @throws ApiError AlreadyExists, Invalid, Forbidden */
  async create(draft: ObjectDraft, namespace: string, write: WriteContext, tracked = false): Promise<KubeObject> {
    const { metadata } = draft;
    const prefix = metadata.name === undefined || metadata.name === '' ? (metadata.generateName ?? '') : '';
    for (let attempt = 1; ; attempt++) {
      if (prefix !== '') metadata.name = generatedName(prefix);
      try {
        return await this.#createOnce(prefix === '' ? draft : copyOf(draft), namespace, write, tracked);
      } catch (error) {
        if (!(error instanceof StoreAlreadyExists)) throw error;
        if (prefix === '') throw alreadyExists(this.kind, metadata.name ?? '');
        if (attempt < NAME_ATTEMPTS) continue;
        const remark = ', the server was not able to generate a unique name for the object';
        throw alreadyExists(this.kind, metadata.name ?? '', remark);
      }
    }
  }

  /** @throws ApiError NotFound, Conflict, Invalid, Forbidden */
  async update(key: ObjectKey, transform: Transform, write: WriteContext): Promise<Written> {
    for (let attempt = 1; ; attempt++) {
      const current = await this.find(key);
      const proposal = await transform(current);
      if (!current) {
        if (proposal.mayCreate !== true) throw notFound(this.kind, key.name);
        const object = await this.create(proposal.draft, key.namespace, write, proposal.tracked);
        return { object, created: true };
      }
      const insisted = proposal.draft.metadata.resourceVersion ?? '';
      const versioned = insisted !== '' && insisted !== '0';
      if (versioned && insisted !== current.object.metadata.resourceVersion)
        throw conflict(this.kind, key.name, OUTDATED);
      try {
        return { object: await this.#updateOnce(key, current, proposal, write), created: false };
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        // A patch is made of the current state, and takes its version along without insisting on it.
        const insists = versioned && proposal.patched !== true;
        if (insists || attempt >= UPDATE_ATTEMPTS) throw conflict(this.kind, key.name, OUTDATED);
      }
    }
  }

  /** Undefined when the object is gone; else the object, whose deletion waits for somebody. @throws ApiError NotFound, Conflict */
  async remove(
    key: ObjectKey,
    options: DeleteOptions,
    write: WriteContext,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    for (;;) {
      const current = await this.get(key);
      this.#checkPreconditions(key, current.object, options);
      const plan = planDeletion(this.kind, current.object, options, this.#context.clock.now());
      try {
        return await this.#removeOnce(key, current, plan, write);
      } catch (error) {
        // Somebody changed it meanwhile: decide anew. Bounded by the other side's progress, as every round needs a write of its own.
        if (!(error instanceof StoreConflict)) throw error;
      }
    }
  }

  async #removeOnce(
    key: ObjectKey,
    current: Current,
    plan: ReturnType<typeof planDeletion>,
    write: WriteContext,
  ): Promise<{ object: KubeObject; gone: boolean }> {
    return this.#admitted('DELETE', key, current.object, write, async (request) => {
      await this.#context.admission.validate(request, undefined);
      if (plan.type === 'wait') return { object: current.object, gone: false };
      if (plan.type === 'remove') {
        if (write.dryRun) return { object: current.object, gone: true };
        const removed = await this.#context.store.remove(this.#key(key), current.revision);
        return { object: await this.#told(removed, true), gone: true };
      }
      if (write.dryRun) return { object: deepFreeze(plan.object), gone: false };
      const stored = await this.#context.store.replace(
        this.#key(key),
        await this.#form.encode(plan.object),
        current.revision,
      );
      return { object: await this.#told(stored), gone: false };
    });
  }

  async #createOnce(draft: ObjectDraft, namespace: string, write: WriteContext, tracked: boolean): Promise<KubeObject> {
    const { store, admission, clock } = this.#context;
    const key = { namespace, name: draft.metadata.name ?? '' };
    return this.#admitted('CREATE', key, undefined, write, async (request) => {
      if (key.name !== '' && (await store.get(this.#key(key)))) throw new StoreAlreadyExists(this.#key(key));
      // Ownership is of what the client sent with its defaults, not of what the server adds from here on.
      if (!tracked) trackFields(this.#change(draft, undefined, write));
      initialize(this.kind, draft, namespace, clock.now());
      await admission.mutate(request, draft);
      const issues = checkCreated(this.kind, draft);
      if (issues.length > 0) throw invalid(this.kind, key.name, issues);
      await admission.validate(request, draft);
      if (write.dryRun) return deepFreeze(draft);
      const stored = await store.create(this.#key(key), await this.#form.encode(draft));
      return this.#told(stored);
    });
  }

  async #updateOnce(key: ObjectKey, current: Current, proposal: Proposal, write: WriteContext): Promise<KubeObject> {
    const { draft } = proposal;
    const previous = current.object;
    if (proposal.patched !== true) this.#checkIdentity(key, draft, previous);
    return this.#admitted('UPDATE', key, previous, write, async (request) => {
      carryOver(this.kind, draft, previous, write.subresource);
      if (proposal.tracked !== true) trackFields(this.#change(draft, previous, write));
      await this.#context.admission.mutate(request, draft);
      const issues = checkUpdated(this.kind, draft, previous, write.subresource);
      if (issues.length > 0) throw invalid(this.kind, key.name, issues);
      await this.#context.admission.validate(request, draft);
      if (sameObject(draft, previous)) return previous;
      return this.#persist(key, draft, current, write);
    });
  }

  async #persist(key: ObjectKey, draft: ObjectDraft, current: Current, write: WriteContext): Promise<KubeObject> {
    const { store } = this.#context;
    if (write.dryRun) {
      draft.metadata.resourceVersion = current.object.metadata.resourceVersion;
      return deepFreeze(draft);
    }
    // The last finalizer is gone: the update is the end of the object.
    if (isFinished(draft)) {
      await this.#told(await store.remove(this.#key(key), current.revision), true);
      return deepFreeze(draft);
    }
    const stored = await store.replace(this.#key(key), await this.#form.encode(draft), current.revision);
    return this.#told(stored);
  }

  async #told(stored: Stored, gone = false): Promise<KubeObject> {
    await this.prepare([stored]);
    const object = this.#form.decode(stored.value);
    this.#context.onStored?.(this.kind, object, gone);
    return object;
  }

  async #admitted<T>(
    operation: AdmissionRequest['operation'],
    key: ObjectKey,
    previous: KubeObject | undefined,
    write: WriteContext,
    act: (request: AdmissionRequest) => Promise<T>,
  ): Promise<T> {
    const finished: (() => void)[] = [];
    try {
      return await act({
        operation,
        kind: this.kind,
        subresource: write.subresource,
        namespace: key.namespace,
        name: key.name,
        user: write.user,
        dryRun: write.dryRun,
        previous,
        reader: this.#context.reader,
        clock: this.#context.clock,
        warn: (text) => {
          if (write.warnings?.includes(text) === false) write.warnings.push(text);
        },
        onFinished: (action) => finished.push(action),
      });
    } finally {
      for (const action of finished) action();
    }
  }

  #change(next: ObjectDraft, previous: KubeObject | undefined, write: WriteContext): FieldChange {
    return {
      kind: this.kind,
      next,
      previous,
      manager: write.fieldManager,
      subresource: write.subresource,
      now: this.#context.clock.now(),
    };
  }

  #checkIdentity(key: ObjectKey, draft: ObjectDraft, previous: KubeObject): void {
    const { uid } = draft.metadata;
    if (uid === undefined || uid === '' || uid === previous.metadata.uid) return;
    const place = `/${this.kind.plural}/${key.namespace === '' ? '' : `${key.namespace}/`}${key.name}`;
    throw conflict(
      this.kind,
      key.name,
      `StorageError: invalid object, Code: 4, Key: ${place}, ResourceVersion: 0, AdditionalErrorMsg: ` +
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid ?? ''}`,
    );
  }

  #checkPreconditions(key: ObjectKey, object: KubeObject, { preconditions }: DeleteOptions): void {
    const { uid, resourceVersion } = object.metadata;
    if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
      throw conflict(
        this.kind,
        key.name,
        `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid ?? ''}). ` +
          'The object might have been deleted and then recreated',
      );
    }
    if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
      throw conflict(
        this.kind,
        key.name,
        `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ` +
          `ResourceVersion in record (${resourceVersion ?? ''}). The object might have been modified`,
      );
    }
  }

  #key(key: ObjectKey): StoreKey {
    return storeKey(this.#form.kind, key);
  }
}

/** A mutable copy of an object of the server's own. */
export function copyOf(object: KubeObject): ObjectDraft {
  const copy: unknown = deepClone<unknown>(object);
  if (!isObjectDraft(copy)) throw new Error('an object without metadata reached the storage');
  return copy;
}
