import { closeSync, openSync, readSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import type { Change, Journal } from './journal.ts';
import { DamagedStore, decodeChange, decodeRevision, decodeValue, encodeChange, encodeRevision } from './records.ts';
import { StoreUnavailable } from './store.ts';
import type { Revision, Stored } from './store.ts';

type Lmdb = typeof import('lmdb');

/** Grows when older programs could no longer read what newer ones write. */
const FORMAT = 1;
const FORGET_STEP = 1000;
/** A disk with less free space than this counts as full. */
const SPARE_BYTES = 1 << 20;

/** MDB_MAGIC in the first meta page, behind its page header. */
const MAGIC = { offset: 24, value: 0xbeefc0de };

const metaKey = {
  format: Buffer.from('format'),
  revision: Buffer.from('revision'),
  compacted: Buffer.from('compacted'),
};

/** Errors after which LMDB goes on as if nothing had happened: ENOSPC, EDQUOT, EFBIG. */
const spaceErrors: readonly unknown[] = [28, 122, 27];

interface Databases {
  readonly root: RootDatabase<Buffer, Buffer>;
  /** Key -> newest value. */
  readonly current: Database<Buffer, Buffer>;
  /** Revision -> change, with the value before it. */
  readonly log: Database<Buffer, Buffer>;
  readonly meta: Database<Buffer, Buffer>;
}

/** One LMDB file. Commits run on LMDB's own thread with fdatasync before they are reported, so the event loop goes on meanwhile. */
export class LmdbJournal implements Journal {
  readonly #lmdb: Lmdb;
  readonly #path: string;
  #databases: Databases;
  #suspect = false;
  #revision: Revision;
  readonly compacted: Revision;

  constructor(lmdb: Lmdb, path: string) {
    this.#lmdb = lmdb;
    this.#path = path;
    this.#databases = openDatabases(lmdb, path);
    checkFormat(this.#databases, path);
    this.#revision = readNumber(this.#databases, metaKey.revision) ?? 0;
    this.compacted = readNumber(this.#databases, metaKey.compacted) ?? 0;
    const newest =
      [...this.#databases.log.getKeys({ reverse: true, limit: 1 })].map(decodeRevision)[0] ?? this.compacted;
    if (newest !== this.#revision) {
      throw new DamagedStore(`${path} stands at revision ${this.#revision}, its log at ${newest}`);
    }
  }

  get revision(): Revision {
    return this.#revision;
  }

  *values(): Generator<Stored, void> {
    for (const { key, value } of this.#databases.current.getRange()) yield decodeValue(key.toString(), value);
  }

  async append(changes: readonly Change[]): Promise<void> {
    const revision = changes.at(-1)?.stored.revision;
    if (revision === undefined) return;
    const encoded = changes.map(encodeChange);
    await this.#transaction(({ current, log, meta }) => [
      ...encoded.map(({ key, value }) => (value === undefined ? current.remove(key) : current.put(key, value))),
      ...encoded.map((change) => log.put(change.revision, change.change)),
      meta.put(metaKey.revision, encodeNumber(revision)),
    ]);
    this.#revision = revision;
  }

  read(after: Revision, limit: number): readonly Change[] {
    const range = this.#databases.log.getRange({ start: encodeRevision(after + 1), limit });
    return [...range].map(({ value }) => decodeChange(value));
  }

  async forget(revision: Revision): Promise<boolean> {
    const end = encodeRevision(revision + 1);
    const keys = [...this.#databases.log.getKeys({ end, limit: FORGET_STEP })];
    await this.#transaction(({ log, meta }) => [
      meta.put(metaKey.compacted, encodeNumber(revision)),
      ...keys.map((key) => log.remove(key)),
    ]);
    return keys.length < FORGET_STEP;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#databases.root.close();
  }

  /** All writes in one durable transaction, or StoreUnavailable and none of them. */
  async #transaction(writes: (databases: Databases) => readonly Promise<boolean>[]): Promise<void> {
    if (this.#suspect) await this.#reopen();
    const databases = this.#databases;
    // Each promise reports the same failure; one that nobody listens to would end the process as an unhandled rejection.
    const promises: Promise<boolean>[] = [];
    promises.push(databases.root.batch(() => promises.push(...writes(databases))));
    for (const outcome of await Promise.allSettled(promises)) {
      if (outcome.status === 'rejected') throw await this.#unavailable(outcome.reason);
    }
  }

  async #unavailable(error: unknown): Promise<StoreUnavailable> {
    const cause = await causeOf(error);
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const full = spaceErrors.includes(code) || (await this.#diskIsFull());
    // After an I/O error LMDB refuses further transactions until it is opened anew.
    this.#suspect = !full;
    const reason = full
      ? 'no space is left on its disk: free some space and try again'
      : cause instanceof Error
        ? cause.message
        : String(cause);
    return new StoreUnavailable(`the store ${this.#path} cannot take writes: ${reason}`, { cause });
  }

  /** LMDB reports the write that only half fitted on the disk as EIO. */
  async #diskIsFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(dirname(this.#path));
    return bavail * bsize < SPARE_BYTES;
  }

  async #reopen(): Promise<void> {
    try {
      await this.#databases.root.close();
      this.#databases = openDatabases(this.#lmdb, this.#path);
    } catch (error) {
      throw await this.#unavailable(error);
    }
    const found = readNumber(this.#databases, metaKey.revision) ?? 0;
    if (found !== this.#revision) {
      // A commit that was reported as failed reached the disk after all: memory and disk tell different stories.
      throw new StoreUnavailable(
        `the store ${this.#path} is at revision ${found} instead of ${this.#revision}: restart the cluster`,
      );
    }
    this.#suspect = false;
  }
}

function openDatabases(lmdb: Lmdb, path: string): Databases {
  prepareFiles(path);
  const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const;
  const root = lmdb.open<Buffer, Buffer>({
    ...binary,
    path,
    noSubdir: true,
    maxDbs: 8,
    // Resolve only after fdatasync, and batch nothing but what is told to be one batch: otherwise lmdb keeps a promise of its
    // own per turn, whose rejection nobody can handle.
    overlappingSync: false,
    eventTurnBatching: false,
  });
  return {
    root,
    current: root.openDB<Buffer, Buffer>({ ...binary, name: 'cur' }),
    log: root.openDB<Buffer, Buffer>({ ...binary, name: 'log' }),
    meta: root.openDB<Buffer, Buffer>({ ...binary, name: 'meta' }),
  };
}

/** LMDB would make its files readable for others, and crashes the process on a file that is not its own. */
function prepareFiles(path: string): void {
  closeSync(openSync(`${path}-lock`, 'a', 0o600));
  const file = openSync(path, 'a+', 0o600);
  const header = Buffer.alloc(MAGIC.offset + 4);
  const length = readSync(file, header, 0, header.length, 0);
  closeSync(file);
  // An empty file is a new store.
  if (length === 0 || (length === header.length && header.readUInt32LE(MAGIC.offset) === MAGIC.value)) return;
  throw new DamagedStore(`${path} is no LMDB file`);
}

function checkFormat(databases: Databases, path: string): void {
  const format = readNumber(databases, metaKey.format);
  if (format === undefined) {
    databases.meta.putSync(metaKey.format, encodeNumber(FORMAT));
  } else if (format > FORMAT) {
    throw new Error(
      `${path} has store format ${format}, this version of kubewright reads up to ${FORMAT}: ` +
        'use the version that wrote it, or another data directory',
    );
  }
}

/** Numbers of `meta` are decimal text. */
function readNumber(databases: Databases, key: Buffer): number | undefined {
  const text = databases.meta.get(key)?.toString();
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new DamagedStore(`meta entry ${key.toString()} is ${JSON.stringify(text)}`);
  return value;
}

function encodeNumber(value: number): Buffer {
  return Buffer.from(String(value));
}

/** A failed commit of lmdb carries its cause as a promise that rejects with it. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
