import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { sleep } from '../../shared/clock.ts';
import { EtcdRefusal, EtcdSilence } from './etcd-client.ts';
import type { EtcdClient, EtcdOperation } from './etcd-client.ts';
import { EtcdInUse, EtcdLock } from './etcd-lock.ts';
import type { Change, Journal } from './journal.ts';
import { DamagedStore, decodeValue } from './records.ts';
import { StoreUnavailable } from './store.ts';
import type { Revision, Stored } from './store.ts';

/** Grows when older programs could no longer read what newer ones write. */
const FORMAT = 1;
/** etcd refuses transactions of more than 128 operations, and requests of more than 1.5 MiB, unless it is told otherwise. */
const changesPerTransaction = 120;
const bytesPerTransaction = 1 << 20;
const page = 200;
/** How long a write waits for an etcd that does not answer; longer than the election of a leader takes. */
const patience: Milliseconds = 10_000;
const pause: Milliseconds = 100;

/** A group of changes of which nobody knows whether etcd has them. */
interface Doubt {
  readonly undo: readonly EtcdOperation[];
}

/**
 * The current values under a prefix of an etcd: `objects/KEY` for each object, `revision` for the store's revision. History is
 * kept in memory only: a store that is opened again knows the present, and answers 410 to watches from before.
 */
export class EtcdJournal implements Journal {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  readonly #lock: EtcdLock;
  readonly #prefix: string;
  #revision: Revision;
  /** etcd's own revision of the key that holds ours. A write that comes late finds it changed. */
  #modified: number;
  #doubt: Doubt | undefined;

  private constructor(
    client: EtcdClient,
    clock: Clock,
    lock: EtcdLock,
    prefix: string,
    at: { readonly revision: Revision; readonly modified: number },
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#lock = lock;
    this.#prefix = prefix;
    this.#revision = at.revision;
    this.#modified = at.modified;
  }

  /** @throws EtcdInUse when another process has the prefix; StoreUnavailable, DamagedStore, Error for a newer format */
  static async open(client: EtcdClient, clock: Clock, prefix: string, installation: string): Promise<EtcdJournal> {
    const lock = await EtcdLock.acquire(client, clock, `${prefix}owner`, installation);
    try {
      await checkFormat(client, lock, prefix);
      return new EtcdJournal(client, clock, lock, prefix, await revisionIn(client, lock, prefix));
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** Every object. */
  async values(): Promise<readonly Stored[]> {
    const prefix = `${this.#prefix}objects/`;
    const values: Stored[] = [];
    for (let from = prefix; ;) {
      const entries = await this.#client.list(prefix, from, page);
      for (const { key, value } of entries) values.push(decodeValue(key.slice(prefix.length), Buffer.from(value)));
      const last = entries.at(-1);
      if (last === undefined || entries.length < page) return values;
      from = `${last.key}\0`;
    }
  }

  /** How many of the changes go into one transaction; at least one. */
  fits(changes: readonly Change[]): number {
    let bytes = 0;
    for (const [index, change] of changes.entries()) {
      if (change.type === 'PUT') bytes += Buffer.byteLength(JSON.stringify(change.stored.value));
      if (index === changesPerTransaction || (index > 0 && bytes > bytesPerTransaction)) return index;
    }
    return changes.length;
  }

  async append(changes: readonly Change[]): Promise<void> {
    const revision = changes.at(-1)?.stored.revision;
    if (revision === undefined) return;
    await this.#settle();
    const undo = this.#operations(changes.toReversed(), this.#revision, (change) => change.previous);
    const operations = this.#operations(changes, revision, (change) =>
      change.type === 'PUT' ? change.stored : undefined,
    );
    try {
      await this.#commit(operations, revision);
    } catch (error) {
      if (error instanceof EtcdSilence) this.#doubt = { undo };
      throw this.#unavailable(error);
    }
    this.#revision = revision;
  }

  read(): readonly Change[] {
    return [];
  }

  /** The history that etcd keeps of its own accord is of no use to anybody here, and would fill its quota. */
  async forget(): Promise<boolean> {
    try {
      await this.#client.compact(this.#modified);
    } catch (error) {
      // OutOfRange: it is compacted already, by whoever else uses this etcd.
      if (!(error instanceof EtcdRefusal && error.code === 11)) throw this.#unavailable(error);
    }
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
  }

  /** One operation for each key, for etcd takes no key twice: the last change of a key decides. */
  #operations(
    changes: readonly Change[],
    revision: Revision,
    valueOf: (change: Change) => Stored | undefined,
  ): readonly EtcdOperation[] {
    const byKey = new Map<string, EtcdOperation>();
    for (const change of changes) {
      const key = `${this.#prefix}objects/${change.stored.key}`;
      const stored = valueOf(change);
      byKey.set(key, stored === undefined ? { remove: key } : { put: key, value: JSON.stringify(stored.value) });
    }
    return [...byKey.values(), { put: `${this.#prefix}revision`, value: String(revision) }];
  }

