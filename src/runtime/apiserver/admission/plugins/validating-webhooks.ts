import { ValidatingWebhookConfiguration } from '../../../../types/kinds/admissionregistration/validating-webhook-configuration.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { ask, mayAsk } from '../webhooks/webhooks.ts';
import { subjectOf } from './validating-admission-policy.ts';
import type { PolicyParts } from './validating-admission-policy.ts';

/** Asks all validating webhooks at once; the first refusal in their order counts. */
export function validatingWebhooks(parts: PolicyParts): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionWebhook',
    connections: true,
    handles: (request) => mayAsk(request) && parts.configuration.all(ValidatingWebhookConfiguration).length > 0,
    async validate(request, object) {
      const subject = await subjectOf(request, object, parts);
      const webhooks = parts.configuration
        .all(ValidatingWebhookConfiguration)
        .flatMap(({ webhooks: all }) => all ?? []);
      const answers = await Promise.allSettled(webhooks.map((webhook) => ask(webhook, subject, parts.roles)));
      for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    },
  };
}
