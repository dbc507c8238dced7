/** One question to a webhook over HTTPS (admission.k8s.io/v1, AdmissionReview). */
import { randomUUID } from 'node:crypto';
import { isRecord } from '../../../../shared/deep.ts';
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { WebhookClientConfig } from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { listOf, recordOf, textOf } from '../../fields.ts';
import { shownAs } from '../policies/shown-object.ts';
import { requestAttributes } from '../policies/policy-variables.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { post } from './post.ts';
import { targetOf } from './target.ts';

/** The parts that both kinds of webhooks have. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly timeoutSeconds?: number | undefined;
  readonly admissionReviewVersions: readonly string[];
}

export interface WebhookAnswer {
  readonly allowed: boolean;
  readonly status: Readonly<Record<string, unknown>>;
  /** Operations of a JSON patch; undefined without one. */
  readonly patch: unknown;
  readonly warnings: readonly string[];
}

/** @throws Error when the webhook cannot be asked or what it answers cannot be understood */
export async function callWebhook(
  webhook: Webhook,
  request: AdmissionRequest,
  kind: KindDefinition,
  object: KubeObject | undefined,
): Promise<WebhookAnswer> {
  const target = await targetOf(webhook.clientConfig, request.reader);
  const uid = randomUUID();
  const version = webhook.admissionReviewVersions.find((each) => each === 'v1' || each === 'v1beta1') ?? 'v1';
  const review = {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      ...requestAttributes(request, kind),
      object: shownAs(kind, request, object) ?? null,
      oldObject: shownAs(kind, request, request.previous) ?? null,
    },
  };
  const seconds = webhook.timeoutSeconds ?? 10;
  const text = await post(target, seconds, JSON.stringify(review), request.clock);
  return answerOf(text, uid);
}

function answerOf(text: string, uid: string): WebhookAnswer {
  const review: unknown = JSON.parse(text);
  const response = isRecord(review) ? review['response'] : undefined;
  if (!isRecord(response)) throw new Error('webhook response is missing `response`');
  if (response['uid'] !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  }
  const patch = textOf(response, 'patch');
  if (patch !== '' && textOf(response, 'patchType') !== 'JSONPatch') {
    throw new Error(
      `webhook returned response.patch but response.patchType was ${JSON.stringify(response['patchType'] ?? '')}`,
    );
  }
  return {
    allowed: response['allowed'] === true,
    status: recordOf(response, 'status'),
    patch: patch === '' ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString('utf8')),
    warnings: listOf(response, 'warnings').filter((warning) => typeof warning === 'string'),
  };
}
