/** What the API server says of Jobs and CronJobs. */
import { describe, expect, it } from 'vitest';
import { deepClone } from '../../../src/shared/deep.ts';
import { collectIssues, pathText } from '../../../src/types/field-issue.ts';
import type { FieldIssue } from '../../../src/types/field-issue.ts';
import { CronJob } from '../../../src/types/kinds/batch/cron-job.ts';
import { Job } from '../../../src/types/kinds/batch/job.ts';
import type { CronJobSpec, JobSpec, JobStatus } from '../../../src/types/kinds/generated/batch-v1.gen.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { validateObject } from '../../../src/types/validation/validate-object.ts';

const template = { spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] } };

function job(spec: Partial<JobSpec> = {}, status?: JobStatus, name = 'work'): Job {
  const object: Job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, uid: 'u1' },
    spec: { template, ...spec },
  };
  const draft = deepClone(status ? { ...object, status } : object);
  applyDefaults(Job, draft);
  Job.prepareForCreate?.(draft);
  return draft;
}

const texts = (issues: readonly FieldIssue[]): readonly string[] =>
  issues.map(({ path, message }) => `${pathText(path)}: ${message}`);
const created = (object: Job): readonly string[] => texts(validateObject(Job, object, { operation: 'create' }));
const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 4 } as const;
const exitCodes = (values: readonly number[]) =>
  [{ action: 'FailJob', onExitCodes: { operator: 'In', values } }] as const;

describe('a Job', () => {
  it('gets the labels by which it finds its pods', () => {
    const { spec, metadata } = job();
    const labels = {
      'batch.kubernetes.io/controller-uid': 'u1',
      'batch.kubernetes.io/job-name': 'work',
      'controller-uid': 'u1',
      'job-name': 'work',
    };
    expect(spec?.template.metadata?.labels).toEqual(labels);
    expect(metadata.labels).toEqual(labels);
    expect(spec?.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } });
    expect(created(job())).toEqual([]);
  });

  it.each<[string, readonly string[], Partial<JobSpec>]>([
    [
      'labels of another job',
      ['spec.template.metadata.labels[controller-uid]'],
      { template: { ...template, metadata: { labels: { 'controller-uid': 'u0' } } } },
    ],
    [
      'a selector of its own',
      ['spec.template.metadata.labels', 'spec.selector'],
      { selector: { matchLabels: { app: 'a' } } },
    ],
    ['a number of failures per index without indexes', ['spec.backoffLimitPerIndex'], { backoffLimitPerIndex: 1 }],
    ['failed indexes without a limit', ['spec.backoffLimitPerIndex'], { ...indexed, maxFailedIndexes: 1 }],
    [
      'too many failed indexes',
      ['spec.maxFailedIndexes'],
      { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 5 },
    ],
    ['too many pods at a time', ['spec.parallelism'], { ...indexed, parallelism: 100_001 }],
    [
      'a great many completions',
      ['spec.maxFailedIndexes', 'spec.parallelism'],
      { ...indexed, completions: 200_000, parallelism: 20_000, backoffLimitPerIndex: 1 },
    ],
    ['a success policy without indexes', ['spec.successPolicy'], { successPolicy: { rules: [{ succeededCount: 1 }] } }],
    [
      'indexes beyond the last',
      ['spec.successPolicy.rules[0].succeededIndexes'],
      { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,2-4' }] } },
    ],
    [
      'indexes out of order',
      ['spec.successPolicy.rules[0].succeededIndexes'],
      { ...indexed, successPolicy: { rules: [{ succeededIndexes: '2,1' }] } },
    ],
    [
      'more successes than indexes',
      ['spec.successPolicy.rules[0].succeededCount'],
      { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }] } },
    ],
    ['a manager without a domain', ['spec.managedBy'], { managedBy: 'me' }],
    [
      'replacements of pods that still end, with a policy on failures',
      ['spec.podReplacementPolicy'],
      { podReplacementPolicy: 'TerminatingOrFailed', podFailurePolicy: { rules: exitCodes([1]) } },
    ],
    [
      'exit codes out of order',
      ['spec.podFailurePolicy.rules[0].onExitCodes.values'],
      { podFailurePolicy: { rules: exitCodes([2, 1]) } },
    ],
    [
      'an exit code twice',
      ['spec.podFailurePolicy.rules[0].onExitCodes.values[1]'],
      { podFailurePolicy: { rules: exitCodes([2, 2]) } },
    ],
    [
      'success as a failure',
      ['spec.podFailurePolicy.rules[0].onExitCodes.values[0]'],
      { podFailurePolicy: { rules: exitCodes([0]) } },
    ],
  ])('cannot have %s', (_, paths, spec) => {
    expect(created(job(spec)).map((text) => text.replace(/: .*$/s, ''))).toEqual(paths);
  });

  it('cannot have pods whose hostnames would be none', () => {
    expect(created(job(indexed, undefined, 'v1.work'))).toEqual([
      'metadata.name: Invalid value: "v1.work": will not able to create pod with invalid DNS label: v1.work-3',
    ]);
  });
});

function updated(next: Job, previous: Job): readonly string[] {
  return texts(collectIssues((issues) => Job.validateUpdate?.(next, previous, issues)));
}

