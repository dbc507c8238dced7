/** Groups that another API server answers for: a real HTTPS server, which asks this one for its certificate. */
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openCertificates } from '../../../src/runtime/apiserver/certificates.ts';
import { fieldOf, listOf, textOf } from '../../../src/runtime/apiserver/fields.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { APIService } from '../../../src/types/kinds/apiregistration/api-service.ts';
import { makeClient } from '../../../src/runtime/client/in-process.ts';
import { masters, startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { until } from '../../support/until.ts';

const services = '/apis/apiregistration.k8s.io/v1/apiservices';
const group = '/apis/things.example.com/v1';
const aggregatedList = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

let server: TestServer;
let other: Server;
let caBundle: string;
let running: AsyncDisposable;
/** What the other server saw of each request. */
const seen: { readonly url: string; readonly method: string; readonly headers: object; readonly peer: string }[] = [];

const place = { serverRelativeURL: '/openapi/v3/apis/things.example.com/v1?hash=A' };
const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'things.example.com/v1',
  resources: [
    {
      name: 'things',
      singularName: 'thing',
      namespaced: true,
      kind: 'Thing',
      verbs: ['get', 'list'],
      shortNames: ['th'],
    },
    { name: 'things/status', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] },
  ],
};

beforeAll(async () => {
  server = await startTestServer();
  const serverNames = ['things.default.svc'];
  const { server: pair, authority } = await openCertificates({ serverNames, clock: systemClock });
  caBundle = Buffer.from(authority).toString('base64');
  const trust = { requestCert: true, ca: server.certificates.authority };
  other = createServer({ key: pair.key, cert: pair.certificate, ...trust }, (request, response) => {
    const { url = '', method = '', headers } = request;
    const peer = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject.CN : '';
    seen.push({ url, method, headers, peer: String(peer) });
    response.setHeader('content-type', 'application/json');
    if (url === '/openapi/v3') response.end(JSON.stringify({ paths: { 'apis/things.example.com/v1': place } }));
    else if (url === group) response.end(JSON.stringify(resources));
    else if (url.endsWith('/missing')) response.writeHead(404).end('{"kind":"Status","code":404}');
    else response.end(JSON.stringify({ kind: 'Thing', apiVersion: 'things.example.com/v1', url }));
  });
  const sockets = new WebSocketServer({ noServer: true });
  other.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (client) => client.send(String(request.headers['x-remote-user']))),
  );
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
  const signal = new AbortController().signal;
  running = await server.api.aggregation.start(signal);
});
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
  await server[Symbol.asyncDispose]();
  expect(server.failures).toEqual([]);
});

async function becomes(name: string, reason: string): Promise<void> {
  const client = makeClient(server.api.dispatch, masters, { userAgent: 'test' });
  await until(client, APIService, { name }, ([service]) => service?.status?.conditions?.[0]?.reason === reason, 10_000);
}

