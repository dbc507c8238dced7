import { defineKind } from '../../registry.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type ValidatingWebhookConfiguration = admissionregistration_v1.ValidatingWebhookConfiguration;

export const ValidatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'ValidatingWebhookConfiguration',
  {
    categories: ['api-extensions'],
  },
);
