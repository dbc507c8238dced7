import { describe, expect, it } from 'vitest';
import { podStatus, type StatusInput } from '../../../src/runtime/kubelet/pod-status.ts';
import type { Pod, PodStatus } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { container, NOW, observe, podOf, UP, type Run } from './pod-case.ts';

const init = container('init');
const sidecar = container('side', { restartPolicy: 'Always' });
const crash = { reason: 'CrashLoopBackOff', message: 'back-off' };

type Runs = Readonly<Record<string, Run | readonly Run[]>>;

function statusOf(pod: Pod, runs: Runs, rest: Partial<StatusInput> = {}): PodStatus {
  const observed = observe(runs);
  const running = [...observed.containers.values()].flat().filter(({ state }) => state.status === 'running');
  const up = new Set(running.map(({ state }) => state.id));
  return podStatus({
    ...{ pod, observed, now: NOW, waiting: new Map(), restarting: new Set(), ready: up, started: up },
    ...{ messages: new Map(), imageDigests: new Map(), ended: undefined },
    address: { podIp: runs['POD'] ? '10.0.0.2' : undefined, hostIp: '10.0.0.1' },
    sandboxReady: runs['POD'] !== undefined,
    ...rest,
  });
}

/** `Phase condition=status(reason) ... name=state` */
function told(status: PodStatus): string {
  const short: Readonly<Record<string, string>> = { Initialized: 'I', Ready: 'R', ContainersReady: 'C' };
  const conditions = (status.conditions ?? []).flatMap((one) => {
    const name = short[one.type];
    return name === undefined ? [] : [`${one.status === 'True' ? '+' : '-'}${name}`];
  });
  const lists = [status.initContainerStatuses, status.containerStatuses, status.ephemeralContainerStatuses];
  const states = lists
    .flatMap((list) => list ?? [])
    .map(({ name, state, lastState }) => {
      const text = state?.running
        ? 'up'
        : (state?.waiting?.reason ?? `${state?.terminated?.reason} ${state?.terminated?.exitCode}`);
      return `${name}=${text}${lastState?.terminated ? ` after ${lastState.terminated.exitCode}` : ''}`;
    });
  return [`${status.phase} ${conditions.join('')}`, ...states].join(', ');
}

const never = { restartPolicy: 'Never' } as const;
const ended = { reason: '', message: '', phase: undefined };

const cases: readonly (readonly [string, PodStatus, string])[] = [
  ['nothing yet', statusOf(podOf(), {}), 'Pending +I-R-C, app=ContainerCreating'],
  [
    'nothing yet, with an init container',
    statusOf(podOf({ initContainers: [init] }), {}),
    'Pending -I-R-C, init=PodInitializing, app=PodInitializing',
  ],
  [
    'a container made and not begun',
    statusOf(podOf(), { POD: UP, app: { is: 'created' } }),
    'Pending +I-R-C, app=ContainerCreating',
  ],
  [
    'a pod that the node did not take',
    statusOf(
      podOf({ initContainers: [init] }),
      {},
      {
        ended: { reason: 'NodePorts', message: 'no free ports', phase: 'Failed' },
        rejected: true,
      },
    ),
    'Failed -I-R-C',
  ],
  ['a container that runs', statusOf(podOf(), { POD: UP, app: UP }), 'Running +I+R+C, app=up'],
  [
    'a container that is not ready',
    statusOf(podOf(), { POD: UP, app: UP }, { ready: new Set() }),
    'Running +I-R-C, app=up',
  ],
  [
    'an init container that runs',
    statusOf(podOf({ initContainers: [init] }), { POD: UP, init: UP }),
    'Pending -I-R-C, init=up, app=PodInitializing',
  ],
  [
    'an init container that is done',
    statusOf(podOf({ initContainers: [init] }), { POD: UP, init: { exit: 0 } }),
    'Pending +I-R-C, init=Completed 0, app=PodInitializing',
  ],
  [
    'an init container that failed',
    statusOf(podOf({ ...never, initContainers: [init] }), { POD: UP, init: { exit: 3 } }),
    'Failed -I-R-C, init=Error 3, app=PodInitializing',
  ],
  [
    'an init container that failed and is tried again',
    statusOf(
      podOf({ initContainers: [init] }),
      { POD: UP, init: { exit: 3 } },
      { waiting: new Map([['init', crash]]) },
    ),
    'Pending -I-R-C, init=CrashLoopBackOff after 3, app=PodInitializing',
  ],
  [
    'a sidecar that runs',
    statusOf(podOf({ initContainers: [sidecar] }), { POD: UP, side: UP }),
    'Pending +I-R-C, side=up, app=PodInitializing',
  ],
  [
    'a sidecar that is not ready',
    statusOf(podOf({ initContainers: [sidecar] }), { POD: UP, side: UP, app: UP }, { ready: new Set(['app-0']) }),
    'Running +I-R-C, side=up, app=up',
  ],
  [
    'a crash loop',
    statusOf(podOf(), { POD: UP, app: { exit: 1 } }, { waiting: new Map([['app', crash]]) }),
    'Running +I-R-C, app=CrashLoopBackOff after 1',
  ],
  [
    'a restarted container',
    statusOf(podOf(), { POD: UP, app: [{ exit: 1 }, { attempt: 1, is: 'running' }] }),
    'Running +I+R+C, app=up after 1',
  ],
  [
    'an end for lack of memory',
    statusOf(podOf(never), { POD: UP, app: { exit: 137, oom: true } }),
    'Failed +I-R-C, app=OOMKilled 137',
  ],
  [
    'a command that cannot be started',
    statusOf(podOf(never), { POD: UP, app: { exit: 127, error: 'no such file' } }),
    'Failed +I-R-C, app=ContainerCannotRun 127',
  ],
  ['success', statusOf(podOf(never), { POD: UP, app: { exit: 0 } }), 'Succeeded +I-R-C, app=Completed 0'],
  [
    'one done, one up',
    statusOf(podOf({ ...never, containers: [container('app'), container('b')] }), { POD: UP, app: { exit: 0 }, b: UP }),
    'Running +I-R-C, app=Completed 0, b=up',
  ],
  [
    'one failed, one succeeded',
    statusOf(podOf({ ...never, containers: [container('app'), container('b')] }), {
      POD: UP,
      app: { exit: 1 },
      b: { exit: 0 },
    }),
    'Failed +I-R-C, app=Error 1, b=Completed 0',
  ],
  [
    'stopped on purpose, all well',
    statusOf(podOf(), { POD: UP, app: { exit: 0 } }, { ended }),
    'Succeeded +I-R-C, app=Completed 0',
  ],
  [
    'stopped on purpose, killed',
    statusOf(podOf(), { POD: UP, app: { exit: 137 } }, { ended }),
    'Failed +I-R-C, app=Error 137',
  ],
  [
    'stopped at its deadline',
    statusOf(
      podOf(),
      { POD: UP, app: { exit: 0 } },
      { ended: { ...ended, reason: 'DeadlineExceeded', phase: 'Failed' } },
    ),
    'Failed +I-R-C, app=Completed 0',
  ],
  ['once failed, always failed', statusOf(podOf({}, { phase: 'Failed' }), {}), 'Failed +I-R-C, app=ContainerCreating'],
  [
    'an image that cannot be had',
    statusOf(podOf(), { POD: UP }, { waiting: new Map([['app', { reason: 'ErrImagePull', message: 'no' }]]) }),
    'Pending +I-R-C, app=ErrImagePull',
  ],
  [
    'an ephemeral container',
    statusOf(podOf({ ephemeralContainers: [container('debug')] }), { POD: UP, app: UP, debug: { exit: 2 } }),
    'Running +I+R+C, app=up, debug=Error 2',
  ],
  [
    'an ephemeral container on its way',
    statusOf(podOf({ ephemeralContainers: [container('debug')] }), { POD: UP, app: UP }),
    'Running +I+R+C, app=up, debug=ContainerCreating',
  ],
];

