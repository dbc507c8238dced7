/** Counting pods, as it goes on after an interruption; and sets of indexes. */
import { describe, expect, it } from 'vitest';
import { nextBackOff, noBackOff, remaining } from '../../../../src/runtime/controllers/job/back-off.ts';
import {
  countOf,
  firstFree,
  indexesOf,
  indexesText,
  parseIndexes,
  unionOf,
} from '../../../../src/runtime/controllers/job/indexes.ts';
import { trackingFinalizer } from '../../../../src/runtime/controllers/job/job-pods.ts';
import { planJob } from '../../../../src/runtime/controllers/job/plan.ts';
import { countReleased, notePods } from '../../../../src/runtime/controllers/job/status.ts';
import { surveyPods } from '../../../../src/runtime/controllers/job/survey.ts';
import type { Job } from '../../../../src/types/kinds/batch/job.ts';
import type { JobSpec, JobStatus } from '../../../../src/types/kinds/generated/batch-v1.gen.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import type { Persisted } from '../../../../src/types/meta.ts';

const now = new Date('2026-01-01T00:10:00Z');
const persisted = { resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', namespace: 'default' };

function job(status: JobStatus, spec: Partial<JobSpec> = {}): Persisted<Job> {
  const template = { spec: { restartPolicy: 'Never' as const, containers: [] } };
  const defaults = { template, completions: 5, parallelism: 2, backoffLimit: 6 };
  const metadata = { ...persisted, name: 'work', uid: 'job' };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { ...defaults, ...spec }, status };
}

function pod(uid: string, phase: 'Succeeded' | 'Failed' | 'Running', held = true): Persisted<Pod> {
  const metadata = { ...persisted, name: uid, uid, ...(held && { finalizers: [trackingFinalizer] }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata, status: { phase } };
}

const counts = { active: 0, ready: 0, terminating: 0 };

function survey(status: JobStatus, pods: readonly Persisted<Pod>[], released: readonly string[] = []) {
  return surveyPods({ job: job(status), pods, released: new Set(released), backOff: noBackOff });
}

describe('counting', () => {
  it('notes pods before it lets them go', () => {
    const seen = survey({ succeeded: 1 }, [pod('a', 'Succeeded'), pod('b', 'Failed'), pod('c', 'Running')]);
    expect([seen.succeeded, seen.failed, seen.active.length]).toEqual([2, 1, 1]);
    const { status, release, all } = notePods(seen, undefined, counts);
    expect(status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: { succeeded: ['a'], failed: ['b'] } });
    expect(release.map(({ metadata }) => metadata.uid)).toEqual(['a', 'b']);
    expect(all).toBe(true);
    const counted = countReleased(status, new Set());
    expect(counted).toMatchObject({ succeeded: 2, failed: 1, uncountedTerminatedPods: {} });
  });

  it('goes on where it was interrupted after the note', () => {
    const noted = { succeeded: 1, uncountedTerminatedPods: { succeeded: ['a'], failed: ['b'] } };
    // One was let go and is still there, one is gone, and none is counted twice.
    const again = survey(noted, [pod('a', 'Succeeded', false)]);
    expect([again.succeeded, again.failed]).toEqual([2, 1]);
    expect(notePods(again, undefined, counts).status).toMatchObject({ succeeded: 2, failed: 1 });
    const held = survey(noted, [pod('a', 'Succeeded'), pod('b', 'Failed')]);
    expect([held.succeeded, held.failed]).toEqual([2, 1]);
    expect(notePods(held, undefined, counts).status).toMatchObject({
      succeeded: 1,
      uncountedTerminatedPods: noted.uncountedTerminatedPods,
    });
  });

  it('does not count again what a stale copy shows with its finalizer', () => {
    const stale = survey({ succeeded: 1 }, [pod('a', 'Succeeded')], ['a']);
    expect(stale.succeeded).toBe(1);
    expect(notePods(stale, undefined, counts).release).toEqual([]);
  });

  it('counts what has not ended as failed when the job fails, and as nothing when it succeeds', () => {
    const seen = survey({}, [pod('a', 'Running'), pod('b', 'Succeeded')]);
    const failure = { type: 'FailureTarget', reason: 'r', message: 'm' } as const;
    expect(notePods(seen, failure, counts).status.uncountedTerminatedPods).toEqual({ succeeded: ['b'], failed: ['a'] });
    const success = { ...failure, type: 'SuccessCriteriaMet' } as const;
    expect(notePods(seen, success, counts).status.uncountedTerminatedPods).toEqual({ succeeded: ['b'] });
  });

  it('takes no more than 500 at a time', () => {
    const many = Array.from({ length: 700 }, (_, i) => pod(`p${i}`, 'Succeeded'));
    const { release, all } = notePods(survey({}, many), undefined, counts);
    expect([release.length, all]).toEqual([500, false]);
  });
});

