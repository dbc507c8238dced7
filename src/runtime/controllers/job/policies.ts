/** Which failures count, and when some successes are enough. Pure. */
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
  SuccessPolicy,
} from '../../../types/kinds/generated/batch-v1.gen.ts';
import type { Job } from '../../../types/kinds/batch/job.ts';
import type { ContainerStatus } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import { countOf, overlapOf, parseIndexes } from './indexes.ts';
import type { Indexes } from './indexes.ts';

export interface FailureVerdict {
  /** Undefined when no rule matches. */
  readonly action: PodFailurePolicyRule['action'] | undefined;
  /** Counts towards backoffLimit. */
  readonly counts: boolean;
  /** What to say of the whole job; only of FailJob. */
  readonly message: string | undefined;
}

/** What the job's podFailurePolicy says of a failed pod: the first rule that matches does (KEP-3329). */
export function judgeFailure({ spec }: Job, pod: Pod): FailureVerdict {
  const { namespace, name } = pod.metadata;
  for (const [index, rule] of (spec?.podFailurePolicy?.rules ?? []).entries()) {
    const cause = rule.onExitCodes ? exitCodeCause(rule.onExitCodes, pod) : conditionCause(rule, pod);
    if (cause === undefined) continue;
    const subject = rule.onExitCodes
      ? `Container ${cause.subject} for pod ${namespace}/${name} failed with exit code ${cause.detail}`
      : `Pod ${namespace}/${name} has condition ${cause.subject}`;
    return {
      action: rule.action,
      counts: rule.action !== 'Ignore',
      message: rule.action === 'FailJob' ? `${subject} matching ${rule.action} rule at index ${index}` : undefined,
    };
  }
  return { action: undefined, counts: true, message: undefined };
}

interface Cause {
  readonly subject: string;
  readonly detail: number | undefined;
}

function exitCodeCause(requirement: PodFailurePolicyOnExitCodesRequirement, { status }: Pod): Cause | undefined {
  const statuses: readonly ContainerStatus[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
  ];
  for (const { name, state } of statuses) {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (requirement.containerName !== undefined && requirement.containerName !== name)) continue;
    if (requirement.values.includes(code) === (requirement.operator === 'In')) return { subject: name, detail: code };
  }
  return undefined;
}

function conditionCause(rule: PodFailurePolicyRule, { status }: Pod): Cause | undefined {
  const found = (status?.conditions ?? []).find((condition) =>
    (rule.onPodConditions ?? []).some(
      (pattern) => pattern.type === condition.type && (pattern.status ?? 'True') === condition.status,
    ),
  );
  return found && { subject: found.type, detail: undefined };
}

/** The index of the first rule of a success policy that the succeeded indexes satisfy (KEP-3998). */
export function satisfiedRule(
  policy: SuccessPolicy | undefined,
  succeeded: Indexes,
  completions: number,
): number | undefined {
  if (!policy || succeeded.length === 0) return undefined;
  const index = policy.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) {
      return succeededCount !== undefined && countOf(succeeded) >= succeededCount;
    }
    const wanted = parseIndexes(succeededIndexes, completions);
    if (wanted.length === 0) return false;
    return overlapOf(wanted, succeeded) >= Math.min(countOf(wanted), succeededCount ?? Number.POSITIVE_INFINITY);
  });
  return index < 0 ? undefined : index;
}
