/** Asks the validations of one policy (apiserver, admission/plugin/policy/validating). */
import { CelBudget, CelError } from '../../../../types/cel/expression.ts';
import type { ValidatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/validating-admission-policy.ts';
import { compiledPolicy } from './compiled-policy.ts';
import type { Compiled, CompiledCondition, CompiledValidation } from './compiled-policy.ts';
import { lazyVariables } from './policy-variables.ts';
import type { Values } from './policy-variables.ts';

/** Why a policy does not let a request through. */
export interface Finding {
  readonly message: string;
  /** Reason of the answer; `Invalid` unless the validation says otherwise. */
  readonly reason: string | undefined;
}

/** What the policy finds, with `params` among the values when it takes any. */
export function policyFindings(policy: ValidatingAdmissionPolicy, values: Values): readonly Finding[] {
  const { conditions, variables, validations } = compiledPolicy(policy);
  const budget = new CelBudget();
  const ignores = policy.spec?.failurePolicy === 'Ignore';
  const all = { ...values, variables: lazyVariables(variables, values, budget) };
  const verdict = conditionsHold(conditions, all, budget);
  if (verdict === false) return [];
  if (typeof verdict === 'string') return ignores ? [] : [{ message: verdict, reason: undefined }];
  return validations.flatMap((validation) => findingOf(validation, all, budget, ignores) ?? []);
}

/** True, false, or what kept the conditions from being asked. */
export function conditionsHold(
  conditions: readonly CompiledCondition[],
  values: Values,
  budget: CelBudget,
): boolean | string {
  let failure: string | undefined;
  for (const { name, expression } of conditions) {
    const answer = evaluated(expression, values, budget);
    if (answer instanceof CelError) failure ??= `matchCondition ${JSON.stringify(name)}: ${answer.message}`;
    else if (answer !== true) return false;
  }
  return failure ?? true;
}

export function evaluated(expression: Compiled, values: Values, budget: CelBudget): unknown {
  if (expression instanceof CelError) return expression;
  try {
    return expression.evaluate(values, budget);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

function findingOf(
  { source, expression, message }: CompiledValidation,
  values: Values,
  budget: CelBudget,
  ignores: boolean,
): Finding | undefined {
  const text = (source.expression ?? '').trim();
  const answer = evaluated(expression, values, budget);
  if (answer instanceof CelError) {
    if (ignores) return undefined;
    return { message: `expression '${text}' resulted in error: ${answer.message}`, reason: undefined };
  }
  if (answer === true) return undefined;
  const own = message && evaluated(message, values, budget);
  const usable = typeof own === 'string' && own.trim() !== '' && !own.includes('\n');
  const plain = (source.message ?? '').trim();
  return {
    message: usable ? own.trim() : plain === '' ? `failed expression: ${text}` : plain,
    reason: source.reason,
  };
}