describe('planning', () => {
  it('neither creates nor deletes while its copy may be behind', () => {
    expect(planJob(survey({}, []), false, now)).toMatchObject({ create: [], remove: [], verdict: undefined });
    expect(planJob(survey({}, []), true, now).create).toHaveLength(2);
  });

  it('removes first what has come less far', () => {
    const bound = (uid: string, nodeName: string): Persisted<Pod> => ({
      ...pod(uid, 'Running'),
      spec: { containers: [], nodeName },
    });
    const pods = [bound('a', 'node'), bound('b', ''), bound('c', 'node')];
    expect(planJob(survey({}, pods), true, now).remove.map(({ metadata }) => metadata.uid)).toEqual(['b']);
  });
});

describe('the wait after failures', () => {
  const ended = (uid: string, finishedAt: string): Persisted<Pod> => ({
    ...pod(uid, 'Failed'),
    status: {
      phase: 'Failed',
      containerStatuses: [
        {
          name: 'a',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 1, finishedAt } },
        },
      ],
    },
  });

  it('doubles up to six minutes, and begins anew with a success', () => {
    const failed = (count: number) => Array.from({ length: count }, (_, i) => ended(`p${i}`, '2026-01-01T00:10:00Z'));
    expect([1, 2, 3, 6, 7, 60].map((count) => remaining(nextBackOff(noBackOff, [], failed(count)), now))).toEqual(
      [10, 20, 40, 320, 360, 360].map((seconds) => seconds * 1000),
    );
    const before = nextBackOff(noBackOff, [], failed(3));
    const later = nextBackOff(before, [ended('ok', '2026-01-01T00:09:00Z')], failed(1));
    expect(later.failures).toBe(1);
    expect(nextBackOff(before, [ended('ok', '2026-01-01T00:11:00Z')], failed(1))).toEqual(noBackOff);
  });
});

describe('indexes', () => {
  it.each([
    [[], ''],
    [[3], '3'],
    [[4, 3], '3,4'],
    [[5, 1, 3, 4, 7], '1,3-5,7'],
    [[0, 1, 2, 3, 9, 9], '0-3,9'],
  ])('%j are written %s', (numbers, text) => {
    const indexes = indexesOf(numbers);
    expect(indexesText(indexes)).toBe(text);
    expect(parseIndexes(text, 100)).toEqual(indexes);
    expect(countOf(indexes)).toBe(new Set(numbers).size);
  });

  it('end with the completions, and nonsense is left out', () => {
    expect(indexesText(parseIndexes('1,3-9,x,4-,12', 6))).toBe('1,3-5');
    expect(indexesText(unionOf(parseIndexes('0-2', 9), parseIndexes('3,5', 9)))).toBe('0-3,5');
  });

  it('that are free come first', () => {
    expect(firstFree(parseIndexes('0,2-4', 9), 3, 9)).toEqual([1, 5, 6]);
    expect(firstFree(parseIndexes('0-6', 7), 3, 7)).toEqual([]);
    expect(firstFree([], 2, 1_000_000_000)).toEqual([0, 1]);
  });
});
