import { deepEqual } from '../../../shared/deep.ts';
import { isConditionTrue } from '../../conditions.ts';
import type { Draft } from '../../meta.ts';
import { defaultPodTemplate } from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { podSpecWarnings } from '../../pod/warnings.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, humanDuration, selectorText, textColumn, workloadColumns } from '../../table.ts';
import { checkJobStatusUpdate } from '../../validation/job-status.ts';
import {
  checkGeneratedSelector,
  checkHostnames,
  checkJobSelector,
  checkJobSpec,
  checkTemplateUpdate,
  generatedLabels,
} from '../../validation/jobs.ts';
import type * as batch_v1 from '../generated/batch-v1.gen.ts';

export type Job = batch_v1.Job;

const immutable = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

function completionsText({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec?.completions !== undefined) return `${done}/${spec.completions}`;
  return (spec?.parallelism ?? 0) > 1 ? `${done}/1 of ${spec?.parallelism ?? 0}` : `${done}/1`;
}

function durationText({ status }: Job, now: Date): string {
  if (status?.startTime === undefined) return '';
  const end = status.completionTime === undefined ? now.getTime() : Date.parse(status.completionTime);
  return humanDuration(end - Date.parse(status.startTime));
}

function statusText({ status, metadata }: Job): string {
  if (isConditionTrue(status?.conditions, 'Complete')) return 'Complete';
  if (isConditionTrue(status?.conditions, 'Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (isConditionTrue(status?.conditions, 'Suspended')) return 'Suspended';
  if (isConditionTrue(status?.conditions, 'FailureTarget')) return 'FailureTarget';
  return isConditionTrue(status?.conditions, 'SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

export function defaultJobSpec(spec: Draft<batch_v1.JobSpec>): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1;
    spec.parallelism = 1;
  }
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2_147_483_647;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  defaultJobTemplate(spec);
}

/** The defaults that a job's spec has in a CronJob already. */
export function defaultJobTemplate(spec: Draft<batch_v1.JobSpec>): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) if ((pattern.status ?? '') === '') pattern.status = 'True';
  }
  defaultPodTemplate(spec.template);
}

/** Without manualSelector the server chooses the labels by which a job finds its pods. Labels that stand there already
 * are left alone, so that those of another job are found to be wrong instead of being lost. */
function addSelector(draft: Draft<Job>): void {
  const { spec, metadata } = draft;
  if (!spec || spec.manualSelector === true) return;
  const uid = metadata.uid ?? '';
  spec.template.metadata = {
    ...spec.template.metadata,
    labels: { ...generatedLabels(uid, metadata.name ?? ''), ...spec.template.metadata?.labels },
  };
  const selected = { 'batch.kubernetes.io/controller-uid': uid };
  spec.selector = { ...spec.selector, matchLabels: { ...selected, ...spec.selector?.matchLabels } };
  labelAsPods(draft);
}

/** A job without labels of its own has those of its pods. */
function labelAsPods({ spec, metadata }: Draft<Job>): void {
  const labels = spec?.template?.metadata?.labels;
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

export const Job = defineKind<Job>('batch/v1', 'Job', {
  orphansByDefault: true,
  categories: ['all'],
  columns: columnsOf<Job>(
    [
      textColumn('Status', statusText),
      textColumn('Completions', completionsText),
      textColumn('Duration', durationText),
    ],
    workloadColumns(
      ({ spec }) => spec?.template,
      ({ spec }) => selectorText(spec?.selector),
    ),
  ),
  selectableFields: [{ path: 'status.successful', value: ({ status }) => String(status?.succeeded ?? 0) }],
  validated: true,
  unrealized: unrealizedInPodSpec('spec.template.spec'),
  example: {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec: {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'busybox:1.37', command: ['true'] }] },
      },
    },
  },
  applyDefaults(draft) {
    if (!draft.spec) return;
    defaultJobSpec(draft.spec);
    labelAsPods(draft);
  },
  prepareForCreate: addSelector,
  validate(job, issues) {
    const { spec, metadata } = job;
    // Before the server has given it an identity, a job has no selector.
    if (metadata.uid !== undefined || spec?.manualSelector === true) checkJobSelector(spec ?? {}, issues.at('spec'));
    checkJobSpec(spec ?? {}, issues.at('spec'));
    checkHostnames(job, issues);
  },
  validateCreate(job, issues) {
    if (job.spec?.manualSelector !== true) checkGeneratedSelector(job, issues);
  },
  validateUpdate(next, previous, issues) {
    const at = issues.at('spec');
    const [now, before] = [next.spec, previous.spec];
    if (now?.completions !== before?.completions) {
      const place = at.at('completions');
      if (now?.completionMode !== 'Indexed') place.invalid(now?.completions, 'field is immutable');
      else if (now.completions !== now.parallelism) {
        place.invalid(now.completions, 'can only be modified in tandem with spec.parallelism');
      }
    }
    const mutable = before?.suspend === true && previous.status?.startTime === undefined;
    if (now && before) checkTemplateUpdate(now, before, mutable, at.at('template'));
    for (const name of immutable) {
      if (!deepEqual(now?.[name], before?.[name])) at.at(name).invalid(now?.[name] ?? null, 'field is immutable');
    }
  },
  validateStatusUpdate: checkJobStatusUpdate,
  warnings: ({ spec }) => podSpecWarnings(spec?.template?.spec, 'spec.template.spec'),
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace),
});
