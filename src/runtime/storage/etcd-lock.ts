import { hostname } from 'node:os';
import { randomBytes } from 'node:crypto';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { isRecord } from '../../shared/deep.ts';
import { EtcdRefusal, EtcdSilence } from './etcd-client.ts';
import type { EtcdClient, EtcdCondition } from './etcd-client.ts';

/** Another process works on the same keys. */
export class EtcdInUse extends Error {}

const leaseSeconds = 15;
const renewal: Milliseconds = (leaseSeconds * 1000) / 3;

/**
 * One process at a time works on a cluster's keys: who it is stands in a key that vanishes with its lease. Each write has the
 * key's value as its condition, so that a process which was stopped for longer than its lease changes nothing any more.
 */
export class EtcdLock implements AsyncDisposable {
  readonly #client: EtcdClient;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #installation: string;
  readonly #value: string;
  #lease: string | undefined;
  #timer: Disposable | undefined;
  #renewing: Promise<void> | undefined;
  #released = false;

  /** `installation` is the same for each process that works in the same folder; only one of them lives at a time. */
  private constructor(client: EtcdClient, clock: Clock, key: string, installation: string) {
    this.#client = client;
    this.#clock = clock;
    this.#key = key;
    this.#installation = installation;
    const owner = { installation, host: hostname(), pid: process.pid, nonce: randomBytes(8).toString('hex') };
    this.#value = JSON.stringify(owner);
  }

  /** @throws EtcdInUse, EtcdRefusal, EtcdSilence */
  static async acquire(client: EtcdClient, clock: Clock, key: string, installation: string): Promise<EtcdLock> {
    const lock = new EtcdLock(client, clock, key, installation);
    await lock.regain();
    lock.#renewLater();
    return lock;
  }

  /** Holds as long as nobody else has taken over. */
  get condition(): EtcdCondition {
    return { key: this.#key, value: this.#value };
  }

  /** Takes the key, or takes it again after the lease ran out. @throws EtcdInUse, EtcdRefusal, EtcdSilence */
  async regain(): Promise<void> {
    const holder = await this.#client.get(this.#key);
    if (holder?.value === this.#value) return;
    // Whoever had the folder before this process is dead: the folder has a lock of its own.
    if (holder !== undefined && ownerOf(holder.value).installation !== this.#installation) throw inUse(holder.value);
    const lease = await this.#client.grantLease(leaseSeconds);
    const put = { put: this.#key, value: this.#value, lease };
    const unchanged = { key: this.#key, modified: holder?.modified ?? 0 };
    if (!(await this.#client.change([unchanged], [put])).done) {
      const winner = await this.#client.get(this.#key);
      if (winner?.value !== this.#value) throw inUse(winner?.value ?? '{}');
    }
    this.#lease = lease;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#released = true;
    this.#timer?.[Symbol.dispose]();
    await this.#renewing;
    // With an etcd that does not answer, the lease ends by itself.
    await this.#tolerant(async () => {
      if (this.#lease !== undefined) await this.#client.revokeLease(this.#lease);
    });
  }

  #renewLater(): void {
    this.#timer = this.#clock.schedule(renewal, () => {
      this.#renewing = this.#tolerant(async () => {
        if (this.#lease === undefined || !(await this.#client.renewLease(this.#lease))) await this.regain();
      });
      void this.#renewing.then(() => {
        if (!this.#released) this.#renewLater();
      });
    });
  }

  /** The next write finds out and says what is wrong. */
  async #tolerant(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof EtcdSilence || error instanceof EtcdRefusal || error instanceof EtcdInUse)) throw error;
    }
  }
}

interface Owner {
  readonly installation: unknown;
  readonly host: unknown;
  readonly pid: unknown;
}

function ownerOf(text: string): Owner {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const owner = isRecord(value) ? value : {};
  return { installation: owner['installation'], host: owner['host'], pid: owner['pid'] };
}

function inUse(holder: string): EtcdInUse {
  const { host, pid } = ownerOf(holder);
  return new EtcdInUse(
    `process ${String(pid ?? '?')} on ${String(host ?? '?')} runs this cluster with the same etcd: stop it there. ` +
      `If it is dead, try again in ${leaseSeconds} s, when its lease has ended`,
  );
}
