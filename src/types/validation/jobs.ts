/** Rules of Jobs, as objects and as templates of CronJobs (batch validation, ValidateJobSpec). */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as batch from '../kinds/generated/batch-v1.gen.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { matchesLabelSelector } from '../label-selector.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../names.ts';
import { checkPodTemplate, checkTemplateSelected } from '../pod-template.ts';
import { checkNonNegative, checkOptionalOneOf } from './field-checks.ts';
import { checkFailurePolicy, checkSuccessPolicy } from './job-policies.ts';
import { checkLabelSelector, isUsableSelector } from './label-selector.ts';
import { invalidEach } from './metadata.ts';

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;
const mostParallel = 100_000;
const mostFailedIndexes = 100_000;
/** Beyond so many completions, the texts of failed and completed indexes have to be kept short. */
const manyCompletions = 100_000;
const mostForMany = 10_000;

/** What only jobs with indexes may say. */
function checkIndexes(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  const { backoffLimitPerIndex: limit, maxFailedIndexes: most, successPolicy } = spec;
  if (most !== undefined && limit === undefined) {
    at.at('backoffLimitPerIndex').required('when maxFailedIndexes is specified');
  }
  if (spec.completionMode === 'Indexed') {
    checkIndexCounts(spec, at);
    if (successPolicy) checkSuccessPolicy(spec, successPolicy, at.at('successPolicy'));
    return;
  }
  const text = 'requires indexed completion mode';
  if (limit !== undefined) at.at('backoffLimitPerIndex').invalid(limit, text);
  if (most !== undefined) at.at('maxFailedIndexes').invalid(most, text);
  if (successPolicy) at.at('successPolicy').invalid(successPolicy, text);
}

function checkIndexCounts(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  const { completions, parallelism = 0, backoffLimitPerIndex: limit, maxFailedIndexes: most } = spec;
  if (completions === undefined) at.at('completions').required('when completion mode is Indexed');
  if (parallelism > mostParallel) {
    const text = `must be less than or equal to ${mostParallel} when completion mode is Indexed`;
    at.at('parallelism').invalid(parallelism, text);
  }
  if (most !== undefined && completions !== undefined && most > completions) {
    at.at('maxFailedIndexes').invalid(most, 'must be less than or equal to completions');
  }
  if (most !== undefined && most > mostFailedIndexes) {
    at.at('maxFailedIndexes').invalid(most, `must be less than or equal to ${mostFailedIndexes}`);
  }
  if ((completions ?? 0) <= manyCompletions || limit === undefined) return;
  if (most === undefined) {
    at.at('maxFailedIndexes').required(`must be specified when completions is above ${manyCompletions}`);
  }
  const when = `when completions are above ${manyCompletions} and used with backoff limit per index`;
  const text = `must be less than or equal to ${mostForMany} ${when}`;
  if (parallelism > mostForMany) at.at('parallelism').invalid(parallelism, text);
  if ((most ?? 0) > mostForMany) at.at('maxFailedIndexes').invalid(most, text);
}

function checkReplacementPolicy(
  { podReplacementPolicy, podFailurePolicy }: Partial<batch.JobSpec>,
  at: IssueSink,
): void {
  checkOptionalOneOf(podReplacementPolicy, podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'], at);
}

const httpPathFormat = String.raw`[A-Za-z0-9/\-._~%!$&'()*+,;=:]+`;
const httpPath = new RegExp(`^${httpPathFormat}$`);

/** A domain, a slash and a path, as labels' keys begin. */
function checkManagedBy(name: string | undefined, at: IssueSink): void {
  if (name === undefined) return;
  if (name === '') {
    at.required();
    return;
  }
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) {
    at.invalid(name, 'must be a domain-prefixed path (such as "acme.io/foo")');
    return;
  }
  invalidEach(at, name.slice(0, slash), dns1123SubdomainErrors(name.slice(0, slash)));
  const path = name.slice(slash + 1);
  if (!httpPath.test(path)) at.invalid(path, `Invalid path (regex used for validation is '${httpPathFormat}')`);
  if (name.length > 63) at.tooLong(name, 63);
}

export function checkJobSpec(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  for (const name of counts) checkNonNegative(spec[name], at.at(name));
  checkManagedBy(spec.managedBy, at.at('managedBy'));
  checkOptionalOneOf(spec.completionMode, ['Indexed', 'NonIndexed'], at.at('completionMode'));
  checkIndexes(spec, at);
  if (spec.podFailurePolicy) checkFailurePolicy(spec, spec.podFailurePolicy, at.at('podFailurePolicy'));
  checkReplacementPolicy(spec, at.at('podReplacementPolicy'));
  checkPodTemplate(spec.template, at.at('template'));
  // Upstream defaults to Always, which no job can have, and says that a choice is missing.
  const policy: string | undefined = spec.template?.spec?.restartPolicy;
  const place = at.at('template', 'spec', 'restartPolicy');
  if (policy === undefined || policy === 'Always') place.required('valid values: "OnFailure", "Never"');
  else if (policy !== 'OnFailure' && policy !== 'Never') place.notSupported(policy, ['OnFailure', 'Never']);
  else if (spec.podFailurePolicy && policy !== 'Never') {
    place.invalid(policy, 'only "Never" is supported when podFailurePolicy is specified');
  }
}

