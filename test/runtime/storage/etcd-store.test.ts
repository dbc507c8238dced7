import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { EtcdInUse } from '../../../src/runtime/storage/etcd-lock.ts';
import { openEtcdStore, removeEtcdStore } from '../../../src/runtime/storage/etcd-store.ts';
import { parseEtcdAddress } from '../../../src/runtime/storage/etcd-address.ts';
import type { EtcdStoreOptions } from '../../../src/runtime/storage/etcd-store.ts';
import type { RevisionedStore } from '../../../src/runtime/storage/revisioned-store.ts';
import { CompactedError, StoreUnavailable } from '../../../src/runtime/storage/store.ts';
import type { Stored } from '../../../src/runtime/storage/store.ts';
import { configMap, storeContract, take } from '../../contract/store.ts';
import { startEtcd } from '../../support/etcd.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const etcd = await startEtcd();
afterAll(() => etcd[Symbol.asyncDispose]());

let clusters = 0;
const newName = (): string => `cluster-${clusters++}`;
const key = (name: string): string => `core/configmaps/default/${name}`;
const never = (): AbortSignal => new AbortController().signal;

async function open(name: string, options: Partial<EtcdStoreOptions> = {}): Promise<RevisionedStore> {
  const { address = etcd.address, directory = join(temporaryDirectory(), 'data') } = options;
  return openEtcdStore({ clock: systemClock, watchQueue: 100, ...options, address, directory, name });
}

storeContract('etcd', async () => {
  const clock = new ManualClock();
  const directory = temporaryDirectory();
  const where = { address: etcd.address, directory, name: newName(), connectionClock: systemClock };
  return { clock, store: await openEtcdStore({ clock, watchQueue: 100, ...where }) };
});

async function values(store: RevisionedStore): Promise<readonly Stored[]> {
  return (await store.list('')).items;
}

describe('etcd: a second life', () => {
  it('has the state of the first, and asks watchers from before to list anew', async () => {
    const name = newName();
    const first = await open(name);
    await Promise.all(Array.from({ length: 500 }, (_, i) => first.create(key(`a${i}`), configMap(`a${i}`))));
    await first.remove(key('a0'), 1);
    await first.replace(key('a1'), configMap('a1', { x: 'é\u2028😀' }), 2);
    const before = await first.list('');
    await first[Symbol.asyncDispose]();

    await using second = await open(name);
    expect(await second.list('')).toEqual(before);
    await expect(take(second.watch('', 100, never()), 1)).rejects.toBeInstanceOf(CompactedError);
    expect((await second.create(key('next'), configMap('next'))).revision).toBe(503);
  });

  it('is that of its own name only, and is gone once it is removed', async () => {
    const [name, other] = [newName(), newName()];
    for (const each of [name, other]) {
      await using store = await open(each);
      await store.create(key('a'), configMap('a'));
    }
    await removeEtcdStore(etcd.address, name, systemClock);
    await using removed = await open(name);
    await using kept = await open(other);
    expect([await values(removed), await values(kept)].map((items) => items.length)).toEqual([0, 1]);
  });

  it('holds an object of nearly 1.5 MiB, and says what is wrong with a larger one', async () => {
    await using store = await open(newName());
    const large = await store.create(key('a'), configMap('a', { x: 'x'.repeat(1_400_000) }));
    await store.replace(key('a'), configMap('a', { x: 'y'.repeat(1_400_000) }), large.revision);
    const writes = await Promise.allSettled([
      store.create(key('too-large'), configMap('too-large', { x: 'x'.repeat(4_000_000) })),
      store.create(key('behind'), configMap('behind')),
    ]);
    expect(writes.map(({ status }) => status)).toContain('rejected');
    expect(String(writes.find((write) => write.status === 'rejected')?.reason)).toMatch(/message larger than max/);
    expect((await store.create(key('next'), configMap('next'))).revision).toBe(store.revision);
    expect((await values(store)).map(({ key: found }) => found)).not.toContain(key('too-large'));
  });
});

