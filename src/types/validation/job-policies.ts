/** Rules of a Job's podFailurePolicy and successPolicy (batch validation). */
import { countIndexes, readIndexes } from '../completion-indexes.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as batch from '../kinds/generated/batch-v1.gen.ts';
import { qualifiedNameErrors } from '../names.ts';
import { checkNonNegative, isBlank } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];
const mostRules = 20;
const mostPatterns = 20;
const mostExitCodes = 255;
const longestIndexes = 64 * 1024;

function containerNames({ template }: Partial<batch.JobSpec>): readonly string[] {
  return [...(template?.spec?.initContainers ?? []), ...(template?.spec?.containers ?? [])].map(({ name }) => name);
}

function checkChoice(value: string | undefined, supported: readonly string[], at: IssueSink): void {
  const listed = supported.map((each) => `"${each}"`).join(' ');
  if (isBlank(value)) at.required(`valid values: [${listed}]`);
  else if (!supported.includes(value)) at.notSupported(value, supported);
}

export function checkFailurePolicy(spec: Partial<batch.JobSpec>, policy: batch.PodFailurePolicy, at: IssueSink): void {
  const rules = policy.rules ?? [];
  if (rules.length > mostRules) at.at('rules').tooMany(rules.length, mostRules);
  rules.forEach((rule, index) => checkFailureRule(spec, rule, at.at('rules', index)));
}

function checkFailureRule(spec: Partial<batch.JobSpec>, rule: batch.PodFailurePolicyRule, at: IssueSink): void {
  checkChoice(rule.action, actions, at.at('action'));
  if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    at.at('action').invalid(rule.action, 'requires the backoffLimitPerIndex to be set');
  }
  const patterns = rule.onPodConditions ?? [];
  if (rule.onExitCodes) checkExitCodes(containerNames(spec), rule.onExitCodes, at.at('onExitCodes'));
  checkPatterns(patterns, at.at('onPodConditions'));
  if (rule.onExitCodes && patterns.length > 0) {
    at.invalid(rule, 'specifying both OnExitCodes and OnPodConditions is not supported');
  }
  if (!rule.onExitCodes && patterns.length === 0) {
    at.invalid(rule, 'specifying one of OnExitCodes and OnPodConditions is required');
  }
}

function checkExitCodes(
  containers: readonly string[],
  codes: batch.PodFailurePolicyOnExitCodesRequirement,
  at: IssueSink,
): void {
  const { containerName, operator } = codes;
  checkChoice(operator, operators, at.at('operator'));
  if (containerName !== undefined && !containers.includes(containerName)) {
    const text = 'must be one of the container or initContainer names in the pod template';
    at.at('containerName').invalid(containerName, text);
  }
  const values = codes.values ?? [];
  if (values.length === 0) at.at('values').invalid(values, 'at least one value is required');
  else if (values.length > mostExitCodes) at.at('values').tooMany(values.length, mostExitCodes);
  values.forEach((value, index) => {
    const place = at.at('values', index);
    if (operator === 'In' && value === 0) place.invalid(value, 'must not be 0 for the In operator');
    if (values.indexOf(value) < index) place.duplicate(value);
  });
  if (values.some((value, index) => (values[index - 1] ?? value) > value)) {
    at.at('values').invalid(values, 'must be ordered');
  }
}

function checkPatterns(patterns: readonly batch.PodFailurePolicyOnPodConditionsPattern[], at: IssueSink): void {
  if (patterns.length > mostPatterns) at.tooMany(patterns.length, mostPatterns);
  patterns.forEach((pattern, index) => {
    invalidEach(at.at(index, 'type'), pattern.type ?? '', qualifiedNameErrors(pattern.type ?? ''));
    checkChoice(pattern.status, statuses, at.at(index, 'status'));
  });
}

/** Of an indexed job. */
export function checkSuccessPolicy(spec: Partial<batch.JobSpec>, policy: batch.SuccessPolicy, at: IssueSink): void {
  const rules = policy.rules ?? [];
  if (rules.length === 0) {
    at.at('rules').required('at least one rules must be specified when the successPolicy is specified');
  }
  if (rules.length > mostRules) at.at('rules').tooMany(rules.length, mostRules);
  rules.forEach((rule, index) => checkSuccessRule(spec.completions, rule, at.at('rules', index)));
}

function checkSuccessRule(completions: number | undefined, rule: batch.SuccessPolicyRule, at: IssueSink): void {
  const { succeededCount: count, succeededIndexes: text } = rule;
  if (count === undefined && text === undefined) {
    at.required('at least one of succeededCount or succeededIndexes must be specified');
  }
  const indexes = text === undefined ? undefined : readIndexes(text, completions ?? Number.POSITIVE_INFINITY);
  if (text !== undefined && text.length > longestIndexes) at.at('succeededIndexes').tooLong(text, longestIndexes);
  if (typeof indexes === 'string') {
    at.at('succeededIndexes').invalid(text, `error parsing succeededIndexes: ${indexes}`);
  }
  if (count === undefined) return;
  const place = at.at('succeededCount');
  checkNonNegative(count, place);
  if (completions !== undefined && count > completions) {
    place.invalid(count, `must be less than or equal to ${completions} (the number of specified completions)`);
  }
  if (indexes === undefined) return;
  const total = typeof indexes === 'string' ? 0 : countIndexes(indexes);
  if (count > total) {
    const what = 'the number of indexes in the specified succeededIndexes field';
    place.invalid(count, `must be less than or equal to ${total} (${what})`);
  }
}
