/** StatefulSets and DaemonSets with stock kubectl and real containers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DaemonSet } from '../../src/types/kinds/apps/daemon-set.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

const list = (...items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

/** Runs until it is told to end; ready while there is a file. */
function template(app: string, spec: object = {}): object {
  const container = {
    name: 'main',
    image: BUSYBOX_IMAGE,
    command: ['sh', '-c', 'trap "exit 0" TERM; touch /tmp/ready; while :; do sleep 0.1; done'],
    env: [{ name: 'VERSION', value: 'v1' }],
    readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 },
  };
  return { metadata: { labels: { app } }, spec: { containers: [container], ...spec } };
}

function headless(name: string, spec: object = {}): object {
  const ports = [{ name: 'http', port: 80 }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { clusterIP: 'None', selector: { app: name }, ports, ...spec },
  };
}

function statefulSet(name: string, spec: object = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName: name,
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: template(name),
      ...spec,
    },
  };
}

const versionOf = (kubectl: Kubectl, pod: string): Promise<string> =>
  kubectl.ok(['exec', pod, '--', 'sh', '-c', 'echo $VERSION']);
const uidOf = (pod: Pod | undefined): string | undefined => pod?.metadata.uid;

describe.concurrent('a StatefulSet', () => {
  it('has pods whose names can be looked up, and keeps them through restarts, rollouts and scaling', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(list(headless('web'), statefulSet('web')));
    await kubectl.ok('rollout status statefulset/web --timeout=300s');
    const inside = (pod: string, ...command: readonly string[]): Promise<string> =>
      kubectl.ok(['exec', pod, '--', ...command]);
    const addressOf = (pod: string): Promise<string> =>
      kubectl.ok(['get', 'pod', pod, '-o', 'jsonpath={.status.podIP}']);
    expect(await inside('web-1', 'hostname')).toBe('web-1');
    const zone = `web.${name}.svc.cluster.local`;
    for (const pod of ['web-0', 'web-1']) {
      expect(await inside('web-0', 'nslookup', `${pod}.${zone}`)).toContain(`Address: ${await addressOf(pod)}`);
    }
    expect(await inside('web-1', 'hostname', '-f')).toBe(`web-1.${zone}`);
    await kubectl.ok('delete pod web-0');
    await kubectl.ok('rollout status statefulset/web --timeout=300s');
    expect(await inside('web-1', 'nslookup', `web-0.${zone}`)).toContain(`Address: ${await addressOf('web-0')}`);

    await kubectl.ok('set env statefulset/web VERSION=v2');
    await kubectl.ok('rollout status statefulset/web --timeout=300s');
    expect(await versionOf(kubectl, 'web-0')).toBe('v2');
    expect(await kubectl.ok('rollout history statefulset/web')).toMatch(/\n1 +<none>\n2 +<none>/);
    expect(await kubectl.ok('rollout history statefulset/web --revision=1')).toMatch(/VERSION:\s+v1/);
    await kubectl.ok('rollout undo statefulset/web');
    await kubectl.ok('rollout status statefulset/web --timeout=300s');
    expect(await versionOf(kubectl, 'web-0')).toBe('v1');
    expect(await kubectl.ok('rollout history statefulset/web')).toMatch(/\n2 +<none>\n3 +<none>/);
    await kubectl.ok('rollout restart statefulset/web');
    expect(await kubectl.ok('rollout status statefulset/web --timeout=300s')).toContain('complete');
    expect(await kubectl.refused('rollout pause statefulset/web')).toContain('pausing is not supported');

    await kubectl.ok('scale statefulset web --replicas=1');
    await kubectl.ok('wait pod/web-1 --for=delete --timeout=300s');
    expect(await kubectl.ok('get statefulset web')).toMatch(/web +1\/1/);
    expect(await kubectl.ok('describe statefulset web')).toMatch(
      /SuccessfulDelete .* delete Pod web-1 in StatefulSet web successful/,
    );
  });

  it('publishes pods that are not ready where the Service says so', async () => {
    const { kubectl, name } = await test.namespace();
    const lame = template('peer', {
      containers: [
        {
          name: 'main',
          image: BUSYBOX_IMAGE,
          command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'],
          readinessProbe: { exec: { command: ['false'] }, periodSeconds: 1 },
        },
      ],
    });
    await kubectl.apply(
      list(
        headless('peer', { publishNotReadyAddresses: true }),
        statefulSet('peer', { podManagementPolicy: 'Parallel', template: lame }),
      ),
    );
    await kubectl.ok('wait pod/peer-0 pod/peer-1 --for=jsonpath={.status.phase}=Running --timeout=300s');
    const ip = await kubectl.ok('get pod peer-1 -o jsonpath={.status.podIP}');
    const lookup = `until nslookup peer-1.peer.${name}.svc.cluster.local; do sleep 0.1; done`;
    expect(await kubectl.ok(['exec', 'peer-0', '--', 'sh', '-c', lookup])).toContain(`Address: ${ip}`);
    expect(await kubectl.ok('get statefulset peer')).toMatch(/peer +0\/2/);
  });

  it('updates down to its partition, and leaves orphans that it takes in again', async () => {
    const { kubectl, name } = await test.namespace();
    const where = { namespace: name, labelSelector: 'app=web' };
    await kubectl.apply(list(statefulSet('web', { updateStrategy: { rollingUpdate: { partition: 1 } } })));
    await kubectl.ok('rollout status statefulset/web --timeout=300s');
    await kubectl.ok('set env statefulset/web VERSION=v2');
    expect(await kubectl.ok('rollout status statefulset/web --timeout=300s')).toContain(
      'partitioned roll out complete',
    );
    expect([await versionOf(kubectl, 'web-0'), await versionOf(kubectl, 'web-1')]).toEqual(['v1', 'v2']);
    const uids = await kubectl.ok('get pods -l app=web -o jsonpath={.items[*].metadata.uid}');
    await kubectl.ok('delete statefulset web --cascade=orphan');
    await until(test.cluster.client, Pod, where, (pods) =>
      pods.every(({ metadata }) => (metadata.ownerReferences ?? []).length === 0),
    );
    await kubectl.apply(list(statefulSet('web', { updateStrategy: { type: 'OnDelete' } })));
    await until(test.cluster.client, Pod, where, (pods) =>
      pods.every(({ metadata }) => metadata.ownerReferences?.[0]?.name === 'web'),
    );
    expect(await kubectl.ok('get pods -l app=web -o jsonpath={.items[*].metadata.uid}')).toBe(uids);
    await kubectl.ok('delete statefulset web');
    await until(test.cluster.client, Pod, where, (pods) => pods.length === 0);
  });

  it('tries again until its node takes the pod', async () => {
    const { kubectl, name } = await test.namespace();
    const nodeName = await kubectl.ok('get nodes -o jsonpath={.items[0].metadata.name}');
    const port = { ports: [{ containerPort: 80, hostPort: 21017 }] };
    const held = { name: 'main', image: BUSYBOX_IMAGE, command: ['sleep', '1000'], ...port };
    const spec = { nodeName, terminationGracePeriodSeconds: 0, containers: [held] };
    await kubectl.apply(list({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'holder' }, spec }));
    await kubectl.ok('wait pod/holder --for=condition=Ready --timeout=300s');
    await kubectl.apply(list(statefulSet('port', { replicas: 1, template: template('port', spec) })));
    const where = { namespace: name, labelSelector: 'app=port' };
    const [first] = await until(test.cluster.client, Pod, where, ([pod]) => pod?.status?.phase === 'Failed');
    expect(first?.status).toMatchObject({
      reason: 'NodePorts',
      message: expect.stringContaining("didn't have free ports"),
    });
    await until(test.cluster.client, Pod, where, ([pod]) => uidOf(pod) !== undefined && uidOf(pod) !== uidOf(first));
    await kubectl.ok('delete pod holder');
    const [last] = await until(test.cluster.client, Pod, where, ([pod]) => pod?.status?.phase === 'Running');
    expect(last?.metadata.name).toBe('port-0');
  });

  it('gives each pod a volume of its own, which outlives it', async () => {
    const { kubectl } = await test.namespace();
    const container = {
      name: 'main',
      image: BUSYBOX_IMAGE,
      command: ['sh', '-c', 'trap "exit 0" TERM; hostname >> /data/log; while :; do sleep 0.1; done'],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const claims = {
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
        },
      ],
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Retain' },
      template: template('db', { containers: [container] }),
    };
    await kubectl.apply(list(statefulSet('db', claims)));
    await kubectl.ok('rollout status statefulset/db --timeout=300s');
    await kubectl.ok('delete pod db-0 db-1');
    await kubectl.ok('rollout status statefulset/db --timeout=300s');
    const log = (pod: string): Promise<string> => kubectl.ok(['exec', pod, '--', 'cat', '/data/log']);
    expect([await log('db-0'), await log('db-1')]).toEqual(['db-0\ndb-0', 'db-1\ndb-1']);
    await kubectl.ok('scale statefulset db --replicas=1');
    await kubectl.ok('wait pvc/data-db-1 --for=delete --timeout=300s');
    await kubectl.ok('scale statefulset db --replicas=2');
    await kubectl.ok('rollout status statefulset/db --timeout=300s');
    expect([await log('db-0'), await log('db-1')]).toEqual(['db-0\ndb-0', 'db-1']);
    await kubectl.ok('delete statefulset db');
    await kubectl.ok('wait pod -l app=db --for=delete --timeout=300s');
    expect(await kubectl.ok('get pvc -o jsonpath={.items[*].metadata.name}')).toBe('data-db-0 data-db-1');
  });
});

