/** metrics.k8s.io over HTTPS, with a kubelet's side that says what is used. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PodStreams } from '../../../src/runtime/apiserver/streams/pod-streams.ts';
import type { UsageSource } from '../../../src/runtime/apiserver/usage/usage-source.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';

const timestamp = new Date('2026-01-01T00:00:30Z');
const usage: UsageSource = {
  pod: ({ metadata: { name } }) =>
    name === 'new'
      ? undefined
      : {
          timestamp,
          window: 15_020,
          containers: new Map([
            ['c', { cpuNanoCores: 1_234_567.4, memoryBytes: 5_000_000 }],
            ['d', { cpuNanoCores: 2_000_000, memoryBytes: 2 ** 20 }],
          ]),
        },
  document(node, path) {
    if (node !== 'n1') return undefined;
    if (path === 'stats/summary') return { contentType: 'application/json', text: '{"node":{}}' };
    return path === 'healthz' ? { contentType: 'text/plain', text: 'ok' } : undefined;
  },
  node: (name) =>
    name === 'n1' ? { timestamp, window: 15_000, usage: { cpuNanoCores: 1.5e9, memoryBytes: 2 ** 30 } } : undefined,
};

const podStreams: PodStreams = {
  async *logs(pod, container, { tailLines }) {
    yield Buffer.from(`${pod.metadata.name ?? ''} ${container} ${tailLines ?? 'all'}\n`);
  },
  exec: () => Promise.resolve({ exitCode: 0 }),
  attach: () => Promise.resolve({ exitCode: 0 }),
  connect: () => Promise.reject(new Error('connection refused')),
};

const base = '/apis/metrics.k8s.io/v1beta1';
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ usage, podStreams });
  for (const name of ['n1', 'n2']) await server.send('POST', '/api/v1/nodes', { body: { metadata: { name } } });
  for (const [name, phase] of [
    ['a', 'Running'],
    ['b', 'Running'],
    ['new', 'Running'],
    ['done', 'Succeeded'],
  ] as const) {
    const path = '/api/v1/namespaces/default/pods';
    const spec = {
      containers: [
        { name: 'c', image: 'i' },
        { name: 'd', image: 'i' },
      ],
    };
    await server.send('POST', path, { body: { metadata: { name, labels: { is: name } }, spec } });
    const headers = { 'content-type': 'application/merge-patch+json' };
    await server.send('PATCH', `${path}/${name}/status`, { body: { status: { phase } }, headers });
  }
});
afterAll(() => server[Symbol.asyncDispose]());

describe('metrics.k8s.io', () => {
  it('lists what runs and can be measured', async () => {
    const { json } = await server.send('GET', `${base}/pods`);
    expect(json).toMatchObject({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1' });
    expect(json['items']).toMatchObject([
      {
        metadata: { name: 'a', namespace: 'default', labels: { is: 'a' } },
        timestamp: '2026-01-01T00:00:30Z',
        window: '15.02s',
        containers: [
          { name: 'c', usage: { cpu: '1234567n', memory: '4882Ki' } },
          { name: 'd', usage: { cpu: '2m', memory: '1Mi' } },
        ],
      },
      { metadata: { name: 'b' } },
    ]);
    const chosen = await server.send('GET', `${base}/namespaces/default/pods?labelSelector=is%3Db`);
    expect(chosen.json['items']).toMatchObject([{ metadata: { name: 'b' } }]);
    expect((await server.send('GET', `${base}/namespaces/kube-system/pods`)).json['items']).toEqual([]);
  });

  it('knows single ones', async () => {
    expect((await server.send('GET', `${base}/nodes/n1`)).json).toMatchObject({
      usage: { cpu: '1500m', memory: '1Gi' },
    });
    expect((await server.send('GET', `${base}/nodes/n2`)).json).toMatchObject({
      code: 404,
      message: 'nodemetrics.metrics.k8s.io "n2" not found',
    });
    expect((await server.send('GET', `${base}/namespaces/default/pods/new`)).json).toMatchObject({
      message: 'podmetrics.metrics.k8s.io "default/new" not found',
    });
  });

  it('comes with what kubelets tell', async () => {
    for (const name of ['n1', 'n1:10250', 'https:n1:10250'])
      expect((await server.send('GET', `/api/v1/nodes/${name}/proxy/stats/summary`)).text).toBe('{"node":{}}');
    expect((await server.send('GET', '/api/v1/nodes/n1/proxy/stats/other')).status).not.toBe(200);
  });

  it('is only read', async () => {
    const { json } = await server.send('GET', base);
    expect(json['resources']).toMatchObject([
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ]);
    expect((await server.send('DELETE', `${base}/nodes/n1`)).status).toBe(405);
    expect((await server.send('GET', `${base}/nodes?watch=true`)).status).toBe(405);
    const openApi = await server.send('GET', `/openapi/v3${base}`);
    expect(openApi.text).toContain('PodMetrics');
    expect(openApi.text).not.toContain('"post"');
  });
});

describe('componentstatuses', () => {
  it('say which part runs', async () => {
    const path = '/api/v1/componentstatuses';
    const healthy = [{ type: 'Healthy', status: 'True', message: 'ok' }];
    using _scheduler = server.api.components.up('scheduler');
    expect((await server.send('GET', path)).json['items']).toMatchObject([
      { metadata: { name: 'controller-manager' }, conditions: [{ type: 'Healthy', status: 'False' }] },
      { metadata: { name: 'scheduler' }, conditions: healthy },
      { metadata: { name: 'etcd-0' }, conditions: healthy },
    ]);
    expect((await server.send('GET', `${path}/scheduler`)).json).toMatchObject({ conditions: healthy });
    expect((await server.send('GET', `${path}/other`)).status).toBe(404);
  });
});

describe('the kubelet of this process', () => {
  it('lists its pods and hands out their logs, at every name of its own', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    for (const [name, nodeName] of [
      ['here', 'n1'],
      ['there', 'n2'],
    ] as const) {
      const spec = { nodeName, containers: [{ name: 'c', image: 'i' }] };
      await server.send('POST', pods, { body: { metadata: { name }, spec } });
    }
    for (const name of ['n1', 'n1:10250', 'https:n1:10250']) {
      const proxy = `/api/v1/nodes/${name}/proxy`;
      expect((await server.send('GET', `${proxy}/pods`)).json).toMatchObject({
        kind: 'PodList',
        apiVersion: 'v1',
        items: [{ metadata: { name: 'here' } }],
      });
      expect((await server.send('GET', `${proxy}/healthz`)).text).toBe('ok');
      expect((await server.send('GET', `${proxy}/containerLogs/default/here/c?tailLines=2`)).text).toBe('here c 2\n');
    }
    const logs = '/api/v1/nodes/n1/proxy/containerLogs/default';
    expect((await server.send('GET', `${logs}/there/c`)).status).toBe(404);
    expect((await server.send('GET', `${logs}/here/other`)).status).toBe(400);
    expect((await server.send('GET', `${logs}/here`)).status).toBe(400);
    expect((await server.send('GET', '/api/v1/nodes/n2/proxy/pods')).status).toBe(503);
  });
});
