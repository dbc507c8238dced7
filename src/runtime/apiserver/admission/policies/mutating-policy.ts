/** Asks the mutations of one policy (apiserver, admission/plugin/policy/mutating). */
import { CelBudget, CelError } from '../../../../types/cel/expression.ts';
import { withMapLiterals } from '../../../../types/cel/object-literals.ts';
import { jsonValue } from '../../../../types/cel/values.ts';
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { MutatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/mutating-admission-policy.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { builtInSchemas } from '../../../../types/schema-table.ts';
import { policyVariables } from '../../../../types/validation/policy-expressions.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { applyJsonPatch } from '../../patch/json-patch.ts';
import { PatchError } from '../../patch/patch-error.ts';
import { TypedValues } from '../../patch/typed-value.ts';
import { ApiError } from '../../status-error.ts';
import { attempt, compileParts } from './compiled-policy.ts';
import type { Compiled, CompiledParts } from './compiled-policy.ts';
import { lazyVariables } from './policy-variables.ts';
import { patchedObject, shown } from './shown-object.ts';
import type { Values } from './policy-variables.ts';
import { conditionsHold, evaluated } from './validating-policy.ts';

interface CompiledMutation {
  readonly type: 'ApplyConfiguration' | 'JSONPatch';
  readonly expression: Compiled;
}

interface CompiledMutations extends CompiledParts {
  readonly mutations: readonly CompiledMutation[];
}

const compiled = new WeakMap<MutatingAdmissionPolicy, CompiledMutations>();

function compiledMutations(policy: MutatingAdmissionPolicy): CompiledMutations {
  const known = compiled.get(policy);
  if (known) return known;
  const spec = policy.spec ?? {};
  const names = policyVariables(spec.paramKind !== undefined);
  const mutations = (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }): CompiledMutation => {
    const isPatch = patchType === 'JSONPatch';
    const text = (isPatch ? jsonPatch : applyConfiguration)?.expression ?? '';
    return { type: isPatch ? 'JSONPatch' : 'ApplyConfiguration', expression: attempt(withMapLiterals(text), names) };
  });
  const variables = (spec.variables ?? []).map((each) => ({ ...each, expression: withMapLiterals(each.expression) }));
  const made = { ...compileParts({ ...spec, variables }), mutations };
  compiled.set(policy, made);
  return made;
}

/** Makes the values that expressions see out of an object; called anew after each change. */
export type ValuesOf = (object: KubeObject) => Values;

/** The changed object, the same one when there is nothing to change, or why the policy could not be followed. */
export function mutated(
  policy: MutatingAdmissionPolicy,
  kind: KindDefinition,
  request: AdmissionRequest,
  object: KubeObject,
  valuesOf: ValuesOf,
): KubeObject | string {
  const { conditions, variables, mutations } = compiledMutations(policy);
  const budget = new CelBudget();
  let current = object;
  const values = (): Values => {
    const base = valuesOf(current);
    return { ...base, variables: lazyVariables(variables, base, budget) };
  };
  const verdict = conditionsHold(conditions, values(), budget);
  if (verdict !== true) return verdict === false ? object : verdict;
  for (const { type, expression } of mutations) {
    const answer = evaluated(expression, values(), budget);
    if (answer instanceof CelError) return answer.message;
    const next = changed(type, kind, request, current, jsonValue(answer));
    if (typeof next === 'string') return next;
    current = next;
  }
  return current;
}

function changed(
  type: CompiledMutation['type'],
  kind: KindDefinition,
  request: AdmissionRequest,
  object: KubeObject,
  change: unknown,
): KubeObject | string {
  try {
    // As upstream, where options of connections have no schema that configurations could be merged by.
    if (type === 'ApplyConfiguration' && request.document)
      return `${request.document.kind} can be changed by a JSONPatch only`;
    const result =
      type === 'JSONPatch'
        ? applyJsonPatch(shown(request, object), change)
        : new TypedValues(builtInSchemas).merge(object, change, kind.schema);
    return patchedObject(kind, request, result, 'Strict');
  } catch (error) {
    if (error instanceof PatchError || error instanceof ApiError) return error.message;
    throw error;
  }
}