describe('a change of a Job', () => {
  const withImage = (image: string, nodeSelector?: Readonly<Record<string, string>>): Partial<JobSpec> => ({
    template: {
      spec: { ...template.spec, containers: [{ name: 'main', image }], ...(nodeSelector && { nodeSelector }) },
    },
  });

  it('may be of its parallelism, its limits and its suspension', () => {
    const next = {
      parallelism: 3,
      backoffLimit: 1,
      suspend: true,
      activeDeadlineSeconds: 5,
      ttlSecondsAfterFinished: 1,
    };
    expect(updated(job({ completions: 3, ...next }), job({ completions: 3 }))).toEqual([]);
  });

  it('may not be of its template, save where its pods run while it is suspended', () => {
    const changed = 'spec.template: Invalid value';
    expect(updated(job(withImage('work:2')), job())[0]).toContain(changed);
    expect(updated(job(withImage('work:1', { disk: 'ssd' })), job())[0]).toContain(changed);
    const suspended = { suspend: true };
    expect(updated(job({ ...suspended, ...withImage('work:1', { disk: 'ssd' }) }), job(suspended))).toEqual([]);
    expect(updated(job({ ...suspended, ...withImage('work:2') }), job(suspended))[0]).toContain(changed);
  });

  it('may be of its completions only where they are indexes, with its parallelism', () => {
    expect(updated(job({ completions: 2 }), job({ completions: 3 }))).toEqual([
      'spec.completions: Invalid value: 2: field is immutable',
    ]);
    const elastic = { ...indexed, completions: 6, parallelism: 6 };
    expect(updated(job(elastic), job(indexed))).toEqual([]);
    expect(updated(job({ ...elastic, parallelism: 4 }), job(indexed))).toEqual([
      'spec.completions: Invalid value: 6: can only be modified in tandem with spec.parallelism',
    ]);
  });
});

describe('the status of a Job', () => {
  const at = '2026-01-01T00:00:00Z';
  const condition = (type: string) => ({ type, status: 'True' });
  const done = {
    startTime: at,
    completionTime: at,
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };

  it.each<[string, readonly string[], JobStatus, JobStatus, Partial<JobSpec>?]>([
    ['may complete', [], done, { startTime: at }],
    [
      'needs its reason first',
      ['status.conditions'],
      { ...done, conditions: [condition('Complete')] },
      { startTime: at },
    ],
    ['needs its time', ['status.completionTime'], { ...done, completionTime: undefined }, { startTime: at }],
    ['leaves nothing under way', ['status.active', 'status.terminating'], { ...done, active: 1, terminating: 1 }, {}],
    [
      'cannot be both',
      ['status.conditions'],
      { conditions: [condition('SuccessCriteriaMet'), condition('FailureTarget')] },
      {},
    ],
    [
      'cannot go back',
      ['status.conditions', 'status.conditions', 'status.completionTime'],
      { startTime: at, completionTime: at },
      done,
    ],
    ['does not forget failures', ['status.failed'], { failed: 1 }, { failed: 2 }],
    ['keeps its start', ['status.startTime'], {}, { startTime: at }],
    ['loses its start while it is suspended', [], {}, { startTime: at }, { suspend: true }],
    ['has indexes only with the mode', ['status.completedIndexes'], { completedIndexes: '0' }, {}],
    [
      'has no index in both',
      ['status.failedIndexes'],
      { completedIndexes: '0-2', failedIndexes: '1' },
      {},
      { ...indexed, backoffLimitPerIndex: 1 },
    ],
    ['is left alone as it was', [], { failed: -0, completedIndexes: '9' }, { failed: -0, completedIndexes: '9' }],
  ])('%s', (_, paths, next, previous, spec = {}) => {
    const issues = collectIssues((sink) => Job.validateStatusUpdate?.(job(spec, next), job(spec, previous), sink));
    expect(issues.map(({ path }) => pathText(path))).toEqual(paths);
  });
});

describe('a CronJob', () => {
  it('fills in what a condition is compared with', () => {
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] as const;
    const draft = deepClone<CronJob>({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: { schedule: '@hourly', jobTemplate: { spec: { template, podFailurePolicy: { rules } } } },
    });
    applyDefaults(CronJob, draft);
    expect(validateObject(CronJob, draft, { operation: 'create' })).toEqual([]);
  });

  it.each<[string, readonly string[], Partial<CronJobSpec>]>([
    ['a schedule with a time zone', ['spec.schedule'], { schedule: 'CRON_TZ=UTC 0 6 * * *' }],
    ['no schedule', ['spec.schedule'], { schedule: '0 0 L * *' }],
    ['an unknown time zone', ['spec.timeZone'], { timeZone: 'Europe/Bonn' }],
    ['the time zone of the machine', ['spec.timeZone'], { timeZone: 'Local' }],
    [
      'a selector for all jobs',
      ['spec.jobTemplate.spec.selector'],
      { jobTemplate: { spec: { template, selector: {} } } },
    ],
    [
      'a selector by hand',
      ['spec.jobTemplate.spec.manualSelector'],
      { jobTemplate: { spec: { template, manualSelector: true } } },
    ],
  ])('cannot have %s', (_, paths, spec) => {
    const draft = deepClone<CronJob>({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'tick' },
      spec: { schedule: '@hourly', jobTemplate: { spec: { template } }, ...spec },
    });
    applyDefaults(CronJob, draft);
    const issues = validateObject(CronJob, draft, { operation: 'create' });
    expect(issues.map(({ path }) => pathText(path))).toEqual(paths);
  });
});
