/** @kubernetes/client-node, the client of most programs in JavaScript, against a whole cluster. */
import { PassThrough, Writable } from 'node:stream';
import {
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  Watch,
  makeInformer,
} from 'client-node-client';
import type { V1ConfigMap, V1Status } from 'client-node-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';

let test: TestCluster;
let config: KubeConfig;
beforeAll(async () => {
  test = await startTestCluster();
  config = new KubeConfig();
  config.loadFromFile(test.cluster.kubeconfigFile);
});
afterAll(() => test[Symbol.asyncDispose]());

function collector(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Resolves with the first object for which the condition holds. */
function watched(
  path: string,
  condition: (object: { readonly status?: { readonly phase?: string } }) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const controllers: AbortController[] = [];
    void new Watch(config)
      .watch(
        path,
        {},
        (_phase, object: { readonly status?: { readonly phase?: string } }) => {
          if (!condition(object)) return;
          resolve();
          for (const controller of controllers) controller.abort();
        },
        // After the condition held this is our own abort, and the promise is settled.
        (error: unknown) => (error === null || error === undefined ? undefined : reject(error)),
      )
      .then((controller) => controllers.push(controller), reject);
  });
}

describe('@kubernetes/client-node', () => {
  it('creates, reads, patches, lists page by page and deletes', async () => {
    const { name: namespace } = await test.namespace();
    const api = config.makeApiClient(CoreV1Api);
    for (const name of ['a', 'b', 'c']) {
      await api.createNamespacedConfigMap({
        namespace,
        body: { metadata: { name, labels: { set: 'own' } }, data: { key: name } },
      });
    }
    const page = await api.listNamespacedConfigMap({ namespace, labelSelector: 'set=own', limit: 2 });
    expect(page.items.map(({ metadata }) => metadata?.name)).toEqual(['a', 'b']);
    const rest = await api.listNamespacedConfigMap({
      namespace,
      labelSelector: 'set=own',
      limit: 2,
      _continue: page.metadata?._continue ?? '',
    });
    expect(rest.items.map(({ metadata }) => metadata?.name)).toEqual(['c']);
    const changed = await api.patchNamespacedConfigMap({
      name: 'a',
      namespace,
      body: [{ op: 'replace', path: '/data/key', value: 'z' }],
    });
    expect(changed.data).toEqual({ key: 'z' });
    await api.deleteNamespacedConfigMap({ name: 'a', namespace });
    await expect(api.readNamespacedConfigMap({ name: 'a', namespace })).rejects.toMatchObject({ code: 404 });
  });

  it('applies objects of any kind and reads their scale', async () => {
    const { name: namespace } = await test.namespace();
    const objects = KubernetesObjectApi.makeApiClient(config);
    await objects.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: BUSYBOX_IMAGE }] },
        },
      },
    });
    const scale = await config.makeApiClient(AppsV1Api).readNamespacedDeploymentScale({ name: 'web', namespace });
    // As everywhere in Go's JSON, an empty number is left out.
    expect(scale.spec?.replicas ?? 0).toBe(0);
    expect(scale.status?.selector).toBe('app=web');
  });

  it('follows changes by an informer', async () => {
    const { name: namespace } = await test.namespace();
    const api = config.makeApiClient(CoreV1Api);
    const informer = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
      api.listNamespacedConfigMap({ namespace }),
    );
    const added = new Promise<void>((resolve) => {
      informer.on('add', (object) => {
        if (object.metadata?.name === 'late') resolve();
      });
    });
    const deleted = new Promise<void>((resolve) => informer.on('delete', () => resolve()));
    await informer.start();
    await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'late' } } });
    await added;
    await api.deleteNamespacedConfigMap({ name: 'late', namespace });
    await deleted;
    await informer.stop();
  });

  it('runs a pod, reads its log and runs commands in it', async () => {
    const { name: namespace } = await test.namespace();
    const api = config.makeApiClient(CoreV1Api);
    await api.createNamespacedPod({
      namespace,
      body: {
        metadata: { name: 'shell' },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'sh', image: BUSYBOX_IMAGE, command: ['sh', '-c', 'echo ready; exec sleep 3600'] }],
        },
      },
    });
    await watched(`/api/v1/namespaces/${namespace}/pods`, ({ status }) => status?.phase === 'Running');
    const read = async (): Promise<string> => {
      const log = collector();
      await new Log(config).log(namespace, 'shell', 'sh', log.stream, { tailLines: 1 });
      await new Promise((resolve) => log.stream.once('finish', resolve));
      return log.text();
    };
    // A container that runs has not necessarily said anything yet.
    await expect.poll(read).toBe('ready\n');

    const out = collector();
    const input = new PassThrough();
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec(namespace, 'shell', 'sh', ['sh', '-c', 'cat; exit 7'], out.stream, process.stderr, input, false, resolve)
        .then(() => input.end('by standard input'), reject);
    });
    expect(out.text()).toBe('by standard input');
    expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
  });
});
