/** Clients, informers and events against the real API server, in process and over HTTPS. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isFailure } from '../../../src/runtime/client/answers.ts';
import { EventRecorder } from '../../../src/runtime/client/event-recorder.ts';
import { endpointOf, HttpConnection } from '../../../src/runtime/client/http.ts';
import { byOwner, InformerSet } from '../../../src/runtime/client/informer.ts';
import type { InformerEvent } from '../../../src/runtime/client/informer.ts';
import { Kubeconfig, kubeconfigPaths } from '../../../src/runtime/client/kubeconfig-reader.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Event } from '../../../src/types/kinds/core/event.ts';
import { startControlPlane } from '../controllers/control-plane.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';

const map = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

async function connect(plane: ControlPlane): Promise<HttpConnection> {
  const listening = await plane.server.listen([{ host: '127.0.0.1', port: 0 }]);
  onTestFinished(() => listening[Symbol.asyncDispose]());
  const pair = await plane.certificates.client('admin', ['system:masters']);
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [address] = listening.addresses;
  await writeFile(join(folder, 'ca.crt'), plane.certificates.authority);
  const config = {
    kind: 'Config',
    'current-context': 'local',
    contexts: [{ name: 'local', context: { cluster: 'c', user: 'u', namespace: 'team' } }],
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://127.0.0.1:${String(address?.port)}`, 'certificate-authority': 'ca.crt' },
      },
    ],
    users: [
      {
        name: 'u',
        user: {
          'client-certificate-data': Buffer.from(pair.certificate).toString('base64'),
          'client-key-data': Buffer.from(pair.key).toString('base64'),
        },
      },
    ],
  };
  const path = join(folder, 'config');
  await writeFile(path, JSON.stringify(config));
  const read = await Kubeconfig.read(kubeconfigPaths({ KUBECONFIG: `${path}:/does/not/exist` }, '/'), JSON.parse);
  const context = await read.context();
  expect(context.namespace).toBe('team');
  const connection = new HttpConnection(await endpointOf(context, {}, new AbortController().signal), 'test');
  onTestFinished(() => connection[Symbol.dispose]());
  return connection;
}

describe.each(['in process', 'over HTTPS'])('a client %s', (way) => {
  it('creates, reads, changes, patches, lists and deletes', async () => {
    const plane = await startControlPlane([]);
    const maps = (way === 'in process' ? plane.client : (await connect(plane)).client).of(ConfigMap);
    const created = await maps.create(map('a', { x: '1' }));
    expect(Object.isFrozen(created.data)).toBe(true);
    expect((await maps.get(key('a')))?.metadata.uid).toBe(created.metadata.uid);
    const updated = await maps.update({ ...created, data: { x: '2' } });
    const stale = await maps.update({ ...created, data: { x: '3' } }).catch((error: unknown) => error);
    expect(isFailure(stale, 'Conflict')).toBe(true);
    const patched = await maps.patch(key('a'), { type: 'merge', patch: { data: { y: '3' } } });
    expect(patched.data).toEqual({ ...updated.data, y: '3' });
    await maps.create(map('b'));
    const page = await maps.list({ namespace: 'default', limit: 1 });
    expect(page.items).toHaveLength(1);
    expect(page.items[0]?.kind).toBe('ConfigMap');
    const rest = await maps.list({
      namespace: 'default',
      limit: 1,
      ...(page.continue === undefined ? {} : { continue: page.continue }),
    });
    expect(rest.items[0]?.metadata.name).toBe('b');
    expect(await maps.get(key('nobody'))).toBeUndefined();
    await maps.delete(key('a'));
    expect(await maps.delete(key('a'))).toBeUndefined();
    await maps.deleteCollection({ namespace: 'default' });
    expect((await maps.list({ namespace: 'default' })).items).toEqual([]);
  });

  it('watches from a revision until it is told to stop', async () => {
    const plane = await startControlPlane([]);
    const maps = (way === 'in process' ? plane.client : (await connect(plane)).client).of(ConfigMap);
    const { resourceVersion } = await maps.list({ namespace: 'default' });
    await maps.create(map('a'));
    await maps.delete(key('a'));
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of maps.watch({ namespace: 'default', resourceVersion }, stop.signal)) {
      if (event.type === 'BOOKMARK') continue;
      seen.push(`${event.type} ${event.object.metadata.name}`);
      if (event.type === 'DELETED') stop.abort();
    }
    expect(seen).toEqual(['ADDED a', 'DELETED a']);
  });

  it('keeps an informer current', async () => {
    const plane = await startControlPlane([]);
    const client = way === 'in process' ? plane.client : (await connect(plane)).client;
    const informers = new InformerSet(client, {
      clock: systemClock,
      onError: (error) => plane.failures.push(error),
      pageSize: 2,
    });
    for (const name of ['a', 'b', 'c']) await plane.client.of(ConfigMap).create(map(name));
    const informer = informers.of(ConfigMap);
    expect(informers.of(ConfigMap)).toBe(informer);
    await informer.synced;
    const owner = informer.get(key('a'));
    const seen: string[] = [];
    const gone = new Promise<void>((resolve) => {
      informer.subscribe((event: InformerEvent<ConfigMap>) => {
        seen.push(
          `${event.type} ${event.object.metadata.name}${event.previous ? ` was ${event.previous.data?.['x']}` : ''}`,
        );
        if (event.type === 'delete') resolve();
      });
    });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: owner?.metadata.uid ?? '' };
    await plane.client
      .of(ConfigMap)
      .create({ ...map('d', { x: '1' }), metadata: { ...map('d').metadata, ownerReferences: [reference] } });
    await plane.client.of(ConfigMap).patch(key('d'), { type: 'merge', patch: { data: { x: '2' } } });
    await plane.client.of(ConfigMap).delete(key('b'));
    await gone;
    expect(seen).toEqual(['add a', 'add b', 'add c', 'add d', 'update d was 1', 'delete b']);
    expect(informer.indexed(byOwner, reference.uid).map((found) => found.metadata.name)).toEqual(['d']);
    expect(
      informer
        .list('default')
        .map((found) => found.metadata.name)
        .sort(),
    ).toEqual(['a', 'c', 'd']);
    await informers[Symbol.asyncDispose]();
    expect(plane.failures).toEqual([]);
  });
});

describe('the event recorder', () => {
  it('counts what repeats, and merges what is similar', async () => {
    const plane = await startControlPlane([]);
    const about = await plane.client.of(ConfigMap).create(map('a'));
    const errors: unknown[] = [];
    const recorder = new EventRecorder({
      client: plane.client,
      clock: systemClock,
      component: 'tester',
      onError: (error) => errors.push(error),
    });
    for (let i = 0; i < 3; i += 1) recorder.record(about, 'Normal', 'Again', 'the same');
    for (let i = 0; i < 13; i += 1) recorder.record(about, 'Warning', 'Varied', `attempt ${i}`);
    await recorder[Symbol.asyncDispose]();
    const { items } = await plane.client.of(Event).list({ namespace: 'default' });
    expect(items.find(({ reason }) => reason === 'Again')).toMatchObject({
      count: 3,
      type: 'Normal',
      source: { component: 'tester' },
      involvedObject: { kind: 'ConfigMap', name: 'a', uid: about.metadata.uid },
    });
    const varied = items.filter(({ reason }) => reason === 'Varied');
    expect(varied).toHaveLength(11);
    expect(varied.find(({ message }) => message?.startsWith('(combined'))).toMatchObject({
      count: 3,
      message: '(combined from similar events): attempt 12',
    });
    expect(errors).toEqual([]);
  });
});
