/** Deployments, Services, names and garbage in a whole cluster. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigMap } from '../../src/types/kinds/core/config-map.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import { ReplicaSet } from '../../src/types/kinds/apps/replica-set.ts';
import { BUSYBOX_IMAGE, NODE_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { connectAll } from '../support/connections.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

/** Answers with version and hostname; ends as a server should: finishes what it has, takes what was on its way. */
const SERVE = `const s = require('http').createServer((q, r) => { r.setHeader('connection', 'close'); r.end(process.env.VERSION + ' ' + process.env.HOSTNAME); });
s.listen(8080); process.on('SIGTERM', () => s.close(() => process.exit(0)));`;

function web(version: string, replicas: number): string {
  const container = {
    name: 'web',
    image: NODE_IMAGE,
    command: ['node', '-e', SERVE],
    env: [{ name: 'VERSION', value: version }],
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
  };
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { terminationGracePeriodSeconds: 10, containers: [container] },
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
  };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  };
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [deployment, service] });
}

async function podNames(kubectl: Kubectl): Promise<readonly string[]> {
  return (await kubectl.ok('get pods -l app=web -o jsonpath={.items[*].metadata.name}')).split(' ');
}

// First and alone, since it measures.
describe('a rolling update', () => {
  it('fails no connection, by cluster address or node port, and both versions answer from every replica', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(web('v1', 3));
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    const old = await podNames(kubectl);
    const [ip = '', nodePort = ''] = (
      await kubectl.ok('get service web -o jsonpath={.spec.clusterIP}|{.spec.ports[0].nodePort}')
    ).split('|');
    await using traffic = connectAll([`http://${ip}/`, `http://127.0.0.1:${nodePort}/`], 60);
    await traffic.until(300);
    await kubectl.apply(web('v2', 3));
    await kubectl.ok('rollout status deployment/web --timeout=90s');
    const fresh = await podNames(kubectl);
    await traffic.until(300);
    const { failures, bodies, perSecond } = await traffic.stop();
    expect(failures).toEqual([]);
    for (const name of old) expect(bodies).toContain(`v1 ${name}`);
    for (const name of fresh.filter((name) => !old.includes(name))) expect(bodies).toContain(`v2 ${name}`);
    expect(perSecond).toBeGreaterThanOrEqual(100);
  });
});

describe.concurrent('a deployment', () => {
  it('replaces a deleted pod, and scales', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(web('v1', 2));
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    const [first = ''] = await podNames(kubectl);
    await kubectl.ok(['delete', 'pod', first]);
    const pods = await until(
      test.cluster.client,
      Pod,
      { namespace: name, labelSelector: 'app=web' },
      (found) =>
        found.length === 2 &&
        found.every(({ status }) =>
          status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        ),
    );
    expect(pods.map(({ metadata }) => metadata.name)).not.toContain(first);
    await kubectl.ok('scale deployment web --replicas=0');
    await until(test.cluster.client, Pod, { namespace: name, labelSelector: 'app=web' }, (found) => found.length === 0);
  });

  it('says that it makes no progress', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.ok('create deployment bad --image=localhost:1/none:1');
    await kubectl.ok(['patch', 'deployment', 'bad', '-p', '{"spec":{"progressDeadlineSeconds":2}}']);
    expect(await kubectl.refused('rollout status deployment/bad --timeout=300s')).toContain(
      'deployment "bad" exceeded its progress deadline',
    );
  });

  it('recreates where that is the strategy', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(web('v1', 1));
    await kubectl.ok([
      'patch',
      'deployment',
      'web',
      '-p',
      '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}',
    ]);
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    const [before = ''] = await podNames(kubectl);
    await kubectl.ok('set env deployment/web VERSION=v2');
    await kubectl.ok(['wait', `pod/${before}`, '--for=delete', '--timeout=300s']);
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    expect(await podNames(kubectl)).not.toContain(before);
  });
});

