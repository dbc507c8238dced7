/** What one node may do to others: nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrap } from '../../../src/runtime/bootstrap.ts';
import type { KeyPair } from '../../../src/runtime/apiserver/certificates.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { Reply, TestServer } from '../../support/api-server.ts';

let server: TestServer;
let node: KeyPair;

beforeAll(async () => {
  server = await startTestServer();
  await bootstrap(server.api.dispatch, new AbortController().signal);
  node = await server.certificates.client('system:node:a', ['system:nodes']);
  for (const name of ['a', 'b']) await server.send('POST', '/api/v1/nodes', { body: { metadata: { name } } });
  for (const name of ['a', 'b']) {
    const spec = { nodeName: name, containers: [{ name: 'c', image: 'i' }] };
    await server.send('POST', '/api/v1/namespaces/default/pods', { body: { metadata: { name: `on-${name}` }, spec } });
  }
});

afterAll(() => server[Symbol.asyncDispose]());

async function refusal(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
  const answer: Reply = await server.send(method, path, { body, headers, identity: node });
  return answer.status < 300 ? 'allowed' : answer.json['message'];
}

const pods = '/api/v1/namespaces/default/pods';

describe('a node', () => {
  it('changes itself, and neither other nodes nor what it is chosen by', async () => {
    const patch = (name: string, body: object): Promise<unknown> => refusal('PATCH', `/api/v1/nodes/${name}`, body);
    expect(await patch('a', { metadata: { labels: { 'kubernetes.io/arch': 'x', own: 'y' } } })).toBe('allowed');
    expect(await patch('b', { metadata: { labels: { own: 'y' } } })).toBe(
      'nodes "b" is forbidden: node "a" is not allowed to modify node "b"',
    );
    const label = 'team.node-restriction.kubernetes.io/secure';
    expect(await patch('a', { metadata: { labels: { [label]: 'y', 'node-role.kubernetes.io/x': '' } } })).toBe(
      `nodes "a" is forbidden: node "a" is not allowed to modify labels: node-role.kubernetes.io/x, ${label}`,
    );
    expect(await patch('a', { spec: { taints: [] } })).toContain('is not allowed to modify taints');
    expect(await refusal('PATCH', '/api/v1/nodes/a/status', { status: { phase: 'Running' } })).toBe('allowed');
    expect(await refusal('PATCH', '/api/v1/nodes/b/status', { status: { phase: 'Running' } })).not.toBe('allowed');
  });

  it('has to do with the pods that it runs', async () => {
    const status = { status: { message: 'm' } };
    expect(await refusal('PATCH', `${pods}/on-a/status`, status)).toBe('allowed');
    expect(await refusal('PATCH', `${pods}/on-b/status`, status)).toContain('can only update pod status for pods');
    expect(await refusal('DELETE', `${pods}/on-b`)).toContain('can only delete pods with spec.nodeName set to itself');
    const mine = { nodeName: 'a', containers: [{ name: 'c', image: 'i' }] };
    expect(await refusal('POST', pods, { metadata: { name: 'new' }, spec: mine })).toContain('mirror pods');
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    expect(
      await refusal('POST', pods, { metadata: { name: 'b', annotations }, spec: { ...mine, nodeName: 'b' } }),
    ).toContain('can only create pods with spec.nodeName set to itself');
  });

  it('gets tokens for its pods only', async () => {
    const token = (name?: string): Promise<unknown> =>
      refusal('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', {
        spec: { ...(name !== undefined && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name } }) },
      });
    expect(await token('on-a')).toBe('allowed');
    expect(await token('on-b')).toContain('bound to a pod scheduled on a different node');
    expect(await token()).toContain('not bound to a pod');
  });

  it('renews its own lease', async () => {
    const lease = (name: string, namespace = 'kube-node-lease'): Promise<unknown> =>
      refusal('POST', `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, { metadata: { name } });
    expect(await lease('a')).toBe('allowed');
    expect(await lease('b')).toContain('can only access node lease with the same name as the requesting node');
    expect(await lease('a', 'default')).toContain('can only access leases in the "kube-node-lease" system namespace');
  });
});
