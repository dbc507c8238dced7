/** Policies with their expressions read; each once per stored object. */
import { CelError, compile } from '../../../../types/cel/expression.ts';
import type { CelExpression } from '../../../../types/cel/expression.ts';
import type {
  MatchCondition,
  ParamKind,
  Validation,
  Variable,
} from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import type { ValidatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/validating-admission-policy.ts';
import { policyVariables } from '../../../../types/validation/policy-expressions.ts';

export type Compiled = CelExpression | CelError;

export interface CompiledCondition {
  readonly name: string;
  readonly expression: Compiled;
}

export interface CompiledValidation {
  readonly source: Validation;
  readonly expression: Compiled;
  readonly message: Compiled | undefined;
}

export interface CompiledParts {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: ReadonlyMap<string, Compiled>;
}

export function attempt(text: string | undefined, variables: readonly string[]): Compiled {
  try {
    return compile(text ?? '', variables);
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
}

export function compileConditions(
  conditions: readonly MatchCondition[] | undefined,
  names: readonly string[],
): readonly CompiledCondition[] {
  return (conditions ?? []).map(({ name, expression }) => ({ name, expression: attempt(expression, names) }));
}

export function compileParts(spec: {
  readonly matchConditions?: readonly MatchCondition[] | undefined;
  readonly variables?: readonly Variable[] | undefined;
  readonly paramKind?: ParamKind | undefined;
}): CompiledParts {
  const names = policyVariables(spec.paramKind !== undefined);
  return {
    conditions: compileConditions(spec.matchConditions, names),
    variables: new Map((spec.variables ?? []).map(({ name, expression }) => [name, attempt(expression, names)])),
  };
}

export interface CompiledPolicy extends CompiledParts {
  readonly validations: readonly CompiledValidation[];
}

const compiledPolicies = new WeakMap<ValidatingAdmissionPolicy, CompiledPolicy>();

export function compiledPolicy(policy: ValidatingAdmissionPolicy): CompiledPolicy {
  const known = compiledPolicies.get(policy);
  if (known) return known;
  const spec = policy.spec ?? {};
  const names = policyVariables(spec.paramKind !== undefined);
  const validations = (spec.validations ?? []).map((source): CompiledValidation => ({
    source,
    expression: attempt(source.expression, names),
    message: (source.messageExpression ?? '') === '' ? undefined : attempt(source.messageExpression, names),
  }));
  const made = { ...compileParts(spec), validations };
  compiledPolicies.set(policy, made);
  return made;
}
