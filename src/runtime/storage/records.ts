/** How changes and values lie in a journal: JSON, so that any tool can read them. */
import { deepFreeze, isRecord } from '../../shared/deep.ts';
import { isKubeObject } from '../../types/meta.ts';
import type { Change } from './journal.ts';
import type { Revision, Stored, StoreKey } from './store.ts';

/** What is on the disk is not what was written there. */
export class DamagedStore extends Error {
  constructor(what: string) {
    super(
      `the store is damaged: ${what}. Restore the data directory from a backup, or delete the cluster and create it again`,
    );
  }
}

export interface EncodedChange {
  readonly key: Buffer;
  readonly revision: Buffer;
  /** The value alone; undefined for a deletion. */
  readonly value: Buffer | undefined;
  readonly change: Buffer;
}

export function encodeChange(change: Change): EncodedChange {
  const { key, value, revision } = change.stored;
  const text = JSON.stringify(value);
  const previous = change.previous === undefined ? 'null' : JSON.stringify(change.previous.value);
  return {
    key: Buffer.from(key),
    revision: encodeRevision(revision),
    value: change.type === 'PUT' ? Buffer.from(text) : undefined,
    change: Buffer.from(
      `{"type":"${change.type}","key":${JSON.stringify(key)},"value":${text},"previous":${previous}}`,
    ),
  };
}

export function decodeChange(bytes: Buffer): Change {
  const record = parse(bytes, 'a change');
  if (!isRecord(record) || typeof record['key'] !== 'string') throw new DamagedStore('a change without a key');
  const { key, type, value, previous } = record;
  const stored = storedOf(key, value);
  const before = previous === null ? undefined : storedOf(key, previous);
  if (type === 'PUT') return Object.freeze<Change>({ type, stored, previous: before });
  if (type === 'DELETE' && before !== undefined) return Object.freeze<Change>({ type, stored, previous: before });
  throw new DamagedStore(`a change of ${key} of unknown type`);
}

export function decodeValue(key: StoreKey, bytes: Buffer): Stored {
  return storedOf(key, parse(bytes, key));
}

/** Eight bytes, big endian, so that LMDB's order is the order of revisions. */
export function encodeRevision(revision: Revision): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(revision));
  return bytes;
}

export function decodeRevision(bytes: Buffer): Revision {
  if (bytes.length !== 8) throw new DamagedStore('a revision of other than eight bytes');
  return Number(bytes.readBigUInt64BE());
}

function storedOf(key: StoreKey, value: unknown): Stored {
  const revision = isKubeObject(value) ? Number(value.metadata.resourceVersion) : Number.NaN;
  if (!isKubeObject(value) || !Number.isSafeInteger(revision)) throw new DamagedStore(`${key} holds no object`);
  return deepFreeze<Stored>({ key, value, revision });
}

function parse(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw new DamagedStore(`${what} is no JSON`);
    throw error;
  }
}