describe.concurrent('names and addresses', () => {
  it('are found from within a pod', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(web('v1', 1));
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    await kubectl.ok(['run', 'box', `--image=${BUSYBOX_IMAGE}`, '--', 'sleep', '1000']);
    await kubectl.ok('wait pod/box --for=condition=Ready --timeout=300s');
    const inside = (...command: readonly string[]) => kubectl.ok(['exec', 'box', '--', ...command]);
    const ip = await kubectl.ok('get service web -o jsonpath={.spec.clusterIP}');
    const podIp = await kubectl.ok('get pods -l app=web -o jsonpath={.items[0].status.podIP}');
    expect(await inside('nslookup', `web.${name}.svc.cluster.local`)).toContain(`Address: ${ip}`);
    expect(await inside('nslookup', 'kubernetes.default.svc.cluster.local')).toContain('Address: 10.');
    expect((await kubectl.run(['exec', 'box', '--', 'nslookup', 'absent.default.svc.cluster.local'])).stdout).toContain(
      'NXDOMAIN',
    );
    for (const host of ['web', `web.${name}`, `web.${name}.svc.cluster.local`, ip, `${podIp}:8080`]) {
      expect(await inside('wget', '-qO-', `http://${host}/`)).toMatch(/^v1 web-/);
    }
    expect(await inside('cat', '/etc/resolv.conf')).toContain(
      `search ${name}.svc.cluster.local svc.cluster.local cluster.local`,
    );
    expect(await (await fetch(`http://${podIp}:8080/`)).text()).toMatch(/^v1 web-/);
    await kubectl.ok('scale deployment web --replicas=0');
    await kubectl.ok('wait pod -l app=web --for=delete --timeout=300s');
    await expect(fetch(`http://${ip}/`)).rejects.toThrow();
  });
});

describe.concurrent('deletion', () => {
  const child = (owner: string, uid: string, name: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true }],
      },
    });

  it.each(['background', 'foreground', 'orphan'])('takes what is owned along, or leaves it: %s', async (cascade) => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok('create configmap owner');
    const uid = await kubectl.ok('get configmap owner -o jsonpath={.metadata.uid}');
    await kubectl.apply(child('owner', uid, 'owned'));
    await kubectl.ok(['delete', 'configmap', 'owner', `--cascade=${cascade}`]);
    const names = cascade === 'orphan' ? ['kube-root-ca.crt', 'owned'] : ['kube-root-ca.crt'];
    await until(
      test.cluster.client,
      ConfigMap,
      { namespace: name },
      (found) => JSON.stringify(found.map(({ metadata }) => metadata.name).sort()) === JSON.stringify(names),
    );
    if (cascade === 'orphan') {
      expect(await kubectl.ok('get configmap owned -o jsonpath={.metadata.ownerReferences}')).toBe('');
    }
  });

  it('takes pods with their deployment, or leaves them', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(web('v1', 1));
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    await kubectl.ok('delete deployment web --cascade=orphan');
    const [set] = await until(test.cluster.client, ReplicaSet, { namespace: name }, (found) =>
      found.every(({ metadata }) => (metadata.ownerReferences ?? []).length === 0),
    );
    expect(set).toBeDefined();
    await kubectl.ok(['delete', 'replicaset', set?.metadata.name ?? '', '--cascade=foreground']);
    await until(test.cluster.client, Pod, { namespace: name }, (found) => found.length === 0);
  });

  it('empties a namespace, and waits for finalizers', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(web('v1', 1));
    await kubectl.ok('create configmap held');
    await kubectl.ok(['patch', 'configmap', 'held', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}']);
    await kubectl.ok(['delete', 'namespace', name, '--wait=false']);
    await until(test.cluster.client, Pod, { namespace: name }, (found) => found.length === 0);
    expect(await kubectl.ok(['get', 'namespace', name])).toContain('Terminating');
    expect(await kubectl.refused('create configmap late')).toContain('because it is being terminated');
    await kubectl.ok(['patch', 'configmap', 'held', '-p', '{"metadata":{"finalizers":null}}']);
    await kubectl.ok(['wait', `namespace/${name}`, '--for=delete', '--timeout=300s']);
  });
});
