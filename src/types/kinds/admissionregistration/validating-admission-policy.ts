import { defineKind } from '../../registry.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type ValidatingAdmissionPolicy = admissionregistration_v1.ValidatingAdmissionPolicy;

export const ValidatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1',
  'ValidatingAdmissionPolicy',
  {
    categories: ['api-extensions'],
  },
);
