/** A real API server over real HTTPS on a memory store, with the objects that every cluster begins with. */
import { request as httpsRequest, Agent } from 'node:https';
import { DisposeStack } from '../../src/shared/dispose.ts';
import { isRecord } from '../../src/shared/deep.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { createApiServer } from '../../src/runtime/apiserver/api-server.ts';
import type { ApiServer } from '../../src/runtime/apiserver/api-server.ts';
import { openCertificates } from '../../src/runtime/apiserver/certificates.ts';
import type { Certificates, KeyPair } from '../../src/runtime/apiserver/certificates.ts';
import type { PodStreams } from '../../src/runtime/apiserver/streams/pod-streams.ts';
import type { UsageSource } from '../../src/runtime/apiserver/usage/usage-source.ts';
import { RbacIndex, rbacFeed } from '../../src/runtime/apiserver/rbac-index.ts';
import type { UserInfo } from '../../src/runtime/apiserver/request.ts';
import { mergeKubeconfig } from '../../src/runtime/kubeconfig.ts';
import { createMemoryStore } from '../../src/runtime/storage/memory-store.ts';
import type { Store } from '../../src/runtime/storage/store.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import { Registry } from '../../src/types/registry.ts';

export const masters: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

export interface TestServer extends AsyncDisposable {
  readonly api: ApiServer;
  readonly store: Store;
  readonly registry: Registry;
  readonly certificates: Certificates;
  readonly admin: KeyPair;
  readonly port: number;
  readonly failures: readonly unknown[];
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  writeKubeconfig(path: string): Promise<void>;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: the administrator's certificate. */
  readonly identity?: KeyPair | 'anonymous';
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface TestServerOptions {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly podStreams?: PodStreams;
  readonly usage?: UsageSource;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const stack = new DisposeStack();
  const clock = options.clock ?? systemClock;
  const store = options.store ?? stack.use(createMemoryStore({ clock }));
  const registry = new Registry(builtInKinds);
  const failures: unknown[] = [];
  const roles = new RbacIndex();
  stack.use(await rbacFeed(store, roles, (error) => failures.push(error)).start(new AbortController().signal));
  const certificates = await openCertificates({ serverNames: ['localhost', '127.0.0.1'], clock });
  const api = await createApiServer({
    store,
    registry,
    clock,
    roles,
    certificates,
    serviceNetwork: { cidr: '10.96.0.0/16', nodePorts: { from: 30000, to: 32767 } },
    ...(options.podStreams === undefined ? {} : { podStreams: options.podStreams }),
    ...(options.usage === undefined ? {} : { usage: options.usage }),
    onFailure: (error) => failures.push(error),
  });
  const listening = stack.use(await api.listen([{ host: '127.0.0.1', port: 0 }]));
  const port = listening.addresses[0]?.port ?? 0;
  const admin = await certificates.client('kubernetes-admin', ['system:masters']);
  const agents = new Map<KeyPair | 'anonymous', Agent>();
  stack.defer(() => agents.forEach((agent) => agent.destroy()));
  const agentOf = (identity: KeyPair | 'anonymous'): Agent => {
    const known = agents.get(identity);
    if (known) return known;
    const pair = identity === 'anonymous' ? {} : { cert: identity.certificate, key: identity.key };
    const agent = new Agent({ keepAlive: true, ca: certificates.authority, ...pair });
    agents.set(identity, agent);
    return agent;
  };
  const server: TestServer = {
    api,
    store,
    registry,
    certificates,
    admin,
    port,
    failures,
    send: (method, path, send = {}) => exchange(port, agentOf(send.identity ?? admin), method, path, send),
    writeKubeconfig: (path) =>
      mergeKubeconfig(path, {
        name: 'kubewright-test',
        server: `https://127.0.0.1:${port}`,
        authority: certificates.authority,
        clientCertificate: admin.certificate,
        clientKey: admin.key,
      }),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
  await prepare(server);
  return server;
}

async function prepare(server: TestServer): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    await server.send('POST', `/api/v1/namespaces/${name}/serviceaccounts`, {
      body: { metadata: { name: 'default' } },
    });
  }
}

function exchange(port: number, agent: Agent, method: string, path: string, options: SendOptions): Promise<Reply> {
  const payload = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = {
      accept: 'application/json',
      'user-agent': 'test/1.0',
      ...options.headers,
    };
    if (payload !== undefined) {
      headers['content-type'] ??= 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    const request = httpsRequest({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) });
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  if (!text.startsWith('{')) return {};
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : {};
}
