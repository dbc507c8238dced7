import { deepEqual } from '../../../shared/deep.ts';
import { isConditionTrue } from '../../conditions.ts';
import type { Draft } from '../../meta.ts';
import { defaultPodTemplate } from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { podSpecWarnings } from '../../pod/warnings.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, humanDuration, selectorText, textColumn, workloadColumns } from '../../table.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { checkGeneratedSelector, checkJobSelector, checkJobSpec } from '../../validation/jobs.ts';
import type * as batch_v1 from '../generated/batch-v1.gen.ts';

export type Job = batch_v1.Job;

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
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) if ((pattern.status ?? '') === '') pattern.status = 'True';
  }
  defaultPodTemplate(spec.template);
}

/** The labels by which a job finds its pods; without manualSelector the server chooses them. */
function addSelector(draft: Draft<Job>): void {
  const { spec, metadata } = draft;
  if (!spec || spec.manualSelector === true) return;
  const [uid, name] = [metadata.uid ?? '', metadata.name ?? ''];
  spec.template.metadata = {
    ...spec.template.metadata,
    labels: {
      ...spec.template.metadata?.labels,
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
    },
  };
  spec.selector = {
    ...spec.selector,
    matchLabels: { ...spec.selector?.matchLabels, 'batch.kubernetes.io/controller-uid': uid },
  };
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
    const labels = draft.spec.template?.metadata?.labels;
    if (labels && Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = { ...labels };
  },
  prepareForCreate: addSelector,
  validate({ spec, metadata }, issues) {
    // Before the server has given it an identity, a job has no selector.
    if (metadata.uid !== undefined || spec?.manualSelector === true) checkJobSelector(spec ?? {}, issues.at('spec'));
    checkJobSpec(spec ?? {}, issues.at('spec'));
  },
  validateCreate({ spec, metadata }, issues) {
    if (spec?.manualSelector !== true) checkGeneratedSelector(spec?.selector, metadata, issues.at('spec', 'selector'));
  },
  validateUpdate(next, previous, issues) {
    const at = issues.at('spec');
    const [now, before] = [next.spec, previous.spec];
    const elastic = before?.completionMode === 'Indexed' && now?.completions === now?.parallelism;
    if (now?.completions !== before?.completions && !elastic)
      at.at('completions').invalid(now?.completions, 'field is immutable');
    for (const name of [
      'selector',
      'template',
      'completionMode',
      'podFailurePolicy',
      'backoffLimitPerIndex',
      'managedBy',
      'successPolicy',
    ] as const) {
      const mayChange = name === 'template' && before?.suspend === true && previous.status?.startTime === undefined;
      if (!mayChange && !deepEqual(now?.[name], before?.[name]))
        at.at(name).invalid(now?.[name] ?? null, 'field is immutable');
    }
  },
  validateStatusUpdate({ status }, _previous, issues) {
    for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) {
      checkNonNegative(status?.[name], issues.at('status', name));
    }
  },
  warnings: ({ spec }) => podSpecWarnings(spec?.template?.spec, 'spec.template.spec'),
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace),
});
