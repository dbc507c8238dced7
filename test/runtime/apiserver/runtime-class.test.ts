/** What a RuntimeClass gives to pods, and refuses, over HTTPS. */
import { describe, expect, it } from 'vitest';
import type { PodSpec } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { Reply, TestServer } from '../../support/api-server.ts';

async function start(): Promise<TestServer> {
  const server = await startTestServer();
  const scheduling = { nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'sandboxed', operator: 'Exists' }] };
  const body = { metadata: { name: 'heavy' }, handler: 'heavy', overhead: { podFixed: { cpu: '1' } }, scheduling };
  await server.send('POST', '/apis/node.k8s.io/v1/runtimeclasses', { body });
  return server;
}

function createPod(server: TestServer, rest: Partial<PodSpec>): Promise<Reply> {
  const body = { metadata: { name: 'work' }, spec: { containers: [{ name: 'main', image: 'work:1' }], ...rest } };
  return server.send('POST', '/api/v1/namespaces/default/pods', { body });
}

describe('a RuntimeClass', () => {
  it.each<[string, Partial<PodSpec>]>([
    ['unsaid', {}],
    ['said in other words', { overhead: { cpu: '1000m' } }],
  ])('gives its overhead and its place to pods, %s', async (_, rest) => {
    await using server = await start();
    const { json } = await createPod(server, { runtimeClassName: 'heavy', nodeSelector: { zone: 'a' }, ...rest });
    expect(json).toMatchObject({
      spec: { overhead: { cpu: '1' }, nodeSelector: { disk: 'ssd', zone: 'a' } },
    });
    expect(JSON.stringify(json)).toContain('"key":"sandboxed"');
  });

  it.each<[string, Partial<PodSpec>, string]>([
    ['none of the name', { runtimeClassName: 'light' }, 'RuntimeClass "light" not found'],
    [
      'another overhead',
      { runtimeClassName: 'heavy', overhead: { cpu: '2' } },
      "Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      'an overhead of no class',
      { overhead: { cpu: '2' } },
      'Pod Overhead set without corresponding RuntimeClass defined Overhead',
    ],
    [
      'another place',
      { runtimeClassName: 'heavy', nodeSelector: { disk: 'hdd' } },
      'conflict: runtimeClass.scheduling.nodeSelector[disk] = ssd; pod.spec.nodeSelector[disk] = hdd',
    ],
  ])('refuses pods: %s', async (_, rest, why) => {
    await using server = await start();
    expect((await createPod(server, rest)).json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: `pods "work" is forbidden: pod rejected: ${why}`,
    });
  });
});
