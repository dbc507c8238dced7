/** Local, indexed, frozen copies of collections, kept current by watches and shared by all who ask for the same kind. */
import type { Clock } from '../../shared/clock.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import { keyText } from '../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../types/meta.ts';
import type { ApiClient, ClientWatchEvent } from './api-client.ts';
import { reflect } from './reflector.ts';
import type { ReflectorSink } from './reflector.ts';

export type InformerEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'add'; readonly object: Persisted<T>; readonly previous: undefined }
  | { readonly type: 'update'; readonly object: Persisted<T>; readonly previous: Persisted<T> }
  /** `object` is the last state that is known. */
  | { readonly type: 'delete'; readonly object: Persisted<T>; readonly previous: undefined };

/** A way to look objects up. The index itself is the key: use one constant for all look-ups of the same kind. */
export interface Index<T extends KubeObject = KubeObject> {
  readonly name: string;
  values(object: T): Iterable<string>;
}

/** Uids of all owners, for "what depends on this". */
export const byOwner: Index = {
  name: 'metadata.ownerReferences.uid',
  values: (object) => (object.metadata.ownerReferences ?? []).map((owner) => owner.uid),
};

export interface Lister<T extends KubeObject = KubeObject> {
  get(key: ObjectKey): Persisted<T> | undefined;
  /** All objects, or those of one namespace, in no particular order. */
  list(namespace?: string): readonly Persisted<T>[];
  /** Objects for which `index` gives `value`. The index is built on its first use and kept from then on. */
  indexed(index: Index<T>, value: string): readonly Persisted<T>[];
}

export interface Informer<T extends KubeObject = KubeObject> extends Lister<T> {
  readonly kind: KindDefinition<T>;
  /** Resolves once the first list is in; rejects when the informers are disposed of before. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  /** The revision up to which this copy is known to be current. */
  readonly resourceVersion: string;
  /** What is there already is told first, as additions; then every change, after it is in the copy. Listeners must not throw. */
  subscribe(listener: (event: InformerEvent<T>) => void): Disposable;
}

export interface InformersOptions {
  readonly clock: Clock;
  onError(error: unknown, kind: KindDefinition): void;
  /** See ReflectorOptions; for clients over the wire. */
  readonly pageSize?: number;
}

/** One informer per kind, shared by all who ask. It starts when it is first asked for. */
export interface Informers {
  of<T extends KubeObject>(kind: KindDefinition<T>): Informer<T>;
  /** Stops watching a kind that is served no longer; who asks for it later gets another informer. */
  release(kind: KindDefinition): Promise<void>;
}

/** Informers that share one client; disposing stops them all. */
export class InformerSet implements Informers, AsyncDisposable {
  readonly #client: ApiClient;
  readonly #options: InformersOptions;
  readonly #informers = new Map<string, { informer: unknown; stop(): Promise<void> }>();
  #disposed = false;

  constructor(client: ApiClient, options: InformersOptions) {
    this.#client = client;
    this.#options = options;
  }

  of<T extends KubeObject>(kind: KindDefinition<T>): Informer<T> {
    if (this.#disposed) throw new Error(`informers are disposed of, ${kind.kind} cannot be watched any more`);
    const known = this.#informers.get(kind.typeName)?.informer;
    if (known !== undefined && isInformerOf(kind, known)) return known;
    const informer = new SharedInformer(kind);
    const controller = new AbortController();
    const running = reflect(
      this.#client.of(kind),
      informer,
      {
        clock: this.#options.clock,
        onError: (error) => this.#options.onError(error, kind),
        ...(this.#options.pageSize === undefined ? {} : { pageSize: this.#options.pageSize }),
      },
      controller.signal,
    );
    this.#informers.set(kind.typeName, {
      informer,
      stop: async () => {
        controller.abort();
        await running;
        informer.stop();
      },
    });
    return informer;
  }

  async release(kind: KindDefinition): Promise<void> {
    const known = this.#informers.get(kind.typeName);
    this.#informers.delete(kind.typeName);
    await known?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const running = [...this.#informers.values()];
    this.#informers.clear();
    await Promise.all(running.map((entry) => entry.stop()));
  }
}

function isInformerOf<T extends KubeObject>(kind: KindDefinition<T>, informer: unknown): informer is Informer<T> {
  return informer instanceof SharedInformer && informer.kind.typeName === kind.typeName;
}

class SharedInformer<T extends KubeObject> implements Informer<T>, ReflectorSink<T> {
  readonly synced: Promise<void>;
  readonly #objects = new Map<string, Persisted<T>>();
  readonly #namespaces: IndexTable<T>;
  readonly #indexes = new Map<Index<T>, IndexTable<T>>();
  readonly #listeners = new Set<(event: InformerEvent<T>) => void>();
  #resourceVersion = '';
  #synced = false;
  readonly #settle: { resolve(): void; reject(reason: Error): void };