/** The spec of a CronJob's jobs, which get their selectors one by one. */
export function checkJobTemplate(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  checkJobSpec(spec, at);
  if (spec.selector) at.at('selector').invalid(spec.selector, '`selector` will be auto-generated');
  if (spec.manualSelector === true) at.at('manualSelector').notSupported(true, ['nil', 'false']);
}

export function checkJobSelector(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  if (!spec.selector) at.at('selector').required();
  else checkLabelSelector(spec.selector, at.at('selector'));
  checkTemplateSelected(spec.selector, spec.template, at.at('template'));
}

/** The labels by which a job finds its pods, unless it has a selector of its own (manualSelector). */
export function generatedLabels(uid: string, name: string): Readonly<Record<string, string>> {
  return {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
}

/** Who wants a selector or labels of their own says so with manualSelector. */
export function checkGeneratedSelector(job: batch.Job, issues: IssueSink): void {
  const { uid, name = '' } = job.metadata;
  const { labels = {} } = job.spec?.template.metadata ?? {};
  const { selector } = job.spec ?? {};
  const expected = generatedLabels(uid ?? '', name);
  // Before the server has given it an identity, a job has no labels of it, and nobody can tell what its uid will be.
  if (uid === undefined) {
    if (!mayBeGenerated(selector, expected)) issues.at('spec', 'selector').invalid(selector, notGenerated);
    return;
  }
  for (const [key, value] of Object.entries(expected)) {
    const at = issues.at('spec', 'template', 'metadata', 'labels', { key });
    if (labels[key] === undefined) at.required(`must be '${value}'`);
    else if (labels[key] !== value) at.invalid(labels, `must be '${value}'`);
  }
  if (isUsableSelector(selector ?? {}) && !matchesLabelSelector(selector, expected)) {
    issues.at('spec', 'selector').invalid(selector, notGenerated);
  }
}

const notGenerated = '`selector` not auto-generated';

function mayBeGenerated(selector: batch.JobSpec['selector'], expected: Readonly<Record<string, string>>): boolean {
  if ((selector?.matchExpressions ?? []).length > 0) return false;
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => key.endsWith('controller-uid') || expected[key] === value,
  );
}

/** The hostname of the last pod of an indexed job must be one. */
export function checkHostnames({ spec, metadata }: batch.Job, issues: IssueSink): void {
  const { completionMode, completions = 0 } = spec ?? {};
  if (completionMode !== 'Indexed' || completions <= 0 || metadata.name === undefined) return;
  const hostname = `${metadata.name}-${completions - 1}`;
  if (dns1123LabelErrors(hostname).length === 0) return;
  const text = `will not able to create pod with invalid DNS label: ${hostname}`;
  issues.at('metadata', 'name').invalid(metadata.name, text);
}

/** What of a template may change while its job is suspended: what decides where pods run, and how much they get. */
export function checkTemplateUpdate(
  next: batch.JobSpec,
  previous: batch.JobSpec,
  mutable: boolean,
  at: IssueSink,
): void {
  const before = mutable ? withDirectives(previous.template, next.template) : previous.template;
  if (!deepEqual(next.template, before)) at.invalid(next.template, 'field is immutable');
}

/** `template` with the fields of `other` that decide on scheduling. */
function withDirectives(template: core.PodTemplateSpec, other: core.PodTemplateSpec): core.PodTemplateSpec {
  const [spec, wanted] = [template.spec, other.spec];
  if (!spec || !wanted) return template;
  const { nodeSelector, tolerations, schedulingGates } = wanted;
  const affinity = { ...spec.affinity, nodeAffinity: wanted.affinity?.nodeAffinity };
  const hasAffinity = wanted.affinity !== undefined || Object.values(affinity).some((part) => part !== undefined);
  const resourcesOf = (list: readonly core.Container[] = [], wantedList: readonly core.Container[] = []) =>
    list.map((container, index) => ({ ...container, resources: wantedList[index]?.resources }));
  return {
    ...template,
    metadata: { ...template.metadata, labels: other.metadata?.labels, annotations: other.metadata?.annotations },
    spec: {
      ...spec,
      nodeSelector,
      tolerations,
      schedulingGates,
      affinity: hasAffinity ? affinity : undefined,
      containers: resourcesOf(spec.containers, wanted.containers),
      initContainers: spec.initContainers && resourcesOf(spec.initContainers, wanted.initContainers),
    },
  };
}
