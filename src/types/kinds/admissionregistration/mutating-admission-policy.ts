import { defineKind } from '../../registry.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type MutatingAdmissionPolicy = admissionregistration_v1.MutatingAdmissionPolicy;

export const MutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io/v1',
  'MutatingAdmissionPolicy',
  {
    categories: ['api-extensions'],
  },
);
