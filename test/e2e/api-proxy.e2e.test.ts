/** Requests that the API server passes on to pods, Services and nodes. */
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { parse } from 'yaml';
import { NODE_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';

/** Tells what it was asked; a page, a redirect and an upgraded connection that says everything twice besides. */
const PROGRAM = `
const http = require('node:http');
const server = http.createServer((request, response) => {
  const [path] = request.url.split('?');
  if (path === '/page') return response.setHeader('content-type', 'text/html').end(
    '<!-- <a href="/no"> --><p>1 &lt; 2<a class=x href="/there?a=1&amp;b=2">x</a><a href="rel">y</a><a href="http://other/z">z</a><img src=/i.png></p>');
  if (path === '/gzip') return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-encoding': 'gzip' }).end(
    require('node:zlib').gzipSync('<a href="/there">ä</a>'));
  if (path === '/redirect') return response.writeHead(302, { location: '/there/', 'access-control-allow-origin': '*' }).end();
  if (path === '/large') return response.end('x'.repeat(5_000_000));
  if (path === '/hang') return response.write('first');
  const body = [];
  request.on('data', (chunk) => body.push(chunk)).on('end', () => response.writeHead(path === '/teapot' ? 418 : 200, { 'x-own': 'yes' }).end(
    JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(body).toString() })));
});
server.on('upgrade', (request, socket) => {
  const { createHash } = require('node:crypto');
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: ' + accept + '\\r\\n\\r\\n');
  socket.write(Buffer.concat([Buffer.from([0x81, request.url.length]), Buffer.from(request.url)]));
  socket.on('error', () => undefined);
});
server.listen(8080);
`;

let cluster: TestCluster;
let kubectl: Kubectl;
let agent: Agent;
let root: string;

beforeAll(async () => {
  cluster = await startTestCluster();
  ({ kubectl } = await cluster.namespace());
  const { user } = parse(readFileSync(cluster.cluster.kubeconfigFile, 'utf8')).users[0];
  const [cert, key] = [user['client-certificate-data'], user['client-key-data']].map((text) =>
    Buffer.from(text, 'base64'),
  );
  agent = new Agent({ cert, key, rejectUnauthorized: false, keepAlive: true });
  root = '/api/v1/namespaces/test-1';
  const container = {
    name: 'web',
    image: NODE_IMAGE,
    command: ['node', '-e', PROGRAM],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
  };
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: { terminationGracePeriodSeconds: 0, containers: [container] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'empty' }, spec: { ports: [{ port: 80 }] } },
  ];
  await kubectl.apply(manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
  await kubectl.ok('wait --for=condition=Ready pod/web --timeout=300s');
  await kubectl.ok(['wait', 'endpoints/web', '--for=jsonpath={.subsets[0].addresses[0].ip}', '--timeout=30s']);
});
afterAll(async () => {
  agent.destroy();
  await cluster[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

async function send(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpsRequest(`${cluster.cluster.server}${path}`, {
    method,
    agent,
    headers: { ...headers, ...length },
  });
  request.end(body);
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

describe('the proxy of the API server', () => {
  it.each([
    ['a pod', 'pods/web'],
    ['a port of a pod', 'pods/web:8080'],
    ['a pod with its scheme', 'pods/http:web:8080'],
    ['a Service', 'services/web'],
    ['a named port of a Service', 'services/web:http'],
    ['a numbered port of a Service', 'services/http:web:80'],
  ])('leads to %s', async (_, place) => {
    const { status, headers, text } = await send('GET', `${root}/${place}/proxy/some/path?a=1&a=2`);
    expect({ status, own: headers['x-own'] }).toEqual({ status: 200, own: 'yes' });
    expect(JSON.parse(text)).toMatchObject({ method: 'GET', url: '/some/path?a=1&a=2' });
  });

  it('passes every method on, with its body, and says nothing of who asks', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, text } = await send(method, `${root}/pods/web/proxy/teapot`, 'a body', {
        'impersonate-user': 'kubernetes-admin',
        'impersonate-group': 'system:masters',
        'content-type': 'text/odd',
        'x-mine': 'kept',
      });
      expect(status).toBe(418);
      const asked = JSON.parse(text);
      expect(asked).toMatchObject({ method, url: '/teapot', body: 'a body' });
      expect(asked.headers).toMatchObject({
        'content-type': 'text/odd',
        'x-mine': 'kept',
        'x-forwarded-uri': `${root}/pods/web/proxy/teapot`,
      });
      expect(Object.keys(asked.headers).filter((name) => /^(impersonate|authorization)/.test(name))).toEqual([]);
    }
    expect(await send('HEAD', `${root}/pods/web/proxy/teapot`)).toMatchObject({ status: 418, text: '' });
  });

  it('works for kubectl', async () => {
    const answer = await kubectl.ok(['get', '--raw', `${root}/services/web:80/proxy/x`]);
    expect(JSON.parse(answer)).toMatchObject({ url: '/x' });
  });

  it('leads the links of a page and redirects back through itself', async () => {
    const prefix = `${root}/services/web:http/proxy`;
    expect((await send('GET', `${prefix}/page`)).text).toBe(
      `<!-- <a href="/no"> --><p>1 &lt; 2<a class="x" href="${prefix}/there?a=1&amp;b=2">x</a><a href="rel">y</a>` +
        `<a href="http://other/z">z</a><img src="${prefix}/i.png"></p>`,
    );
    expect((await send('GET', `${prefix}/gzip`)).text).toBe(`<a href="${prefix}/there">ä</a>`);
    const { status, headers } = await send('GET', `${prefix}/redirect`);
    expect({ status, location: headers['location'] }).toEqual({ status: 302, location: `${prefix}/there/` });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    const bare = await send('GET', `${prefix}?a=1`);
    expect({ status: bare.status, location: bare.headers['location'] }).toEqual({
      status: 301,
      location: `${prefix}/?a=1`,
    });
    expect(JSON.parse((await send('POST', prefix)).text)).toMatchObject({ method: 'POST', url: '/' });
  });

  it('streams: large answers come whole, unfinished ones at once', async () => {
    expect((await send('GET', `${root}/pods/web/proxy/large`)).text).toHaveLength(5_000_000);
    const request = httpsRequest(`${cluster.cluster.server}${root}/pods/web/proxy/hang`, { agent });
    request.end();
    const [response] = await once(request, 'response');
    const [chunk] = await once(response, 'data');
    expect(String(chunk)).toBe('first');
    response.on('error', () => undefined);
    request.destroy();
  });

  it('joins upgraded connections', async () => {
    const url = `${cluster.cluster.server.replace('https', 'wss')}${root}/services/web/proxy/socket?x=1`;
    const socket = new WebSocket(url, { agent });
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('/socket?x=1');
    socket.terminate();
  });

  it('speaks TLS to those that do', async () => {
    const path = '/api/v1/namespaces/default/services/https:kubernetes:https/proxy/version';
    // The server behind sees nobody's credentials.
    const { status, text } = await send('GET', path);
    expect({ status, version: JSON.parse(text).major }).toEqual({ status: 200, version: '1' });
  });

  it.each([
    ['services/empty/proxy/', 503, 'no endpoints available for service "empty"'],
    ['services/web:81/proxy/', 503, 'no service port 81 found for service "web"'],
    ['services/web:other/proxy/', 503, 'no endpoints available for service "web:other"'],
    ['services/ftp:web:80/proxy/', 400, 'invalid service request "ftp:web:80"'],
    ['services/none/proxy/', 404, 'services "none" not found'],
    ['pods/none/proxy/', 404, 'pods "none" not found'],
    ['pods/web:1/proxy/', 503, 'error trying to reach service: connect ECONNREFUSED'],
    ['configmaps/x/proxy/', 404, 'the server could not find the requested resource'],
  ])('says why %s does not work', async (place, code, message) => {
    const { status, text } = await send('GET', `${root}/${place}`);
    expect(status).toBe(code);
    expect(JSON.parse(text)).toMatchObject({ kind: 'Status', code });
    expect(JSON.parse(text).message).toContain(message);
  });

  it('asks RBAC for the verb of the method on the subresource', async () => {
    await kubectl.ok('create role reader --verb=get --resource=pods/proxy');
    await kubectl.ok('create rolebinding reader --role=reader --user=jane');
    const as = { 'impersonate-user': 'jane' };
    expect((await send('GET', `${root}/pods/web/proxy/x`, '', as)).status).toBe(200);
    const { status, text } = await send('POST', `${root}/pods/web/proxy/x`, '', as);
    expect({ status, message: JSON.parse(text).message }).toEqual({
      status: 403,
      message:
        'pods "web" is forbidden: User "jane" cannot create resource "pods/proxy" in API group "" in the namespace "test-1"',
    });
  });

  it('leads to nothing that only the machine itself can reach', async () => {
    const status = { podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }] };
    const patch = JSON.stringify({ status });
    await kubectl.ok(['patch', 'pod', 'web', '--subresource=status', '--type=merge', '-p', patch]);
    const refused = await send('GET', `${root}/pods/web:22/proxy/`);
    expect({ status: refused.status, message: JSON.parse(refused.text).message }).toEqual({
      status: 400,
      message: 'address not allowed',
    });
  });
});
