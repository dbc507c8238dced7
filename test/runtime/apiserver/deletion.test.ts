import { describe, expect, it } from 'vitest';
import { planDeletion } from '../../../src/runtime/apiserver/deletion.ts';
import { ConfigMap } from '../../../src/types/kinds/core/config-map.ts';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { Job } from '../../../src/types/kinds/batch/job.ts';

const now = new Date('2026-01-01T00:00:00Z');
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

function pod(nodeName: string, metadata: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', ...metadata },
    spec: { nodeName, terminationGracePeriodSeconds: 30 },
  };
}

describe('planDeletion', () => {
  it('removes what nothing holds', () => {
    expect(planDeletion(ConfigMap, map, {}, now)).toEqual({ type: 'remove' });
  });

  it('marks what a finalizer holds, and waits the second time', () => {
    const held = { ...map, metadata: { name: 'a', finalizers: ['example.com/x'] } };
    const plan = planDeletion(ConfigMap, held, {}, now);
    expect(plan).toMatchObject({
      type: 'mark',
      object: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 } },
    });
    if (plan.type === 'mark') expect(planDeletion(ConfigMap, plan.object, {}, now)).toEqual({ type: 'wait' });
  });

  it.each([
    ['Foreground', 'foregroundDeletion'],
    ['Orphan', 'orphan'],
  ])('%s leaves a finalizer for the garbage collector', (propagationPolicy, finalizer) => {
    expect(planDeletion(ConfigMap, map, { propagationPolicy }, now)).toMatchObject({
      type: 'mark',
      object: { metadata: { finalizers: [finalizer] } },
    });
  });

  it('orphans the pods of a Job unless told otherwise', () => {
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a' } };
    expect(planDeletion(Job, job, {}, now)).toMatchObject({
      type: 'mark',
      object: { metadata: { finalizers: ['orphan'] } },
    });
    expect(planDeletion(Job, job, { propagationPolicy: 'Background' }, now)).toEqual({ type: 'remove' });
  });

  it('gives a pod on a node its grace, and shortens it but never extends it', () => {
    const plan = planDeletion(Pod, pod('n'), {}, now);
    expect(plan).toMatchObject({
      type: 'mark',
      object: { metadata: { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 } },
    });
    const marked = pod('n', { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 });
    expect(planDeletion(Pod, marked, { gracePeriodSeconds: 60 }, now)).toEqual({ type: 'wait' });
    expect(planDeletion(Pod, marked, { gracePeriodSeconds: 5 }, now)).toMatchObject({
      object: { metadata: { deletionTimestamp: '2026-01-01T00:00:05Z' } },
    });
    expect(planDeletion(Pod, marked, { gracePeriodSeconds: 0 }, now)).toEqual({ type: 'remove' });
  });

  it('removes a pod without a node at once', () => {
    expect(planDeletion(Pod, pod(''), {}, now)).toEqual({ type: 'remove' });
  });
});
