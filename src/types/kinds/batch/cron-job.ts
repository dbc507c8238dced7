import { scheduleError } from '../../cron-schedule.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import type { IssueSink } from '../../field-issue.ts';
import { dns1123SubdomainErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import {
  ageText,
  booleanColumn,
  columnsOf,
  integerColumn,
  orNone,
  selectorText,
  textColumn,
  workloadColumns,
} from '../../table.ts';
import { isTimeZone } from '../../time-zone.ts';
import { checkNonNegative, checkOneOf } from '../../validation/field-checks.ts';
import { checkJobTemplate } from '../../validation/jobs.ts';
import { defaultJobTemplate } from './job.ts';
import type * as batch_v1 from '../generated/batch-v1.gen.ts';

export type CronJob = batch_v1.CronJob;

function checkTimeZone(name: string | undefined, at: IssueSink): void {
  if (name === undefined) return;
  if (name === '') at.invalid('', 'timeZone must be nil or non-empty string');
  else if (name.toLowerCase() === 'local') {
    at.invalid(name, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  } else if (!isTimeZone(name)) at.invalid(name, `unknown time zone ${name}`);
}

export const CronJob = defineKind<CronJob>('batch/v1', 'CronJob', {
  shortNames: ['cj'],
  categories: ['all'],
  columns: columnsOf<CronJob>(
    [
      textColumn('Schedule', ({ spec }) => spec?.schedule ?? ''),
      textColumn('Timezone', ({ spec }) => orNone(spec?.timeZone)),
      // Upstream's printer spells it so.
      booleanColumn('Suspend', ({ spec }) => (spec?.suspend === true ? 'True' : 'False')),
      integerColumn('Active', ({ status }) => (status?.active ?? []).length),
      textColumn('Last Schedule', ({ status }, now) =>
        status?.lastScheduleTime === undefined ? '<none>' : ageText(status.lastScheduleTime, now),
      ),
    ],
    workloadColumns(
      ({ spec }) => spec?.jobTemplate?.spec?.template,
      ({ spec }) => selectorText(spec?.jobTemplate?.spec?.selector),
    ),
  ),
  validated: true,
  unrealized: unrealizedInPodSpec('spec.jobTemplate.spec.template.spec'),
  example: {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'report' },
    spec: {
      schedule: '0 6 * * *',
      jobTemplate: {
        spec: {
          template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'report', image: 'busybox:1.37' }] } },
        },
      },
    },
  },
  // Room for the suffix of a job's name.
  validateName(name) {
    const errors = dns1123SubdomainErrors(name);
    return name.length > 52 ? [...errors, 'must be no more than 52 characters'] : errors;
  },
  applyDefaults({ spec }) {
    if (!spec) return;
    spec.concurrencyPolicy ??= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    // The rest of the job is filled in when it is created.
    if (spec.jobTemplate?.spec) defaultJobTemplate(spec.jobTemplate.spec);
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    const schedule = spec?.schedule ?? '';
    if (schedule === '') at.at('schedule').required();
    else {
      const wrong = scheduleError(schedule);
      if (wrong !== undefined) at.at('schedule').invalid(schedule, wrong);
      if (/^(CRON_)?TZ=/.test(schedule)) {
        at.at('schedule').invalid(schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
      }
    }
    checkNonNegative(spec?.startingDeadlineSeconds, at.at('startingDeadlineSeconds'));
    checkTimeZone(spec?.timeZone, at.at('timeZone'));
    checkOneOf(spec?.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], at.at('concurrencyPolicy'));
    checkJobTemplate(spec?.jobTemplate?.spec ?? {}, at.at('jobTemplate', 'spec'));
    checkNonNegative(spec?.successfulJobsHistoryLimit, at.at('successfulJobsHistoryLimit'));
    checkNonNegative(spec?.failedJobsHistoryLimit, at.at('failedJobsHistoryLimit'));
  },
  podTemplate: ({ spec }) => spec?.jobTemplate?.spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(
      spec?.jobTemplate?.spec?.template?.spec,
      ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
      metadata.namespace,
    ),
});
