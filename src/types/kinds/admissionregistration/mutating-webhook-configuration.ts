import { defineKind } from '../../registry.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type MutatingWebhookConfiguration = admissionregistration_v1.MutatingWebhookConfiguration;

export const MutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  {
    categories: ['api-extensions'],
  },
);
