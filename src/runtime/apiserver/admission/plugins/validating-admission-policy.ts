import type { KindDefinition } from '../../../../types/define-kind.ts';
import { celValue } from '../../../../types/cel/values.ts';
import { Namespace } from '../../../../types/kinds/core/namespace.ts';
import { ValidatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../../types/kinds/admissionregistration/validating-admission-policy-binding.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import type { Roles } from '../../authorization.ts';
import { ApiError, forbidden, reasonCodes } from '../../status-error.ts';
import type { StatusReason } from '../../status-error.ts';
import type { ConfigurationIndex } from '../policies/configuration-index.ts';
import { matchingKind } from '../policies/matching.ts';
import type { Subject } from '../policies/matching.ts';
import { parametersFor } from '../policies/parameters.ts';
import type { ObjectSource } from '../policies/parameters.ts';
import { requestValues } from '../policies/policy-variables.ts';
import type { Values } from '../policies/policy-variables.ts';
import { policyFindings } from '../policies/validating-policy.ts';
import type { Finding } from '../policies/validating-policy.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

export interface PolicyParts extends ObjectSource {
  readonly configuration: ConfigurationIndex;
  readonly roles: Roles;
}

/** Policies about policies could lock everybody out (apiserver, admission/plugin/policy). */
export function isPolicy({ group, kind }: KindDefinition): boolean {
  return group === 'admissionregistration.k8s.io' && /AdmissionPolicy(Binding)?$/.test(kind);
}

/** ValidatingAdmissionPolicies and their bindings (KEP-3488). Audit annotations go nowhere: this server keeps no audit log. */
export function validatingAdmissionPolicy(parts: PolicyParts): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicy',
    connections: true,
    handles: ({ kind }) => !isPolicy(kind) && parts.configuration.all(ValidatingAdmissionPolicyBinding).length > 0,
    async validate(request, object) {
      const subject = await subjectOf(request, object, parts);
      for (const binding of parts.configuration.all(ValidatingAdmissionPolicyBinding)) {
        const policy = parts.configuration
          .all(ValidatingAdmissionPolicy)
          .find(({ metadata }) => metadata.name === binding.spec?.policyName);
        if (policy) act(request, policy, binding, await findingsOf(policy, binding, subject, parts));
      }
    },
  };
}

export async function subjectOf(
  request: AdmissionRequest,
  object: KubeObject | undefined,
  { registry }: ObjectSource,
): Promise<Subject> {
  const { kind, namespace, reader } = request;
  const isInside = kind.scope === 'Namespaced' && namespace !== '';
  const found = isInside ? await reader.get(Namespace, { namespace: '', name: namespace }) : undefined;
  return { request, object, namespace: found, registry };
}

async function findingsOf(
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  subject: Subject,
  parts: PolicyParts,
): Promise<readonly Finding[]> {
  const kind = matchingKind(policy.spec?.matchConstraints ?? {}, subject);
  if (!kind || !matchingKind(binding.spec?.matchResources ?? {}, subject)) return [];
  const values = requestValues(subject, kind, parts.roles);
  const { paramKind, failurePolicy } = policy.spec ?? {};
  if (!paramKind) return policyFindings(policy, values);
  const given = await paramValues(paramKind, binding.spec?.paramRef, subject, values, parts);
  if (typeof given === 'string') return failurePolicy === 'Ignore' ? [] : [{ message: given, reason: undefined }];
  return given.flatMap((each) => policyFindings(policy, each));
}

type PolicySpec = NonNullable<ValidatingAdmissionPolicy['spec']>;
type BindingSpec = NonNullable<ValidatingAdmissionPolicyBinding['spec']>;

/** The values once for each object of parameters; a text when they cannot be had. */
export async function paramValues(
  paramKind: NonNullable<PolicySpec['paramKind']>,
  ref: BindingSpec['paramRef'],
  { request }: Subject,
  values: Values,
  parts: ObjectSource,
): Promise<readonly Values[] | string> {
  const params = await parametersFor(paramKind, ref, request, parts);
  if (typeof params === 'string') return params;
  if (params.length > 0) return params.map((each) => ({ ...values, params: celValue(each) }));
  if (!ref) return [{ ...values, params: null }];
  if (ref.parameterNotFoundAction === 'Deny')
    return 'no params found for policy binding with `Deny` parameterNotFoundAction';
  return [];
}

function act(
  { kind, name, warn }: AdmissionRequest,
  { metadata }: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  findings: readonly Finding[],
): void {
  const what = `ValidatingAdmissionPolicy '${metadata.name ?? ''}' with binding '${binding.metadata.name ?? ''}'`;
  const actions: readonly string[] = binding.spec?.validationActions ?? [];
  if (actions.includes('Warn')) for (const { message } of findings) warn(`Validation failed for ${what}: ${message}`);
  const [first] = findings;
  if (first && actions.includes('Deny'))
    throw denial(kind, name, `${what} denied request: ${first.message}`, first.reason);
}

export function denial(kind: KindDefinition, name: string, message: string, reason = 'Invalid'): ApiError {
  const { message: text, details } = forbidden(kind, name, message, [{ message }]);
  return new ApiError(isReason(reason) ? reason : 'Invalid', text, details);
}

function isReason(text: string): text is StatusReason {
  return Object.hasOwn(reasonCodes, text);
}