  constructor(readonly kind: KindDefinition<T>) {
    const { promise, resolve, reject } = deferred();
    this.synced = promise;
    // Nobody has to await `synced`; a stop before the first list is then no unhandled rejection.
    promise.catch(() => undefined);
    this.#settle = { resolve, reject };
    this.#namespaces = new IndexTable({
      name: 'metadata.namespace',
      values: (object) => [object.metadata.namespace ?? ''],
    });
  }

  get isSynced(): boolean {
    return this.#synced;
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get(key: ObjectKey): Persisted<T> | undefined {
    return this.#objects.get(keyText(key));
  }

  list(namespace?: string): readonly Persisted<T>[] {
    return namespace === undefined || namespace === ''
      ? [...this.#objects.values()]
      : this.#namespaces.get(namespace, this.#objects);
  }

  indexed(index: Index<T>, value: string): readonly Persisted<T>[] {
    let table = this.#indexes.get(index);
    if (!table) {
      table = new IndexTable(index);
      for (const [key, object] of this.#objects) table.put(key, undefined, object);
      this.#indexes.set(index, table);
    }
    return table.get(value, this.#objects);
  }

  subscribe(listener: (event: InformerEvent<T>) => void): Disposable {
    for (const object of this.#objects.values()) listener({ type: 'add', object, previous: undefined });
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  replace(items: readonly Persisted<T>[], resourceVersion: string): void {
    const present = new Set<string>();
    for (const item of items) {
      present.add(textKey(item));
      this.#put(item);
    }
    for (const [key, object] of [...this.#objects]) if (!present.has(key)) this.#remove(key, object);
    this.#resourceVersion = resourceVersion;
    this.#synced = true;
    this.#settle.resolve();
  }

  apply(event: ClientWatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    if (event.type === 'DELETED') this.#remove(textKey(event.object), event.object);
    else this.#put(event.object);
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  stop(): void {
    this.#settle.reject(new Error(`the informer of ${this.kind.kind} was stopped`));
    this.#listeners.clear();
  }

  #put(object: Persisted<T>): void {
    const key = textKey(object);
    const previous = this.#objects.get(key);
    if (
      previous?.metadata.resourceVersion === object.metadata.resourceVersion &&
      previous.metadata.uid === object.metadata.uid
    ) {
      return;
    }
    // Deleted and created again between two lists: listeners must see that it is another object.
    if (previous && previous.metadata.uid !== object.metadata.uid) {
      this.#remove(key, previous);
      this.#put(object);
      return;
    }
    this.#objects.set(key, object);
    this.#namespaces.put(key, previous, object);
    for (const table of this.#indexes.values()) table.put(key, previous, object);
    this.#tell(previous ? { type: 'update', object, previous } : { type: 'add', object, previous: undefined });
  }

  #remove(key: string, last: Persisted<T>): void {
    const previous = this.#objects.get(key);
    if (!previous) return;
    this.#objects.delete(key);
    this.#namespaces.put(key, previous, undefined);
    for (const table of this.#indexes.values()) table.put(key, previous, undefined);
    this.#tell({ type: 'delete', object: last, previous: undefined });
  }

  #tell(event: InformerEvent<T>): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

class IndexTable<T extends KubeObject> {
  readonly #keys = new Map<string, Set<string>>();

  constructor(readonly index: Index<T>) {}

  get(value: string, objects: ReadonlyMap<string, Persisted<T>>): readonly Persisted<T>[] {
    const found: Persisted<T>[] = [];
    for (const key of this.#keys.get(value) ?? []) {
      const object = objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  put(key: string, previous: T | undefined, object: T | undefined): void {
    const before = previous ? [...this.index.values(previous)] : [];
    const after = object ? [...this.index.values(object)] : [];
    for (const value of before) {
      if (after.includes(value)) continue;
      const keys = this.#keys.get(value);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(value);
    }
    for (const value of after) {
      if (before.includes(value)) continue;
      const keys = this.#keys.get(value);
      if (keys) keys.add(key);
      else this.#keys.set(value, new Set([key]));
    }
  }
}

function textKey(object: KubeObject): string {
  return keyText({ namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' });
}

function deferred(): { promise: Promise<void>; resolve(): void; reject(reason: Error): void } {
  let settle: { resolve(): void; reject(reason: Error): void } = { resolve: () => undefined, reject: () => undefined };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: () => settle.resolve(), reject: (reason) => settle.reject(reason) };
}
