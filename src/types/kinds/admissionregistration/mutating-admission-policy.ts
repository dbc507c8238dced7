import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, orUnset, textColumn } from '../../table.ts';
import { checkMutations, checkPolicy, defaultMatchResources } from '../../validation/admission-policies.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type MutatingAdmissionPolicy = admissionregistration_v1.MutatingAdmissionPolicy;

export const MutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1',
  'MutatingAdmissionPolicy',
  {
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: columnsOf<MutatingAdmissionPolicy>([
      integerColumn('Mutations', ({ spec }) => (spec?.mutations ?? []).length),
      textColumn('ParamKind', ({ spec }) =>
        orUnset(spec?.paramKind && `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}`),
      ),
    ]),
    validated: true,
    example: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: 'team-label' },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"team": "web"}}}' },
          },
        ],
      },
    },
    applyDefaults({ spec }) {
      if (!spec) return;
      spec.failurePolicy ??= 'Fail';
      spec.reinvocationPolicy ??= 'Never';
      defaultMatchResources(spec.matchConstraints);
    },
    validate({ spec }, issues) {
      checkPolicy(spec ?? {}, issues.at('spec'));
      checkMutations(spec ?? {}, issues.at('spec'));
    },
  },
);
