import { defineKind } from '../../registry.ts';
import { columnsOf, orUnset, textColumn } from '../../table.ts';
import {
  checkPolicyBinding,
  checkValidationActions,
  defaultMatchResources,
} from '../../validation/admission-policies.ts';
import { paramRefText } from './mutating-admission-policy-binding.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type ValidatingAdmissionPolicyBinding = admissionregistration_v1.ValidatingAdmissionPolicyBinding;

export const ValidatingAdmissionPolicyBinding = defineKind<ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1',
  'ValidatingAdmissionPolicyBinding',
  {
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: columnsOf<ValidatingAdmissionPolicyBinding>([
      textColumn('PolicyName', ({ spec }) => spec?.policyName ?? ''),
      textColumn('ParamRef', ({ spec }) => orUnset(paramRefText(spec?.paramRef))),
    ]),
    validated: true,
    example: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'few-replicas' },
      spec: { policyName: 'few-replicas', validationActions: ['Deny'] },
    },
    applyDefaults({ spec }) {
      defaultMatchResources(spec?.matchResources);
    },
    validate({ spec }, issues) {
      checkPolicyBinding(spec, issues.at('spec'));
      checkValidationActions(spec?.validationActions, issues.at('spec', 'validationActions'));
    },
    *references({ spec }) {
      const name = spec?.policyName;
      const apiVersion = 'admissionregistration.k8s.io/v1';
      const path = ['spec', 'policyName'];
      if (name) yield { path, apiVersion, kind: 'ValidatingAdmissionPolicy', namespace: undefined, name };
    },
  },
);