describe('an APIService', () => {
  it('is there for each group and version that this server serves', async () => {
    await becomes('v1.apps', 'Local');
    const table = await server.send('GET', services, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    const rows = listOf(table.json, 'rows').map((row) => listOf(row, 'cells').slice(0, 3));
    expect(rows).toContainEqual(['v1.', 'Local', 'True']);
    expect(rows).toContainEqual(['v2.autoscaling', 'Local', 'True']);
  });

  it('comes and goes with a definition', async () => {
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const schema = { openAPIV3Schema: { type: 'object' } };
    const spec = {
      group: 'own.example.com',
      scope: 'Namespaced',
      names: { plural: 'points', kind: 'Point' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    };
    await server.send('POST', definitions, { body: { metadata: { name: 'points.own.example.com' }, spec } });
    await becomes('v1.own.example.com', 'Local');
    await server.send('DELETE', `${definitions}/points.own.example.com`);
    const client = makeClient(server.api.dispatch, masters, { userAgent: 'test' });
    await until(client, APIService, { name: 'v1.own.example.com' }, (found) => found.length === 0, 10_000);
  });

  it('leads to the server that it names, once that is there', async () => {
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const spec = {
      group: 'things.example.com',
      version: 'v1',
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      caBundle,
      service: { namespace: 'default', name: 'things', port },
    };
    const created = await server.send('POST', services, {
      body: { metadata: { name: 'v1.things.example.com' }, spec },
    });
    expect(created.status).toBe(201);
    await becomes('v1.things.example.com', 'ServiceNotFound');
    expect((await server.send('GET', `${group}/things`)).status).toBe(503);

    const body = {
      metadata: { name: 'things' },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    };
    await server.send('POST', '/api/v1/namespaces/default/services', { body });
    await becomes('v1.things.example.com', 'Passed');

    seen.length = 0;
    const headers = { 'x-remote-user': 'somebody-else', 'content-type': 'application/json' };
    const answer = await server.send('POST', `${group}/namespaces/default/things?dryRun=All`, {
      raw: '{"a":1}',
      headers,
    });
    expect(answer.json).toMatchObject({ kind: 'Thing', url: `${group}/namespaces/default/things?dryRun=All` });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        peer: 'front-proxy-client',
        headers: { 'x-remote-user': 'kubernetes-admin', 'x-remote-group': 'system:masters, system:authenticated' },
      },
    ]);
    expect((await server.send('GET', `${group}/missing`)).status).toBe(404);
  });

  it('makes its group part of discovery', async () => {
    const groups = listOf((await server.send('GET', '/apis')).json, 'groups').map((each) => textOf(each, 'name'));
    expect(groups).toContain('things.example.com');
    expect((await server.send('GET', group)).json).toEqual(resources);
    expect((await server.send('GET', '/apis/things.example.com')).json).toMatchObject({
      versions: [{ version: 'v1' }],
      preferredVersion: { version: 'v1' },
    });
    const { json } = await server.send('GET', '/apis', { headers: { accept: aggregatedList } });
    const item = listOf(json, 'items').find((each) => textOf(each, 'metadata', 'name') === 'things.example.com');
    expect(fieldOf(item, 'versions')).toEqual([
      {
        version: 'v1',
        freshness: 'Current',
        resources: [
          {
            resource: 'things',
            singularResource: 'thing',
            scope: 'Namespaced',
            responseKind: { group: 'things.example.com', version: 'v1', kind: 'Thing' },
            verbs: ['get', 'list'],
            shortNames: ['th'],
            subresources: [
              {
                subresource: 'status',
                responseKind: { group: 'things.example.com', version: 'v1', kind: 'Thing' },
                verbs: ['get'],
              },
            ],
          },
        ],
      },
    ]);
  });

  it('has its schemas among those of all', async () => {
    const { json } = await server.send('GET', '/openapi/v3');
    expect(json).toMatchObject({
      paths: { 'apis/things.example.com/v1': place, 'apis/apps/v1': { serverRelativeURL: expect.any(String) } },
    });
    expect((await server.send('GET', place.serverRelativeURL)).json).toMatchObject({ url: place.serverRelativeURL });
  });

  it('gets what leaves HTTP behind', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${group}/namespaces/default/things/a/connect`, {
      ca: server.certificates.authority,
      cert: server.admin.certificate,
      key: server.admin.key,
    });
    const message = await new Promise((resolve, reject) => {
      socket.once('message', (data) => resolve(String(data)));
      socket.once('error', reject);
    });
    expect(message).toBe('kubernetes-admin');
    socket.terminate();
  });

  it('asks RBAC first, and tells of those who act for others', async () => {
    const headers = { 'impersonate-user': 'jane' };
    const { status, json } = await server.send('GET', `${group}/namespaces/default/things`, { headers });
    expect(status).toBe(403);
    expect(textOf(json, 'message')).toBe(
      'things.things.example.com is forbidden: User "jane" cannot list resource "things" in API group "things.example.com" in the namespace "default"',
    );
  });

  it('tells when the server has gone', async () => {
    await server.send('DELETE', '/api/v1/namespaces/default/services/things');
    await becomes('v1.things.example.com', 'ServiceNotFound');
    await server.send('DELETE', `${services}/v1.things.example.com`);
    expect((await server.send('GET', group)).status).toBe(404);
  });
});
