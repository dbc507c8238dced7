import { defineKind } from '../../registry.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type MutatingAdmissionPolicyBinding = admissionregistration_v1.MutatingAdmissionPolicyBinding;

export const MutatingAdmissionPolicyBinding = defineKind<MutatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1',
  'MutatingAdmissionPolicyBinding',
  {
    categories: ['api-extensions'],
  },
);