describe('status of a pod', () => {
  it.each(cases)('%s', (_what, status, expected) => expect(told(status)).toBe(expected));

  it('is complete', () => {
    const pod = podOf({}, { phase: 'Running', startTime: '2026-01-01T00:08:00Z' }, { generation: 4 });
    const digest = 'app@sha256:1';
    const status = statusOf(pod, { POD: UP, app: [UP] }, { imageDigests: new Map([['sha256:app', digest]]) });
    expect(status).toMatchObject({
      ...{ observedGeneration: 4, phase: 'Running', hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.1' }] },
      ...{ podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }], startTime: '2026-01-01T00:08:00Z', qosClass: 'BestEffort' },
      containerStatuses: [
        {
          ...{ name: 'app', image: 'app:1', imageID: `docker-pullable://${digest}`, containerID: 'docker://app-0' },
          ...{ ready: true, started: true, restartCount: 0, state: { running: { startedAt: '2026-01-01T00:08:00Z' } } },
        },
      ],
    });
  });

  it('asks the readiness gates', () => {
    const spec = { readinessGates: [{ conditionType: 'example.com/gate' }] };
    const ready = (status?: PodStatus): unknown =>
      statusOf(podOf(spec, status), { POD: UP, app: UP }).conditions?.find(({ type }) => type === 'Ready');
    const message = 'corresponding condition of pod readiness gate "example.com/gate" does not exist.';
    expect(ready()).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady', message });
    const gate = (status: 'True' | 'False'): PodStatus => ({ conditions: [{ type: 'example.com/gate', status }] });
    expect(ready(gate('False'))).toMatchObject({ status: 'False' });
    expect(ready(gate('True'))).toMatchObject({ status: 'True' });
    expect(statusOf(podOf(spec, gate('True')), { POD: UP, app: UP }).conditions).toContainEqual({
      type: 'example.com/gate',
      status: 'True',
    });
  });

  it('moves the time of a condition only when it changes', () => {
    const before: PodStatus = {
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:01:00Z' },
        { type: 'Initialized', status: 'False', lastTransitionTime: '2026-01-01T00:01:00Z' },
      ],
    };
    const after = statusOf(podOf({}, before), { POD: UP, app: UP }).conditions;
    const time = (type: string): string | undefined => after?.find((one) => one.type === type)?.lastTransitionTime;
    expect([time('Ready'), time('Initialized')]).toEqual(['2026-01-01T00:01:00Z', '2026-01-01T00:10:00Z']);
  });
});
