import { deepClone, deepEqual } from '../../../../shared/deep.ts';
import { celValue } from '../../../../types/cel/values.ts';
import { MutatingAdmissionPolicyBinding } from '../../../../types/kinds/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/mutating-admission-policy.ts';
import type { ObjectDraft } from '../../fields.ts';
import { matchingKind } from '../policies/matching.ts';
import { mutated } from '../policies/mutating-policy.ts';
import { requestValues } from '../policies/policy-variables.ts';
import { inVersionOf, shown } from '../policies/shown-object.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { replaceBy } from './mutating-webhooks.ts';
import { denial, isPolicy, paramValues, subjectOf } from './validating-admission-policy.ts';
import type { PolicyParts } from './validating-admission-policy.ts';

interface Bound {
  readonly policy: MutatingAdmissionPolicy;
  readonly binding: MutatingAdmissionPolicyBinding;
}

/** MutatingAdmissionPolicies and their bindings (KEP-3962), in the order of the bindings' names. */
export function mutatingAdmissionPolicy(parts: PolicyParts): AdmissionPlugin {
  const all = (): readonly Bound[] =>
    parts.configuration.all(MutatingAdmissionPolicyBinding).flatMap((binding): readonly Bound[] => {
      const policies = parts.configuration.all(MutatingAdmissionPolicy);
      const policy = policies.find(({ metadata }) => metadata.name === binding.spec?.policyName);
      return policy ? [{ policy, binding }] : [];
    });
  return {
    name: 'MutatingAdmissionPolicy',
    connections: true,
    handles: ({ kind }) => !isPolicy(kind) && parts.configuration.all(MutatingAdmissionPolicyBinding).length > 0,
    async mutate(request, draft) {
      const again = new Map<Bound, unknown>();
      for (const bound of all()) {
        await follow(bound, request, draft, parts);
        if (bound.policy.spec?.reinvocationPolicy === 'IfNeeded') again.set(bound, deepClone<unknown>(draft));
      }
      for (const [bound, left] of again) if (!deepEqual(left, draft)) await follow(bound, request, draft, parts);
    },
  };
}

async function follow(
  { policy, binding }: Bound,
  request: AdmissionRequest,
  draft: ObjectDraft,
  parts: PolicyParts,
): Promise<void> {
  const subject = await subjectOf(request, draft, parts);
  const kind = matchingKind(policy.spec?.matchConstraints ?? {}, subject);
  if (!kind || !matchingKind(binding.spec?.matchResources ?? {}, subject)) return;
  const { paramKind, failurePolicy } = policy.spec ?? {};
  const refuse = (message: string): void => {
    if (failurePolicy === 'Ignore') return;
    const what = `policy '${policy.metadata.name ?? ''}' with binding '${binding.metadata.name ?? ''}'`;
    throw denial(request.kind, request.name, `${what} denied request: ${message}`);
  };
  const given = paramKind ? await paramValues(paramKind, binding.spec?.paramRef, subject, {}, parts) : [{}];
  if (typeof given === 'string') {
    refuse(given);
    return;
  }
  const base = requestValues(subject, kind, parts.roles);
  for (const params of given) {
    const object = inVersionOf(kind, request.kind, draft) ?? draft;
    const next = mutated(policy, kind, request, object, (each) => ({
      ...base,
      ...params,
      object: celValue(shown(request, each) ?? null),
    }));
    if (typeof next === 'string') refuse(next);
    else if (next !== object) replaceBy(draft, inVersionOf(request.kind, kind, next) ?? next);
  }
}
