/** What `up` waits for. */
import { describe, expect, it } from 'vitest';
import { readinessOf } from '../../../src/cli/up/readiness.ts';
import type { DaemonSetStatus, StatefulSetStatus } from '../../../src/types/kinds/generated/apps-v1.gen.ts';
import type { DaemonSet } from '../../../src/types/kinds/apps/daemon-set.ts';
import type { StatefulSet } from '../../../src/types/kinds/apps/stateful-set.ts';

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
const selector = { matchLabels: { app: 'web' } };

function statefulSet(status: Partial<StatefulSetStatus>, partition = 0, replicas = 3): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', generation: 2 },
    spec: { replicas, selector, template, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition } } },
    status: { replicas: 3, currentRevision: 'web-a', updateRevision: 'web-a', observedGeneration: 2, ...status },
  };
}

function daemonSet(status: Partial<DaemonSetStatus>, type: 'RollingUpdate' | 'OnDelete' = 'RollingUpdate'): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', generation: 2 },
    spec: { selector, template, updateStrategy: { type } },
    status: {
      currentNumberScheduled: 2,
      desiredNumberScheduled: 2,
      numberMisscheduled: 0,
      numberReady: 0,
      observedGeneration: 2,
      ...status,
    },
  };
}

const full = { readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3 };

describe('a StatefulSet', () => {
  it.each([
    ['waiting', 'not seen by its controller yet', statefulSet({ ...full, observedGeneration: 1 })],
    ['waiting', '1 of 3 available', statefulSet({ readyReplicas: 2, availableReplicas: 1, updatedReplicas: 3 })],
    ['waiting', '1 of 3 updated', statefulSet({ ...full, updatedReplicas: 1, updateRevision: 'web-b' })],
    ['waiting', '1 of 2 updated', statefulSet({ ...full, updatedReplicas: 1, updateRevision: 'web-b' }, 1)],
    ['ready', '3 of 3 available', statefulSet({ ...full, updatedReplicas: 1, updateRevision: 'web-b' }, 2)],
    ['waiting', '2 still to stop', statefulSet(full, 0, 1)],
    ['ready', '3 of 3 available', statefulSet(full)],
  ])('is %s: %s', (state, detail, object) => expect(readinessOf(object)).toEqual({ state, detail }));
});

describe('a DaemonSet', () => {
  const done = { numberAvailable: 2, updatedNumberScheduled: 2 };
  it.each([
    ['waiting', 'not seen by its controller yet', daemonSet({ ...done, observedGeneration: 1 })],
    ['waiting', '1 of 2 updated', daemonSet({ ...done, updatedNumberScheduled: 1 })],
    ['ready', '2 of 2 available', daemonSet({ ...done, updatedNumberScheduled: 1 }, 'OnDelete')],
    ['waiting', '1 of 2 available', daemonSet({ ...done, numberAvailable: 1 })],
    ['ready', '2 of 2 available', daemonSet(done)],
  ])('is %s: %s', (state, detail, object) => expect(readinessOf(object)).toEqual({ state, detail }));
});
