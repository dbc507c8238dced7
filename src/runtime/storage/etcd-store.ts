import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { DisposeStack } from '../../shared/dispose.ts';
import { hasCode } from '../../shared/error-code.ts';
import { lockDirectory } from './directory-lock.ts';
import { parseEtcdAddress } from './etcd-address.ts';
import { EtcdClient, EtcdRefusal, EtcdSilence } from './etcd-client.ts';
import { EtcdJournal } from './etcd-journal.ts';
import { owning } from './journal.ts';
import { RevisionedStore } from './revisioned-store.ts';
import type { RevisionedStoreOptions } from './revisioned-store.ts';
import { StoreUnavailable } from './store.ts';

export interface EtcdStoreOptions extends Omit<RevisionedStoreOptions, 'recentChanges'> {
  /** `etcd://HOST:PORT`; see etcd-address.ts. */
  readonly address: string;
  /** The cluster's name: its keys lie under `/kubewright/NAME/`. */
  readonly name: string;
  /** Belongs to the store alone; created if missing. Says which process of this machine works on the keys. */
  readonly directory: string;
  /** The time by which leases are renewed and answers are late. Default `clock`. */
  readonly connectionClock?: Clock;
}

/**
 * A store whose state is durable in an etcd, version 3.4 or later. One process works on a cluster's keys at a time.
 * @throws EtcdInUse, DirectoryInUse when another process does; StoreUnavailable when etcd does not answer; DamagedStore
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<RevisionedStore> {
  const held = new DisposeStack();
  try {
    held.use(await lockDirectory(options.directory));
    const clock = options.connectionClock ?? options.clock;
    const client = held.use(new EtcdClient(await parseEtcdAddress(options.address), clock));
    const installation = await installationOf(options.directory);
    const journal = await reaching(client, async () =>
      held.use(await EtcdJournal.open(client, clock, prefixOf(options.name), installation)),
    );
    const { revision } = journal;
    const values = await reaching(client, () => journal.values());
    return new RevisionedStore(
      owning(journal, held),
      { revision, compacted: revision, values },
      // Nothing older lies anywhere else.
      { ...options, recentChanges: Number.POSITIVE_INFINITY },
    );
  } catch (error) {
    await held[Symbol.asyncDispose]();
    throw error;
  }
}

/** Removes every key of a cluster. @throws StoreUnavailable that says what is left */
export async function removeEtcdStore(address: string, name: string, clock: Clock): Promise<void> {
  using client = new EtcdClient(await parseEtcdAddress(address), clock);
  const prefix = prefixOf(name);
  await reaching(
    client,
    () => client.change([], [{ remove: prefix, andBelow: true }]),
    `the keys below ${prefix} are left in the etcd ${client.name}; remove them with \`etcdctl del --prefix ${prefix}\``,
  );
}

function prefixOf(name: string): string {
  return `/kubewright/${name}/`;
}

/** Tells an earlier process of this folder, which is dead, from one that works elsewhere. */
async function installationOf(directory: string): Promise<string> {
  const file = join(directory, 'installation');
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const installation = randomUUID();
  await writeFile(file, installation, { mode: 0o600 });
  return installation;
}

async function reaching<T>(
  client: EtcdClient,
  act: () => Promise<T>,
  consequence = `the etcd ${client.name} cannot be used`,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof EtcdSilence || error instanceof EtcdRefusal)) throw error;
    throw new StoreUnavailable(`${consequence}: ${error.message}`, { cause: error });
  }
}
