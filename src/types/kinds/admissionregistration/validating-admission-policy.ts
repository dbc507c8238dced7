import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, orUnset, textColumn } from '../../table.ts';
import { checkPolicy, checkValidations, defaultMatchResources } from '../../validation/admission-policies.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type ValidatingAdmissionPolicy = admissionregistration_v1.ValidatingAdmissionPolicy;

export const ValidatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1',
  'ValidatingAdmissionPolicy',
  {
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: columnsOf<ValidatingAdmissionPolicy>([
      integerColumn('Validations', ({ spec }) => (spec?.validations ?? []).length),
      textColumn('ParamKind', ({ spec }) =>
        orUnset(spec?.paramKind && `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}`),
      ),
    ]),
    validated: true,
    unrealized: ['spec.auditAnnotations'],
    example: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'few-replicas' },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
          ],
        },
        validations: [{ expression: 'object.spec.replicas <= 5' }],
      },
    },
    applyDefaults({ spec }) {
      if (!spec) return;
      spec.failurePolicy ??= 'Fail';
      defaultMatchResources(spec.matchConstraints);
    },
    validate({ spec }, issues) {
      checkPolicy(spec ?? {}, issues.at('spec'));
      checkValidations(spec ?? {}, issues.at('spec'));
    },
  },
);
