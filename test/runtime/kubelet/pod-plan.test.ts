import { describe, expect, it } from 'vitest';
import { planPod, type PlanInput, type PodPlan } from '../../../src/runtime/kubelet/pod-plan.ts';
import { ago, container, NOW, observe, podOf, UP, type Run } from './pod-case.ts';

const init = container('init');
const sidecar = container('side', { restartPolicy: 'Always' });

function plan(
  pod: PlanInput['pod'],
  runs: Readonly<Record<string, Run | readonly Run[]>>,
  memory: Partial<PlanInput> = {},
): PodPlan {
  const none = { busy: new Set<string>(), backOff: new Map(), started: new Set<string>() };
  const rest = { rejection: undefined, condemned: new Map(), attempts: new Map() };
  return planPod({ pod, observed: observe(runs), now: NOW, ...none, ...rest, ...memory });
}

/** One line for all that a plan says. */
function told(made: PodPlan): string {
  if (made.end) return ['end', made.end.reason, made.end.phase].filter((word) => word).join(' ');
  const sandbox = made.sandbox && 'attempt' in made.sandbox ? [`sandbox ${made.sandbox.attempt}`] : [];
  const starts = made.start.map((one) => `start ${one.container.name} ${one.attempt}`);
  const kills = made.kill.map((one) => `kill ${one.target.state.id}`);
  const waits = [...made.waiting].map(([name, { reason }]) => `${name} ${reason}`);
  return [...sandbox, ...kills, ...starts, ...waits].join(', ');
}

const backOff = new Map([['app', { delay: 20_000, since: ago(30) }]]);

