import { defineKind } from '../../registry.ts';
import { columnsOf, orUnset, textColumn } from '../../table.ts';
import { checkPolicyBinding, defaultMatchResources } from '../../validation/admission-policies.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type MutatingAdmissionPolicyBinding = admissionregistration_v1.MutatingAdmissionPolicyBinding;

export function paramRefText(ref: admissionregistration_v1.ParamRef | undefined): string | undefined {
  if (ref?.name === undefined) return undefined;
  return ref.namespace === undefined ? `*/${ref.name}` : `${ref.namespace}/${ref.name}`;
}

export const MutatingAdmissionPolicyBinding = defineKind<MutatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1',
  'MutatingAdmissionPolicyBinding',
  {
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: columnsOf<MutatingAdmissionPolicyBinding>([
      textColumn('PolicyName', ({ spec }) => spec?.policyName ?? ''),
      textColumn('ParamRef', ({ spec }) => orUnset(paramRefText(spec?.paramRef))),
    ]),
    validated: true,
    example: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'team-label' },
      spec: { policyName: 'team-label' },
    },
    applyDefaults({ spec }) {
      defaultMatchResources(spec?.matchResources);
    },
    validate({ spec }, issues) {
      checkPolicyBinding(spec, issues.at('spec'));
    },
    *references({ spec }) {
      const name = spec?.policyName;
      const apiVersion = 'admissionregistration.k8s.io/v1';
      const path = ['spec', 'policyName'];
      if (name) yield { path, apiVersion, kind: 'MutatingAdmissionPolicy', namespace: undefined, name };
    },
  },
);