describe.concurrent('a DaemonSet', () => {
  const daemonSet = (spec: object = {}): string =>
    list({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent'), ...spec },
    });
  const podName = (kubectl: Kubectl): Promise<string> =>
    kubectl.ok('get pods -l app=agent --field-selector=status.phase=Running -o jsonpath={.items[*].metadata.name}');

  it('runs on the node, rolls out, and goes back', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(daemonSet());
    expect(await kubectl.ok('rollout status daemonset/agent --timeout=300s')).toContain('successfully rolled out');
    expect(await kubectl.ok('get daemonset agent')).toMatch(/agent +1 +1 +1 +1 +1 +<none>/);
    await kubectl.ok('set env daemonset/agent VERSION=v2');
    await kubectl.ok('rollout status daemonset/agent --timeout=300s');
    expect(await versionOf(kubectl, await podName(kubectl))).toBe('v2');
    expect(await kubectl.ok('rollout history daemonset/agent --revision=1')).toMatch(/VERSION:\s+v1/);
    await kubectl.ok('rollout undo daemonset/agent --to-revision=1');
    await kubectl.ok('rollout status daemonset/agent --timeout=300s');
    expect(await versionOf(kubectl, await podName(kubectl))).toBe('v1');
    expect(await kubectl.ok('rollout history daemonset/agent')).toMatch(/\n2 +<none>\n3 +<none>/);
    const before = await podName(kubectl);
    await kubectl.ok('rollout restart daemonset/agent');
    await kubectl.ok('rollout status daemonset/agent --timeout=300s');
    expect(await podName(kubectl)).not.toBe(before);
    expect(await kubectl.ok('describe daemonset agent')).toMatch(/SuccessfulCreate .* Created pod: agent-/);
  });

  it('surges: the new pod is there before the old one goes', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }));
    await kubectl.ok('rollout status daemonset/agent --timeout=300s');
    await using watch = kubectl.follow('get daemonset agent -w -o jsonpath={.status.numberAvailable}{"\\n"}');
    await watch.line(/^1$/);
    await kubectl.ok('set env daemonset/agent VERSION=v2');
    await kubectl.ok('rollout status daemonset/agent --timeout=300s');
    // The one before it may still be ending.
    await until(
      test.cluster.client,
      Pod,
      { namespace: name, labelSelector: 'app=agent' },
      ({ length }) => length === 1,
    );
    expect(await versionOf(kubectl, await podName(kubectl))).toBe('v2');
    expect(watch.lines.filter((line) => line !== '1')).toEqual([]);
  });

  it('follows the labels of nodes', async () => {
    const { kubectl, name } = await test.namespace();
    const where = { namespace: name, labelSelector: 'app=agent' };
    await kubectl.apply(daemonSet({ template: template('agent', { nodeSelector: { [`${name}/disk`]: 'ssd' } }) }));
    await until(
      test.cluster.client,
      DaemonSet,
      { namespace: name },
      ([set]) => set?.status?.observedGeneration === 1 && set.status.desiredNumberScheduled === 0,
    );
    const node = await kubectl.ok('get nodes -o jsonpath={.items[0].metadata.name}');
    await kubectl.ok(['label', 'node', node, `${name}/disk=ssd`]);
    await kubectl.ok('rollout status daemonset/agent --timeout=300s');
    await until(test.cluster.client, Pod, where, ([pod]) => pod?.spec?.nodeName === node);
    await kubectl.ok(['label', 'node', node, `${name}/disk-`]);
    await until(test.cluster.client, Pod, where, (pods) => pods.length === 0);
  });
});
