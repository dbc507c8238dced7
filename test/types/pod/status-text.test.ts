import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod, PodStatus } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { podText, readinessGatesText } from '../../../src/types/pod/status-text.ts';

const now = new Date('2026-01-01T01:00:00Z');

function pod(status: PodStatus, more: { readonly deleted?: true; readonly gates?: readonly string[] } = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', ...(more.deleted ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {}) },
    spec: {
      containers: [{ name: 'web', image: 'a' }],
      initContainers: [{ name: 'first', image: 'a' }],
      ...(more.gates ? { readinessGates: more.gates.map((conditionType) => ({ conditionType })) } : {}),
    },
    status,
  };
}

function container(name: string, more: Partial<ContainerStatus>): ContainerStatus {
  return { name, image: 'a', imageID: 'a', ready: false, restartCount: 0, ...more };
}

const initialized = { conditions: [{ type: 'Initialized', status: 'True' }] } as const;
const done = container('first', { ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } });

describe('the status of a pod', () => {
  it.each<[string, PodStatus, string]>([
    ['the phase, when nothing is known yet', { phase: 'Pending' }, 'Pending'],
    ['a reason of the pod itself', { phase: 'Failed', reason: 'Evicted' }, 'Evicted'],
    [
      'why a container waits',
      {
        ...initialized,
        phase: 'Pending',
        initContainerStatuses: [done],
        containerStatuses: [container('web', { state: { waiting: { reason: 'ImagePullBackOff' } } })],
      },
      'ImagePullBackOff',
    ],
    [
      'how a container ended',
      {
        ...initialized,
        phase: 'Failed',
        initContainerStatuses: [done],
        containerStatuses: [container('web', { state: { terminated: { exitCode: 3 } } })],
      },
      'ExitCode:3',
    ],
    [
      'the signal that ended it',
      {
        ...initialized,
        phase: 'Failed',
        initContainerStatuses: [done],
        containerStatuses: [container('web', { state: { terminated: { exitCode: 137, signal: 9 } } })],
      },
      'Signal:9',
    ],
    [
      'how far initialization is',
      {
        phase: 'Pending',
        initContainerStatuses: [container('first', { state: { running: {} } })],
        containerStatuses: [container('web', { state: { waiting: { reason: 'PodInitializing' } } })],
      },
      'Init:0/1',
    ],
    [
      'why initialization failed',
      {
        phase: 'Pending',
        initContainerStatuses: [container('first', { state: { waiting: { reason: 'CrashLoopBackOff' } } })],
      },
      'Init:CrashLoopBackOff',
    ],
  ])('is %s', (_name, status, text) => {
    expect(podText(pod(status), now).status).toBe(text);
  });

  it('is Terminating once it is deleted', () => {
    expect(podText(pod({ phase: 'Running' }, { deleted: true }), now).status).toBe('Terminating');
    expect(podText(pod({ phase: 'Succeeded' }, { deleted: true }), now).status).toBe('Succeeded');
  });

  it('counts the ready ones and says when the last restart was', () => {
    const web = container('web', {
      ready: true,
      restartCount: 2,
      state: { running: {} },
      lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:58:00Z' } },
    });
    const text = podText(pod({ ...initialized, phase: 'Running', containerStatuses: [web] }), now);
    expect(text).toEqual({ ready: 1, total: 1, status: 'Running', restarts: '2 (2m ago)' });
  });

  it('counts the readiness gates that are met', () => {
    const conditions = [{ type: 'example.com/a', status: 'True' }] as const;
    expect(readinessGatesText(pod({ conditions }, { gates: ['example.com/a', 'example.com/b'] }))).toBe('1/2');
    expect(readinessGatesText(pod({}))).toBe('<none>');
  });
});
