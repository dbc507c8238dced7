/** Taking the node out of service and back: `cordon`, `drain` under a PodDisruptionBudget, `uncordon`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { Kubectl, kubectlBinaries } from '../support/kubectl.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: web, image: ${BUSYBOX_IMAGE}, command: [sleep, '1000'] }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { maxUnavailable: 0, selector: { matchLabels: { app: web } } }
`;

describe('a node', () => {
  it('is drained as far as budgets allow, and takes pods again', async () => {
    const { cluster } = test;
    const { kubectl } = await test.namespace();
    const oldest = kubectlBinaries().at(-1);
    const drain = ['drain', cluster.nodeName, '--ignore-daemonsets', '--force', '--delete-emptydir-data'];
    await kubectl.apply(manifests);
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    await kubectl.ok('wait pdb/web --for=jsonpath={.status.currentHealthy}=2 --timeout=30s');
    const kept = await kubectl.run([...drain, '--timeout=1s']);
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    expect(await kubectl.ok('get nodes')).toContain('Ready,SchedulingDisabled');
    await kubectl.ok(['patch', 'pdb', 'web', '--type=merge', '-p', '{"spec":{"maxUnavailable":"100%"}}']);
    await kubectl.ok('wait pdb/web --for=jsonpath={.status.disruptionsAllowed}=2 --timeout=30s');
    const dry = await kubectl.ok([...drain, '--dry-run=server', '--timeout=30s']);
    expect(dry).toContain('(server dry run)');
    expect(await kubectl.ok('get pods --field-selector=status.phase=Running -o name')).toMatch(/web-.*\n.*web-/);
    const old = new Kubectl(cluster.kubeconfigFile, oldest ? { binary: oldest } : {});
    expect(await old.ok([...drain, '--timeout=300s'])).toContain(`node/${cluster.nodeName} drained`);
    expect(await kubectl.ok('get pods --field-selector=status.phase=Running -o name')).toBe('');
    await kubectl.ok(`uncordon ${cluster.nodeName}`);
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    expect(test.complaints).toEqual([]);
  });
});

/** A pod that takes more than half of the node's cores. */
const large = (name: string, millicores: number): string => `
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: { name: ${name} }
value: ${name === 'minor' ? 1 : 1000}
---
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  priorityClassName: ${name}
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: ${BUSYBOX_IMAGE}
      command: [sleep, '1000']
      resources: { requests: { cpu: ${millicores}m } }
`;

describe('the scheduler', () => {
  it('makes room for a more important pod', async () => {
    const { cluster } = test;
    const { kubectl } = await test.namespace();
    const cores = await kubectl.ok(`get node ${cluster.nodeName} -o jsonpath={.status.allocatable.cpu}`);
    const half = Number(cores) * 600;
    await kubectl.apply(large('minor', half));
    await kubectl.ok('wait pod/minor --for=condition=Ready --timeout=300s');
    await kubectl.apply(large('major', half));
    await kubectl.ok('wait pod/major --for=condition=Ready --timeout=300s');
    expect(await kubectl.refused('get pod minor')).toContain('not found');
    expect(await kubectl.ok('get events --field-selector=reason=Preempted')).toMatch(
      /pod\/minor +Preempted by pod \S+ on node/,
    );
    expect(test.complaints).toEqual([]);
  });
});
