/** An autoscaler of a Deployment, through the real API server, by a clock of its own. */
import { describe, expect, it } from 'vitest';
import type { Usage } from '../../../../src/runtime/apiserver/usage/usage-source.ts';
import { horizontalPodAutoscalerController } from '../../../../src/runtime/controllers/horizontal-pod-autoscaler/index.ts';
import { Deployment } from '../../../../src/types/kinds/apps/deployment.ts';
import { HorizontalPodAutoscaler } from '../../../../src/types/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { Event } from '../../../../src/types/kinds/core/event.ts';
import { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../src/types/kinds/core/service-account.ts';
import type { HorizontalPodAutoscalerSpec } from '../../../../src/types/kinds/generated/autoscaling-v2.gen.ts';
import { findCondition } from '../../../../src/types/conditions.ts';
import type { Persisted } from '../../../../src/types/meta.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startControlPlane } from '../control-plane.ts';
import type { ControlPlane } from '../control-plane.ts';

const labels = { app: 'web' };
const key = { namespace: 'default', name: 'web' };
const podSpec = { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }] };

interface Bench {
  readonly plane: ControlPlane;
  readonly clock: ManualClock;
  /** Millicores that each pod uses. */
  use(cpu: number): void;
  autoscale(spec?: Partial<HorizontalPodAutoscalerSpec>): Promise<void>;
  /** The autoscaler, once it is as wished. */
  until(
    holds: (autoscaler: Persisted<HorizontalPodAutoscaler>) => boolean,
  ): Promise<Persisted<HorizontalPodAutoscaler>>;
  replicas(): Promise<number | undefined>;
}

/** The Deployment's pods are all ready and old; its own controller does not run. */
async function start(replicas: number): Promise<Bench> {
  const clock = new ManualClock(new Date());
  let usage: Usage = { cpuNanoCores: 0, memoryBytes: 0 };
  const plane = await startControlPlane([horizontalPodAutoscalerController], clock, {
    pod: () => ({ timestamp: clock.now(), window: 15_000, containers: new Map([['c', usage]]) }),
    node: () => undefined,
    document: () => undefined,
  });
  const { client } = plane;
  await client
    .of(ServiceAccount)
    .create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...key, name: 'default' } });
  await client.of(Deployment).create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: key,
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } },
  });
  for (let i = 0; i < replicas; i++) {
    const metadata = { namespace: 'default', name: `web-${i}`, labels };
    const pod = await client.of(Pod).create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec });
    const startTime = new Date(clock.now().getTime() - 3_600_000).toISOString();
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: startTime }];
    await client.of(Pod).updateStatus({ ...pod, status: { phase: 'Running', startTime, conditions } });
  }
  return {
    plane,
    clock,
    use: (cpu) => (usage = { cpuNanoCores: cpu * 1e6, memoryBytes: 0 }),
    async autoscale(spec = {}) {
      await client.of(HorizontalPodAutoscaler).create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: key,
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          maxReplicas: 10,
          metrics: [
            { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
          ],
          ...spec,
        },
      });
    },
    async until(holds) {
      const [found] = await plane.until(HorizontalPodAutoscaler, ([one]) => one !== undefined && holds(one));
      if (!found) throw new Error('there is no autoscaler');
      return found;
    },
    replicas: async () => (await client.of(Deployment).get(key))?.spec?.replicas,
  };
}

const reasonOf = (autoscaler: HorizontalPodAutoscaler, type: string): string | undefined =>
  findCondition(autoscaler.status?.conditions, type)?.reason;

