/** LimitRanges, over HTTPS. */
import { describe, expect, it } from 'vitest';
import type { LimitRangeItem, ResourceRequirements } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { Reply, TestServer } from '../../support/api-server.ts';

const base = '/api/v1/namespaces/default';

async function start(...limits: readonly LimitRangeItem[]): Promise<TestServer> {
  const server = await startTestServer();
  await server.send('POST', `${base}/limitranges`, { body: { metadata: { name: 'limits' }, spec: { limits } } });
  return server;
}

function createPod(server: TestServer, resources?: ResourceRequirements, init?: ResourceRequirements): Promise<Reply> {
  const container = (name: string, own?: ResourceRequirements) => ({
    name,
    image: 'work:1',
    ...(own && { resources: own }),
  });
  const body = {
    metadata: { name: 'work' },
    spec: { containers: [container('main', resources)], ...(init && { initContainers: [container('init', init)] }) },
  };
  return server.send('POST', `${base}/pods`, { body });
}

const createClaim = (server: TestServer, storage: string): Promise<Reply> =>
  server.send('POST', `${base}/persistentvolumeclaims`, {
    body: {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage } } },
    },
  });

describe('a LimitRange', () => {
  it('gives containers what they do not say, and notes that', async () => {
    await using server = await start({
      type: 'Container',
      default: { cpu: '500m', memory: '128Mi' },
      defaultRequest: { cpu: '100m', memory: '64Mi' },
    });
    const { json } = await createPod(server, { requests: { cpu: '50m' } }, { limits: { cpu: '1', memory: '1Gi' } });
    expect(json).toMatchObject({
      metadata: {
        annotations: {
          'kubernetes.io/limit-ranger':
            'LimitRanger plugin set: memory request for container main; cpu, memory limit for container main',
        },
      },
      spec: {
        containers: [
          { resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } } },
        ],
        initContainers: [{ resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } }],
      },
    });
  });

  it.each<[string, LimitRangeItem, ResourceRequirements, string]>([
    [
      'too little',
      { type: 'Container', min: { cpu: '100m' } },
      { requests: { cpu: '50m' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [
      'too much',
      { type: 'Container', max: { memory: '1Gi' } },
      { limits: { memory: '2Gi' } },
      'maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ],
    [
      'too much in a pod',
      { type: 'Pod', max: { cpu: '1' } },
      { limits: { cpu: '1500m' } },
      'maximum cpu usage per Pod is 1, but limit is 1500m',
    ],
    [
      'no limit',
      { type: 'Pod', max: { cpu: '1' } },
      { requests: { cpu: '1' } },
      'maximum cpu usage per Pod is 1.  No limit is specified',
    ],
    [
      'far more than asked for',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '100m' }, limits: { cpu: '500m' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000',
    ],
  ])('refuses %s', async (_, item, resources, text) => {
    await using server = await start(item);
    const { status, json } = await createPod(server, resources);
    expect(status).toBe(403);
    expect(json['message']).toBe(`pods "work" is forbidden: ${text}`);
  });

  it('bounds what claims ask for', async () => {
    await using server = await start({
      type: 'PersistentVolumeClaim',
      min: { storage: '1Gi' },
      max: { storage: '5Gi' },
    });
    const subject = 'persistentvolumeclaims "data" is forbidden';
    expect((await createClaim(server, '500Mi')).json['message']).toBe(
      `${subject}: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi`,
    );
    expect((await createClaim(server, '6Gi')).json['message']).toBe(
      `${subject}: maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi`,
    );
    expect((await createClaim(server, '2Gi')).status).toBe(201);
    expect(server.failures).toEqual([]);
  });
});