  /** Tries until etcd says what became of it. @throws EtcdSilence when it does not in time */
  async #commit(operations: readonly EtcdOperation[], revision: Revision): Promise<void> {
    const key = `${this.#prefix}revision`;
    const deadline = this.#clock.monotonic() + patience;
    for (;;) {
      try {
        const outcome = await this.#client.change(
          [this.#lock.condition, { key, modified: this.#modified }],
          operations,
        );
        if (outcome.done) {
          this.#modified = outcome.revision;
          return;
        }
        await this.#lock.regain();
        const found = await this.#client.get(key);
        // An earlier try had got there, and only its answer was lost: nobody else writes here.
        if (found !== undefined && found.modified !== this.#modified && found.value === String(revision)) {
          this.#modified = found.modified;
          return;
        }
        if (found?.modified !== this.#modified) throw this.#foreign(found?.value);
      } catch (error) {
        if (!(error instanceof EtcdSilence) || this.#clock.monotonic() > deadline) throw error;
        await sleep(this.#clock, pause, new AbortController().signal);
      }
    }
  }

  /** Before anything new: what was reported as failed must not be there, and must not come yet. */
  async #settle(): Promise<void> {
    if (this.#doubt === undefined) return;
    try {
      await this.#lock.regain();
      const outcome = await this.#client.change([this.#lock.condition], this.#doubt.undo);
      if (!outcome.done) throw new EtcdInUse('another process has taken over this cluster');
      this.#modified = outcome.revision;
      this.#doubt = undefined;
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  #foreign(found: string | undefined): StoreUnavailable {
    return new StoreUnavailable(
      `the etcd ${this.#client.name} has this cluster at revision ${found ?? 'none'} instead of ${this.#revision}: ` +
        'something else has changed its keys; restart the cluster',
    );
  }

  #unavailable(error: unknown): unknown {
    if (!(error instanceof EtcdSilence || error instanceof EtcdRefusal || error instanceof EtcdInUse)) return error;
    const remedy =
      error instanceof EtcdRefusal && /space exceeded/.test(error.message)
        ? ': make room with `etcdctl compact`, `etcdctl defrag` and `etcdctl alarm disarm`, and try again'
        : '';
    return new StoreUnavailable(`the etcd ${this.#client.name} cannot take writes: ${error.message}${remedy}`, {
      cause: error,
    });
  }
}

async function checkFormat(client: EtcdClient, lock: EtcdLock, prefix: string): Promise<void> {
  const key = `${prefix}format`;
  const found = await client.get(key);
  if (found === undefined) {
    await client.change([lock.condition, { key, modified: 0 }], [{ put: key, value: String(FORMAT) }]);
  } else if (!(Number(found.value) <= FORMAT)) {
    throw new Error(
      `the etcd ${client.name} has a cluster of store format ${found.value} under ${prefix}, this version of kubewright ` +
        `reads up to ${FORMAT}: use the version that wrote it`,
    );
  }
}

async function revisionIn(
  client: EtcdClient,
  lock: EtcdLock,
  prefix: string,
): Promise<{ readonly revision: Revision; readonly modified: number }> {
  const key = `${prefix}revision`;
  const found = await client.get(key);
  if (found === undefined) {
    const { revision } = await client.change([lock.condition, { key, modified: 0 }], [{ put: key, value: '0' }]);
    return { revision: 0, modified: revision };
  }
  const revision = Number(found.value);
  if (!Number.isSafeInteger(revision)) throw new DamagedStore(`${key} is ${JSON.stringify(found.value)}`);
  return { revision, modified: found.modified };
}
