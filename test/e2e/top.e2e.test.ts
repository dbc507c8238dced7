/** What pods and nodes use, as kubectl shows it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { Kubectl, kubectlBinaries } from '../support/kubectl.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: busy }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: burning
      image: ${BUSYBOX_IMAGE}
      command: [sh, -c, 'while :; do :; done']
      resources: { limits: { cpu: 200m } }
    - name: holding
      image: ${BUSYBOX_IMAGE}
      command: [sh, -c, 'head -c 30000000 /dev/zero > /held/x; sleep 1000']
      volumeMounts: [{ name: held, mountPath: /held }]
      # Ready once it holds what it is to hold, and has run long enough to be measured.
      readinessProbe: { exec: { command: [sh, -c, '[ $(wc -c < /held/x) = 30000000 ]'] }, initialDelaySeconds: 2 }
  volumes: [{ name: held, emptyDir: { medium: Memory } }]
`;

const holding = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: holding }
spec:
  selector: { matchLabels: { app: holding } }
  template:
    metadata: { labels: { app: holding } }
    spec:
      terminationGracePeriodSeconds: 0
      volumes: [{ name: held, emptyDir: { medium: Memory } }]
      containers:
        - name: holding
          image: ${BUSYBOX_IMAGE}
          command: [sh, -c, 'head -c 30000000 /dev/zero > /held/x; sleep 1000']
          volumeMounts: [{ name: held, mountPath: /held }]
          readinessProbe: { exec: { command: [sh, -c, '[ $(wc -c < /held/x) = 30000000 ]'] }, initialDelaySeconds: 2 }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: holding }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: holding }
  maxReplicas: 2
  metrics: [{ type: Resource, resource: { name: memory, target: { type: AverageValue, averageValue: 10Mi } } }]
`;

describe('an autoscaler', () => {
  it('scales by what pods use', async () => {
    const { kubectl } = await test.namespace();
    const [deployment = '', autoscaler = ''] = holding.split('---\n');
    await kubectl.apply(deployment);
    await kubectl.ok('rollout status deployment/holding --timeout=300s');
    await kubectl.apply(autoscaler);
    await kubectl.ok('wait deployment/holding --for=jsonpath={.status.availableReplicas}=2 --timeout=300s');
    expect(await kubectl.ok('get hpa holding')).toMatch(/Deployment\/holding +\S*\d+\S*\/10Mi +1 +2/);
    expect(await kubectl.ok('describe hpa holding')).toMatch(
      /SuccessfulRescale.*New size: 2; reason: memory resource above target/,
    );
  });
});

describe('top', () => {
  it('shows containers, pods and the node', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(manifest);
    await kubectl.ok('wait pod/busy --for=condition=Ready --timeout=300s');
    const lines = (await kubectl.ok('top pods --containers --no-headers --sort-by=cpu')).split('\n');
    const figures = lines.map((line) => /^busy +(\S+) +(\d+)m +(\d+)Mi/.exec(line)?.slice(1) ?? []);
    expect(figures.map(([container]) => container)).toEqual(['burning', 'holding']);
    const cpu = Number(figures[0]?.[1]);
    expect(cpu).toBeGreaterThan(30);
    expect(cpu).toBeLessThan(300);
    expect(Number(figures[1]?.[2])).toBeGreaterThanOrEqual(28);
    for (const binary of kubectlBinaries()) {
      const old = new Kubectl(kubectl.kubeconfig, { binary });
      expect(await old.ok('top pods -A')).toMatch(new RegExp(`${name} +busy +\\d+m +\\d+Mi`));
      expect(await old.ok('top nodes')).toMatch(new RegExp(`${test.cluster.nodeName} +\\d+m +\\d+% +\\d+Mi +\\d+%`));
    }
  });
});
