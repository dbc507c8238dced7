/** What a Job's status may become: terminal conditions stay, counts grow, and a finished job has nothing under way. */
import { deepEqual } from '../../shared/deep.ts';
import { readIndexes } from '../completion-indexes.ts';
import { isConditionTrue } from '../conditions.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as batch from '../kinds/generated/batch-v1.gen.ts';
import { checkNonNegative } from './field-checks.ts';

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

export function checkJobStatusUpdate(next: batch.Job, previous: batch.Job, issues: IssueSink): void {
  const at = issues.at('status');
  for (const name of counts) checkNonNegative(next.status?.[name], at.at(name));
  checkUncounted(next.status?.uncountedTerminatedPods, at.at('uncountedTerminatedPods'));
  // A status that was wrong before may be left as it is.
  if (deepEqual(next.status, previous.status)) return;
  checkConditions(next.status ?? {}, previous.status ?? {}, at.at('conditions'));
  checkTimes(next, previous, at);
  checkIndexTexts(next, at);
  if (isFinished(next.status)) checkFinished(next.status ?? {}, at);
  const { failed = 0, ready, active = 0 } = next.status ?? {};
  if (failed < (previous.status?.failed ?? 0)) at.at('failed').invalid(failed, 'cannot decrease the failed counter');
  if (ready !== undefined && ready > active) at.at('ready').invalid(ready, 'cannot set more ready pods than active');
}

function has(status: batch.JobStatus | undefined, type: string): boolean {
  return isConditionTrue(status?.conditions, type);
}

function isFinished(status: batch.JobStatus | undefined): boolean {
  return has(status, 'Complete') || has(status, 'Failed');
}

function checkUncounted(uncounted: batch.UncountedTerminatedPods | undefined, at: IssueSink): void {
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const) {
    (uncounted?.[list] ?? []).forEach((uid, index) => {
      if (uid === '') at.at(list, index).invalid(uid, 'must not be empty');
      else if (seen.has(uid)) at.at(list, index).duplicate(uid);
      seen.add(uid);
    });
  }
}

const exclusive = [
  ['Complete', 'Failed', 'cannot set Complete=True and Failed=true conditions'],
  ['Complete', 'FailureTarget', 'cannot set Complete=True and FailureTarget=true conditions'],
  ['SuccessCriteriaMet', 'Failed', 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
  ['SuccessCriteriaMet', 'FailureTarget', 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
] as const;
const following = [
  ['Failed', 'FailureTarget', 'cannot set Failed=True condition without the FailureTarget=true condition'],
  [
    'Complete',
    'SuccessCriteriaMet',
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  ],
] as const;

function checkConditions(next: batch.JobStatus, previous: batch.JobStatus, at: IssueSink): void {
  const { conditions } = next;
  for (const [one, other, text] of exclusive) if (has(next, one) && has(next, other)) at.invalid(conditions, text);
  for (const [late, early, text] of following) {
    if (has(next, late) && !has(previous, late) && !has(next, early)) at.invalid(conditions, text);
  }
  for (const type of ['Failed', 'Complete', 'FailureTarget', 'SuccessCriteriaMet']) {
    if (!has(previous, type) || has(next, type)) continue;
    const kind = type === 'SuccessCriteriaMet' ? '' : 'terminal ';
    at.invalid(conditions, `cannot disable the ${kind}${type}=True condition`);
  }
}

function checkTimes(next: batch.Job, previous: batch.Job, at: IssueSink): void {
  const { startTime, completionTime } = next.status ?? {};
  const before = previous.status ?? {};
  const complete = has(next.status, 'Complete');
  const place = at.at('completionTime');
  if (complete && completionTime === undefined) place.required('completionTime is required for Complete jobs');
  if (completionTime !== undefined) {
    if (!complete) place.invalid(completionTime, 'cannot set completionTime when there is no Complete=True condition');
    if (startTime !== undefined && Date.parse(completionTime) < Date.parse(startTime)) {
      place.invalid(completionTime, 'completionTime cannot be set before startTime');
    }
    if (before.completionTime !== undefined && before.completionTime !== completionTime) {
      place.invalid(completionTime, 'completionTime cannot be mutated');
    }
  }
  const unsuspended = next.spec?.suspend !== true;
  // When a job is resumed its start is set anew.
  const resumes = has(before, 'Suspended') && !has(next.status, 'Suspended');
  if (before.startTime !== undefined && startTime !== before.startTime && unsuspended && !resumes) {
    at.at('startTime').required('startTime cannot be removed for unsuspended job');
  }
}

function checkFinished(status: batch.JobStatus, at: IssueSink): void {
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  if (active > 0) at.at('active').invalid(active, 'active>0 is invalid for finished job');
  if (terminating > 0) at.at('terminating').invalid(terminating, 'terminating>0 is invalid for finished job');
  if (startTime === undefined) at.at('startTime').required('startTime is required for finished job');
  if ((uncounted?.failed ?? []).length + (uncounted?.succeeded ?? []).length > 0) {
    const text = 'uncountedTerminatedPods needs to be empty for finished job';
    at.at('uncountedTerminatedPods').invalid(uncounted, text);
  }
}

function checkIndexTexts({ spec, status }: batch.Job, at: IssueSink): void {
  const { completedIndexes = '', failedIndexes } = status ?? {};
  if (completedIndexes !== '' && spec?.completionMode !== 'Indexed') {
    const text = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    at.at('completedIndexes').invalid(completedIndexes, text);
  }
  if (failedIndexes !== undefined && spec?.backoffLimitPerIndex === undefined) {
    const text = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    at.at('failedIndexes').invalid(failedIndexes, text);
  }
  if (spec?.completions === undefined) return;
  const completed = readIndexes(completedIndexes, spec.completions);
  const failed = readIndexes(failedIndexes ?? '', spec.completions);
  if (typeof completed === 'string') {
    at.at('completedIndexes').invalid(completedIndexes, `error parsing completedIndexes: ${completed}`);
  }
  if (typeof failed === 'string') {
    at.at('failedIndexes').invalid(failedIndexes, `error parsing failedIndexes: ${failed}`);
  }
  if (typeof completed === 'string' || typeof failed === 'string') return;
  for (const [first, last] of failed) {
    const other = completed.find(([from, to]) => from <= last && first <= to);
    if (!other) continue;
    const index = Math.max(first, other[0]);
    at.at('failedIndexes').invalid(failedIndexes, `failedIndexes and completedIndexes overlap at index: ${index}`);
    return;
  }
}
