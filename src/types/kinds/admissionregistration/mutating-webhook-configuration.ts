import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn } from '../../table.ts';
import { checkWebhooks, defaultWebhook } from '../../validation/webhooks.ts';
import type * as admissionregistration_v1 from '../generated/admissionregistration-v1.gen.ts';

export type MutatingWebhookConfiguration = admissionregistration_v1.MutatingWebhookConfiguration;

export const MutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  {
    categories: ['api-extensions'],
    hasGeneration: true,
    columns: columnsOf<MutatingWebhookConfiguration>([
      integerColumn('Webhooks', ({ webhooks }) => (webhooks ?? []).length),
    ]),
    validated: true,
    example: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'policy' },
      webhooks: [
        {
          name: 'policy.example.com',
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          clientConfig: { service: { name: 'policy', namespace: 'default' } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        },
      ],
    },
    applyDefaults(draft) {
      for (const webhook of draft.webhooks ?? []) {
        defaultWebhook(webhook);
        webhook.reinvocationPolicy ??= 'Never';
      }
    },
    validate({ webhooks }, issues) {
      checkWebhooks(webhooks, issues.at('webhooks'));
    },
  },
);