const cases: readonly (readonly [string, PodPlan, string])[] = [
  ['a new pod', plan(podOf(), {}), 'sandbox 0, start app 0'],
  [
    'a pod that the engine had before',
    plan(
      podOf(),
      {},
      {
        attempts: new Map([
          ['app', 3],
          ['POD', 2],
        ]),
      },
    ),
    'sandbox 2, start app 3',
  ],
  ['a pod that runs', plan(podOf(), { POD: UP, app: UP }), ''],
  ['a container that was made and never started', plan(podOf(), { POD: UP, app: { is: 'created' } }), 'start app 0'],
  ['a failed container, the first time', plan(podOf(), { POD: UP, app: { exit: 1 } }), 'start app 1'],
  [
    'a failed container in back-off',
    plan(podOf(), { POD: UP, app: { exit: 1, ended: 5 } }, { backOff }),
    'app CrashLoopBackOff',
  ],
  [
    'a failed container after its back-off',
    plan(podOf(), { POD: UP, app: { exit: 1, ended: 25 } }, { backOff }),
    'start app 1',
  ],
  [
    'a failed container that is being started',
    plan(podOf(), { POD: UP, app: { exit: 1, ended: 5 } }, { backOff, busy: new Set(['app']) }),
    '',
  ],
  ['a container that succeeded, restarted Always', plan(podOf(), { POD: UP, app: { exit: 0 } }), 'start app 1'],
  [
    'a container that succeeded, restarted OnFailure',
    plan(podOf({ restartPolicy: 'OnFailure' }), { POD: UP, app: { exit: 0 } }),
    'end',
  ],
  [
    'a container that failed, restarted OnFailure',
    plan(podOf({ restartPolicy: 'OnFailure' }), { POD: UP, app: { exit: 2 } }),
    'start app 1',
  ],
  [
    'a container that failed, restarted Never',
    plan(podOf({ restartPolicy: 'Never' }), { POD: UP, app: { exit: 2 } }),
    'end',
  ],
  [
    'a command that cannot be started, restarted Never',
    plan(podOf({ restartPolicy: 'Never' }), { POD: UP, app: { error: 'no such file' } }),
    'end',
  ],
  [
    'a rule that restarts an exit code',
    plan(podOf({ restartPolicy: 'Never', containers: [ruled('In', [42])] }), { POD: UP, app: { exit: 42 } }),
    'start app 1',
  ],
  [
    'a rule for another exit code',
    plan(podOf({ restartPolicy: 'Never', containers: [ruled('In', [42])] }), { POD: UP, app: { exit: 41 } }),
    'end',
  ],
  [
    'a rule for all but an exit code',
    plan(podOf({ restartPolicy: 'Never', containers: [ruled('NotIn', [42])] }), { POD: UP, app: { exit: 41 } }),
    'start app 1',
  ],
  ['init containers first', plan(podOf({ initContainers: [init] }), {}), 'sandbox 0, start init 0'],
  ['an init container that runs', plan(podOf({ initContainers: [init] }), { POD: UP, init: UP }), ''],
  [
    'an init container that succeeded',
    plan(podOf({ initContainers: [init] }), { POD: UP, init: { exit: 0 } }),
    'start app 0',
  ],
  [
    'an init container that failed',
    plan(podOf({ initContainers: [init] }), { POD: UP, init: { exit: 1 } }),
    'start init 1',
  ],
  [
    'an init container that failed for good',
    plan(podOf({ initContainers: [init], restartPolicy: 'Never' }), { POD: UP, init: { exit: 1 } }),
    'end',
  ],
  [
    'an init container that is gone while the main one runs',
    plan(podOf({ initContainers: [init] }), { POD: UP, app: UP }),
    '',
  ],
  ['a sidecar that has not started yet', plan(podOf({ initContainers: [sidecar] }), { POD: UP, side: UP }), ''],
  [
    'a sidecar that has started',
    plan(podOf({ initContainers: [sidecar] }), { POD: UP, side: UP }, { started: new Set(['side-0']) }),
    'start app 0',
  ],
  [
    'a sidecar that ended beside its pod',
    plan(podOf({ initContainers: [sidecar], restartPolicy: 'Never' }), { POD: UP, side: { exit: 0 }, app: UP }),
    'start side 1',
  ],
  [
    'sidecars when the main containers are done',
    plan(podOf({ initContainers: [sidecar], restartPolicy: 'Never' }), { POD: UP, side: UP, app: { exit: 0 } }),
    'end',
  ],
  ['a sandbox that died', plan(podOf(), { POD: { exit: 137 }, app: { exit: 137 } }), 'sandbox 1, start app 1'],
  [
    'a sandbox that died, with init containers',
    plan(podOf({ initContainers: [init] }), { POD: { exit: 137 }, init: { exit: 0 }, app: { exit: 137 } }),
    'sandbox 1, start init 1',
  ],
  [
    'an ephemeral container',
    plan(podOf({ ephemeralContainers: [container('debug')] }), { POD: UP, app: UP }),
    'start debug 0',
  ],
  [
    'an ephemeral container beside an init container',
    plan(podOf({ initContainers: [init], ephemeralContainers: [container('debug')] }), { POD: UP, init: UP }),
    'start debug 0',
  ],
  [
    'an ephemeral container that ended',
    plan(podOf({ ephemeralContainers: [container('debug')] }), { POD: UP, app: UP, debug: { exit: 1 } }),
    '',
  ],
  [
    'an ephemeral container whose sandbox died',
    plan(podOf({ ephemeralContainers: [container('debug')] }), {
      POD: [{ attempt: 1, is: 'running' }, { exit: 1 }],
      app: { ...UP, sandbox: 'POD-1' },
      debug: { exit: 1 },
    }),
    '',
  ],
  [
    'a condemned container',
    plan(podOf(), { POD: UP, app: UP }, { condemned: new Map([['app-0', { message: '', grace: undefined }]]) }),
    'kill app-0',
  ],
  ['a container with a new image', plan(podOf(), { POD: UP, app: { ...UP, image: 'app:0' } }), 'kill app-0'],
  [
    'a deleted pod',
    plan(podOf({}, undefined, { deletionTimestamp: '2026-01-01T00:00:30Z' }), { POD: UP, app: UP }),
    'end Killing',
  ],
  [
    'a pod past its deadline',
    plan(podOf({ activeDeadlineSeconds: 60 }, { startTime: '2026-01-01T00:08:59Z' }), { POD: UP, app: UP }),
    'end DeadlineExceeded Failed',
  ],
  ['a pod that has failed', plan(podOf({}, { phase: 'Failed', reason: 'Evicted' }), {}), 'end Evicted'],
  [
    'a pod that the node cannot take',
    plan(podOf(), {}, { rejection: { reason: 'OutOfcpu', message: '' } }),
    'end OutOfcpu Failed',
  ],
];

function ruled(operator: 'In' | 'NotIn', values: readonly number[]): ReturnType<typeof container> {
  return container('app', { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }] });
}

describe('plan of a pod', () => {
  it.each(cases)('%s', (_what, made, expected) => expect(told(made)).toBe(expected));

  it('wakes for the deadline or the back-off, whichever comes first', () => {
    const status = { startTime: '2026-01-01T00:09:50Z' };
    expect(plan(podOf({ activeDeadlineSeconds: 20 }, status), { POD: UP, app: UP }).wakeAfter).toBe(10_000);
    const crashed = { POD: UP, app: { exit: 1, ended: 15 } };
    expect(plan(podOf({ activeDeadlineSeconds: 20 }, status), crashed, { backOff }).wakeAfter).toBe(5000);
    expect(plan(podOf(), { POD: UP, app: UP }).wakeAfter).toBeUndefined();
  });

  it('tells how long a failed container waits', () => {
    const made = plan(podOf(), { POD: UP, app: { exit: 1, ended: 5 } }, { backOff });
    expect(made.waiting.get('app')?.message).toBe('back-off 20s restarting failed container=app pod=web_default(u)');
  });
});
