/** Webhooks that are real HTTPS servers. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../../src/runtime/apiserver/fields.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { Reply, TestServer } from '../../support/api-server.ts';
import { startWebhook } from '../../support/webhook.ts';
import type { TestWebhook } from '../../support/webhook.ts';

const root = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

let server: TestServer;
let hook: TestWebhook;
let port: number;
let caBundle: string;
/** What the webhook answers to a request. */
let answer: (request: Readonly<Record<string, unknown>>) => object;
let asked: Readonly<Record<string, unknown>>[];

beforeAll(async () => {
  server = await startTestServer();
  hook = await startWebhook((request) => {
    asked.push(request);
    const given = answer(request);
    return 'late' in given ? undefined : given;
  });
  ({ port, caBundle } = hook);
});
afterAll(async () => {
  await hook[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  expect(server.failures).toEqual([]);
});
beforeEach(async () => {
  asked = [];
  answer = () => ({ allowed: true });
  for (const plural of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
    await server.send('DELETE', `${root}/${plural}`);
  }
  await server.send('DELETE', configMaps);
});

async function configure(plural: string, webhook: object = {}): Promise<void> {
  const { json } = await server.send('POST', `${root}/${plural}`, {
    body: {
      metadata: { name: 'hooks' },
      webhooks: [
        {
          name: 'hook.example.com',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { url: `https://localhost:${port}/check`, caBundle },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
          ...webhook,
        },
      ],
    },
  });
  expect(textOf(json, 'message')).toBe('');
}

function create(name: string, data: object = {}): Promise<Reply> {
  return server.send('POST', configMaps, { body: { metadata: { name }, data } });
}

function patch(...operations: readonly object[]): object {
  return {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
  };
}

describe('a validating webhook', () => {
  it('is told of the request, and may refuse it with a code and a reason of its own', async () => {
    await configure('validatingwebhookconfigurations');
    answer = ({ name }) => ({
      allowed: name !== 'bad',
      warnings: ['watch out'],
      status: { message: 'bad by name', code: 418, reason: 'Forbidden' },
    });
    const good = await create('good', { a: '1' });
    expect(good.status).toBe(201);
    expect(good.headers['warning']).toContain('watch out');
    expect(asked[0]).toMatchObject({
      operation: 'CREATE',
      namespace: 'default',
      name: 'good',
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      userInfo: { username: 'kubernetes-admin' },
      object: { kind: 'ConfigMap', data: { a: '1' } },
      oldObject: null,
    });
    const bad = await create('bad');
    expect(bad.status).toBe(418);
    expect(bad.json).toMatchObject({
      reason: 'Forbidden',
      message: 'admission webhook "hook.example.com" denied the request: bad by name',
    });
    answer = () => ({ allowed: false });
    const kept = await server.send('DELETE', `${configMaps}/good`);
    expect(kept.status).toBe(400);
    expect(textOf(kept.json, 'message')).toContain('denied the request without explanation');
  });

  it('is asked by its conditions only', async () => {
    await configure('validatingwebhookconfigurations', {
      matchConditions: [{ name: 'named', expression: "object.metadata.name.startsWith('asked')" }],
    });
    await create('other');
    await create('asked-1');
    expect(asked.map(({ name }) => name)).toEqual(['asked-1']);
  });

  it('that cannot be reached fails the request, or is passed over', async () => {
    const clientConfig = { service: { name: 'nowhere', namespace: 'default' }, caBundle };
    await configure('validatingwebhookconfigurations', { clientConfig });
    const { status, json } = await create('one');
    expect(status).toBe(500);
    expect(textOf(json, 'message')).toBe(
      'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: service "nowhere" not found',
    );
    await server.send('DELETE', `${root}/validatingwebhookconfigurations`);
    await configure('validatingwebhookconfigurations', { clientConfig, failurePolicy: 'Ignore' });
    expect((await create('two')).status).toBe(201);
  });

  it('that takes too long is named with its whole URL', async () => {
    await configure('validatingwebhookconfigurations', { timeoutSeconds: 1 });
    answer = () => ({ allowed: true, late: true });
    const { status, json } = await create('late');
    expect(status).toBe(500);
    expect(textOf(json, 'message')).toBe(
      `Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: ` +
        `Post "https://localhost:${port}/check?timeout=1s": context deadline exceeded`,
    );
  });

  it('is not believed without the right certificate', async () => {
    const clientConfig = {
      url: `https://localhost:${port}/check`,
      caBundle: Buffer.from(server.certificates.authority).toString('base64'),
    };
    await configure('validatingwebhookconfigurations', { clientConfig });
    expect((await create('one')).status).toBe(500);
    expect(asked).toEqual([]);
  });
});

describe('a mutating webhook', () => {
  it('changes the object, which is checked after it', async () => {
    await configure('mutatingwebhookconfigurations');
    answer = () => patch({ op: 'add', path: '/metadata/labels', value: { added: 'yes' } });
    expect((await create('changed')).json).toMatchObject({ metadata: { labels: { added: 'yes' } } });
    answer = () => patch({ op: 'add', path: '/metadata/labels', value: { added: 'not a label!' } });
    expect((await create('wrong')).status).toBe(422);
    answer = () => patch({ op: 'remove', path: '/nothing/there' });
    expect((await create('unfitting')).status).toBe(500);
  });

  it('is not reached while no endpoint of its service is ready', async () => {
    await server.send('POST', '/api/v1/namespaces/default/services', {
      body: { metadata: { name: 'hook' }, spec: { ports: [{ port: 443 }] } },
    });
    await server.send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      body: {
        metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: false } }],
        ports: [{ name: '', port }],
      },
    });
    const clientConfig = { service: { name: 'hook', namespace: 'default', path: '/mutate' }, caBundle };
    await configure('mutatingwebhookconfigurations', { clientConfig });
    expect(textOf((await create('early')).json, 'message')).toContain('no endpoints available for service "hook"');
  });
});