describe('etcd: one process at a time', () => {
  it('refuses a second one elsewhere and names the first', async () => {
    const name = newName();
    await using store = await open(name);
    await expect(open(name)).rejects.toThrow(new RegExp(`process ${process.pid} on .+ runs this cluster`));
    await store.create(key('a'), configMap('a'));
  });

  it('lets the next process of the same folder in at once after the first was killed', async () => {
    const name = newName();
    const directory = temporaryDirectory();
    const first = await open(name, { directory });
    const owner = await etcd.client.get(`/kubewright/${name}/owner`);
    await first.create(key('a'), configMap('a'));
    await first[Symbol.asyncDispose]();
    // As a killed process leaves it.
    await etcd.client.change([], [{ put: `/kubewright/${name}/owner`, value: owner?.value ?? '' }]);
    await using second = await open(name, { directory });
    expect(await values(second)).toHaveLength(1);
  });

  it('takes its lock again when the lease ran out and nobody else came', async () => {
    const name = newName();
    await using store = await open(name);
    await store.create(key('a'), configMap('a'));
    await etcd.client.change([], [{ remove: `/kubewright/${name}/owner` }]);
    expect((await store.create(key('b'), configMap('b'))).revision).toBe(2);
    await expect(open(name)).rejects.toBeInstanceOf(EtcdInUse);
  });

  it('changes nothing once another process has taken over', async () => {
    const name = newName();
    await using first = await open(name);
    await first.create(key('a'), configMap('a'));
    await etcd.client.change([], [{ remove: `/kubewright/${name}/owner` }]);
    await using second = await open(name);
    await expect(first.create(key('b'), configMap('b'))).rejects.toThrow(/runs this cluster/);
    await second.create(key('c'), configMap('c'));
    await expect(first.create(key('d'), configMap('d'))).rejects.toBeInstanceOf(StoreUnavailable);
    expect((await values(second)).map((stored) => stored.key)).toEqual([key('a'), key('c')]);
  });
});

describe('etcd: trouble', () => {
  it('goes on after etcd was killed and came back', async () => {
    await using own = await startEtcd();
    await using store = await open('killed', { address: own.address });
    await store.create(key('a'), configMap('a'));
    const [, b] = await Promise.all([own.restart(), store.create(key('b'), configMap('b'))]);
    expect(b.revision).toBe(2);
  });

  it('reports writes as failed that etcd did not confirm in time, and they are not there afterwards', async () => {
    await using own = await startEtcd();
    const name = 'paused';
    const directory = temporaryDirectory();
    const clock = new ManualClock();
    const store = await open(name, { address: own.address, directory, connectionClock: clock });
    const a = await store.create(key('a'), configMap('a', { x: '1' }));
    own.pause();
    const settled = Promise.allSettled([
      store.replace(key('a'), configMap('a', { x: '2' }), a.revision),
      store.create(key('b'), configMap('b')),
    ]);
    await clock.run(20_000);
    const writes = await settled;
    own.resume();
    expect(writes.map((write) => write.status === 'rejected' && write.reason instanceof StoreUnavailable)).toEqual([
      true,
      true,
    ]);
    expect((await store.create(key('c'), configMap('c'))).revision).toBe(2);
    const seen = await values(store);
    await store[Symbol.asyncDispose]();
    await using second = await open(name, { address: own.address, directory });
    expect(await values(second)).toEqual(seen);
    expect(seen.map((stored) => stored.key)).toEqual([key('a'), key('c')]);
  });

  it('says what to do about an etcd that is full', async () => {
    await using own = await startEtcd(['--quota-backend-bytes', String(2 << 20)]);
    await using store = await open('full', { address: own.address });
    const write = async (): Promise<void> => {
      for (let i = 0; i < 40; i++)
        await store.create(key(`a${i}`), configMap(`a${i}`, { x: String(i).padEnd(200_000, 'x') }));
    };
    await expect(write()).rejects.toThrow(/database space exceeded.*etcdctl/);
    expect((await values(store)).length).toBe(store.revision);
  });

  it('says that nobody answers at the address', async () => {
    await expect(open('nobody', { address: 'etcd://127.0.0.1:1' })).rejects.toThrow(
      /the etcd http:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/,
    );
  });
});

describe('the address of an etcd', () => {
  it.each([
    ['etcd://a:1', ['http://a:1']],
    ['etcd://a', ['http://a:2379']],
    ['etcd://a:1,b:2,[::1]:3', ['http://a:1', 'http://b:2', 'http://[::1]:3']],
    ['etcds://a:1/', ['https://a:1']],
    ['etcds://a:443', ['https://a:443']],
  ])('%s is understood', async (text, endpoints) => {
    expect((await parseEtcdAddress(text)).endpoints).toEqual(endpoints);
  });

  it.each([
    ['etcd:', /is no address of an etcd: write etcd:\/\//],
    ['etcd://', /is no address/],
    ['etcd://a:b', /is no address/],
    ['etcd://a:1/path', /is no address/],
    ['etcd://user:secret@a:1', /by client certificates/],
    ['etcd://a:1?cafile=x', /etcds:\/\//],
    ['etcds://a:1?ca=x', /no option ca/],
    ['etcds://a:1?cafile=/no/such/file', /ENOENT/],
  ])('%s is refused', async (text, message) => {
    await expect(parseEtcdAddress(text)).rejects.toThrow(message);
  });
});