describe('an autoscaler', () => {
  it('scales up by use, and says so', async () => {
    const bench = await start(2);
    bench.use(100);
    await bench.autoscale();
    const autoscaler = await bench.until(({ status }) => status?.desiredReplicas === 4);
    expect(await bench.replicas()).toBe(4);
    expect(autoscaler.status).toMatchObject({
      currentReplicas: 2,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } },
      ],
      conditions: [
        { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale' },
        { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound' },
        { type: 'ScalingLimited', status: 'False', reason: 'DesiredWithinRange' },
      ],
    });
    const [event] = await bench.plane.until(Event, (all) => all.length > 0);
    expect(event).toMatchObject({
      reason: 'SuccessfulRescale',
      message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target',
    });
    expect(bench.plane.failures).toEqual([]);
  });

  it('looks every 15 seconds, and waits with going down', async () => {
    const bench = await start(4);
    bench.use(50);
    await bench.autoscale();
    await bench.until((autoscaler) => reasonOf(autoscaler, 'AbleToScale') === 'ReadyForNewScale');
    bench.use(5);
    await bench.clock.waitForTimers();
    await bench.clock.run(15_000);
    const waiting = await bench.until((autoscaler) => reasonOf(autoscaler, 'AbleToScale') === 'ScaleDownStabilized');
    expect(waiting.status).toMatchObject({
      desiredReplicas: 4,
      currentMetrics: [{ resource: { current: { averageUtilization: 5 } } }],
    });
    for (let passed = 0; passed < 300; passed += 15) await bench.clock.run(15_000);
    await bench.until(({ status }) => status?.desiredReplicas === 1);
    expect(await bench.replicas()).toBe(1);
  });

  it('keeps to its bounds whatever the metrics say', async () => {
    const bench = await start(2);
    await bench.autoscale({ minReplicas: 3 });
    await bench.until(({ status }) => status?.desiredReplicas === 3);
    const [event] = await bench.plane.until(Event, (all) => all.length > 0);
    expect(event?.message).toBe('New size: 3; reason: Current number of replicas below Spec.MinReplicas');
  });

  it('leaves alone what has been turned off', async () => {
    const bench = await start(0);
    await bench.autoscale();
    await bench.until((autoscaler) => reasonOf(autoscaler, 'ScalingActive') === 'ScalingDisabled');
    expect(await bench.replicas()).toBe(0);
  });

  it('says what it has no figures of', async () => {
    const bench = await start(2);
    const target = { type: 'AverageValue', averageValue: '5' };
    await bench.autoscale({ metrics: [{ type: 'Pods', pods: { metric: { name: 'queue' }, target } }] });
    const autoscaler = await bench.until((one) => reasonOf(one, 'ScalingActive') === 'FailedGetPodsMetric');
    expect(findCondition(autoscaler.status?.conditions, 'ScalingActive')?.message).toBe(
      'the HPA was unable to compute the replica count: failed to get pods metric value: unable to get metric queue: ' +
        'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    );
    const events = await bench.plane.until(Event, (all) => all.length > 1);
    expect(events.map(({ reason }) => reason).sort()).toEqual(['FailedComputeMetricsReplicas', 'FailedGetPodsMetric']);
  });

  it('says what it cannot scale', async () => {
    const bench = await start(1);
    await bench.autoscale({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' } });
    const autoscaler = await bench.until((one) => reasonOf(one, 'AbleToScale') === 'FailedGetScale');
    expect(findCondition(autoscaler.status?.conditions, 'AbleToScale')?.message).toBe(
      'the HPA controller was unable to get the target\'s current scale: deployments.apps "none" not found',
    );
  });

  it('shares no pods with another', async () => {
    const bench = await start(2);
    bench.use(100);
    await bench.autoscale({ minReplicas: 1, maxReplicas: 2 });
    await bench.until((one) => reasonOf(one, 'ScalingLimited') === 'TooManyReplicas');
    await bench.plane.client.of(HorizontalPodAutoscaler).create({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { ...key, name: 'second' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 9 },
    });
    await bench.plane.until(HorizontalPodAutoscaler, (all) =>
      all.some((one) => reasonOf(one, 'ScalingActive') === 'AmbiguousSelector'),
    );
    expect(await bench.replicas()).toBe(2);
  });
});
