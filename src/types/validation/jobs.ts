/** Rules of Jobs, as objects and as templates of CronJobs (batch validation, ValidateJobSpec). */
import type { IssueSink } from '../field-issue.ts';
import type * as batch from '../kinds/generated/batch-v1.gen.ts';
import { qualifiedNameErrors } from '../names.ts';
import { checkPodTemplate, checkTemplateSelected } from '../pod-template.ts';
import { checkNonNegative, checkOneOf, checkOptionalOneOf } from './field-checks.ts';
import { checkLabelSelector } from './label-selector.ts';
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
const policyActions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function containerNames({ template }: Partial<batch.JobSpec>): readonly string[] {
  return [...(template?.spec?.initContainers ?? []), ...(template?.spec?.containers ?? [])].map(({ name }) => name);
}

function checkPatterns(patterns: readonly batch.PodFailurePolicyOnPodConditionsPattern[], at: IssueSink): void {
  if (patterns.length > 20) at.tooMany(patterns.length, 20);
  patterns.forEach((pattern, index) => {
    invalidEach(at.at(index, 'type'), pattern.type ?? '', qualifiedNameErrors(pattern.type ?? ''));
    checkOneOf(pattern.status, ['False', 'True', 'Unknown'], at.at(index, 'status'));
  });
}

function checkSuccessPolicy(spec: Partial<batch.JobSpec>, policy: batch.SuccessPolicy, at: IssueSink): void {
  if (spec.completionMode !== 'Indexed') at.invalid(policy, 'requires indexed completion mode');
  const rules = policy.rules ?? [];
  if (rules.length === 0) {
    at.at('rules').required('at least one rules must be specified when the successPolicy is specified');
  }
  if (rules.length > 20) at.at('rules').tooMany(rules.length, 20);
  rules.forEach(({ succeededCount: count, succeededIndexes }, index) => {
    const place = at.at('rules', index);
    if (count === undefined && succeededIndexes === undefined) {
      place.required('at least one of succeededCount or succeededIndexes must be specified');
    }
    checkNonNegative(count, place.at('succeededCount'));
    const completions = spec.completions;
    if (count !== undefined && completions !== undefined && count > completions) {
      const text = `must be less than or equal to ${completions} (the number of specified completions)`;
      place.at('succeededCount').invalid(count, text);
    }
  });
}

/** What only jobs with indexes may say. */
function checkIndexes(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  const { backoffLimitPerIndex: limit, maxFailedIndexes: most } = spec;
  if (limit !== undefined && spec.completionMode !== 'Indexed') {
    at.at('backoffLimitPerIndex').invalid(limit, 'requires indexed completion mode');
  }
  if (most !== undefined && limit === undefined) {
    at.at('backoffLimitPerIndex').required('when maxFailedIndexes is specified');
  }
  if (most !== undefined && spec.completions !== undefined && most > spec.completions) {
    at.at('maxFailedIndexes').invalid(most, 'must be less than or equal to completions');
  }
  if (spec.successPolicy) checkSuccessPolicy(spec, spec.successPolicy, at.at('successPolicy'));
}

function checkFailurePolicy(spec: Partial<batch.JobSpec>, policy: batch.PodFailurePolicy, at: IssueSink): void {
  if ((policy.rules ?? []).length > 20) at.at('rules').tooMany(policy.rules.length, 20);
  policy.rules?.forEach((rule, index) => {
    const place = at.at('rules', index);
    checkOneOf(rule.action, policyActions, place.at('action'));
    if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
      place.at('action').invalid(rule.action, 'requires the backoffLimitPerIndex to be set');
    }
    const codes = rule.onExitCodes;
    const container = codes?.containerName;
    if (container !== undefined && !containerNames(spec).includes(container)) {
      const text = 'must be one of the container or initContainer names in the pod template';
      place.at('onExitCodes', 'containerName').invalid(container, text);
    }
    checkPatterns(rule.onPodConditions ?? [], place.at('onPodConditions'));
    if (codes) {
      checkOneOf(codes.operator, ['In', 'NotIn'], place.at('onExitCodes', 'operator'));
      if ((codes.values ?? []).length === 0) {
        place.at('onExitCodes', 'values').invalid(codes.values ?? [], 'at least one value is required');
      }
      if (codes.operator === 'In' && codes.values?.includes(0)) {
        place.at('onExitCodes', 'values').invalid(0, 'must not be 0 for the In operator');
      }
    }
    const conditions = (rule.onPodConditions ?? []).length > 0;
    if (codes && conditions) place.invalid(rule, 'specifying both OnExitCodes and OnPodConditions is not supported');
    if (!codes && !conditions) place.invalid(rule, 'specifying one of OnExitCodes and OnPodConditions is required');
  });
}

export function checkJobSpec(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  for (const name of counts) checkNonNegative(spec[name], at.at(name));
  checkOptionalOneOf(spec.completionMode, ['Indexed', 'NonIndexed'], at.at('completionMode'));
  if (spec.completionMode === 'Indexed' && spec.completions === undefined) {
    at.at('completions').required('when completion mode is Indexed');
  }
  checkIndexes(spec, at);
  if (spec.podFailurePolicy) checkFailurePolicy(spec, spec.podFailurePolicy, at.at('podFailurePolicy'));
  checkOptionalOneOf(spec.podReplacementPolicy, ['Failed', 'TerminatingOrFailed'], at.at('podReplacementPolicy'));
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

export function checkJobSelector(spec: Partial<batch.JobSpec>, at: IssueSink): void {
  if (!spec.selector) at.at('selector').required();
  else checkLabelSelector(spec.selector, at.at('selector'));
  checkTemplateSelected(spec.selector, spec.template, at.at('template'));
}

const generatedLabels = [
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
];

/** Who wants a selector of their own says so with manualSelector. */
export function checkGeneratedSelector(
  selector: batch.JobSpec['selector'],
  { uid, name }: { readonly uid?: string | undefined; readonly name?: string | undefined },
  at: IssueSink,
): void {
  const expected = (key: string): string | undefined => (key.endsWith('controller-uid') ? uid : name);
  const labels = Object.entries(selector?.matchLabels ?? {});
  const foreign = labels.some(([key, value]) => !generatedLabels.includes(key) || value !== (expected(key) ?? value));
  if (foreign || (selector?.matchExpressions ?? []).length > 0) at.invalid(selector, '`selector` not auto-generated');
}
