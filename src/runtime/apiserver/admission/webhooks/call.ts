/** One question to a webhook over HTTPS (admission.k8s.io/v1, AdmissionReview). */
import { randomUUID } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../../../shared/clock.ts';
import { isRecord } from '../../../../shared/deep.ts';
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { WebhookClientConfig } from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { listOf, recordOf, textOf } from '../../fields.ts';
import { inVersionOf } from '../policies/matching.ts';
import { requestAttributes } from '../policies/policy-variables.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { targetOf } from './target.ts';
import type { WebhookTarget } from './target.ts';

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

const LARGEST_ANSWER = 8 * 1024 * 1024;

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
      object: inVersionOf(kind, request.kind, object) ?? null,
      oldObject: inVersionOf(kind, request.kind, request.previous) ?? null,
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

function post(target: WebhookTarget, seconds: number, body: string, clock: Clock): Promise<string> {
  const { url, host, port, path, serverName, authority } = target;
  const stop = new AbortController();
  const timer = clock.schedule(seconds * 1000, () => stop.abort(new Error('context deadline exceeded')));
  return new Promise<string>((resolve, reject) => {
    const fail = (error: Error): void => {
      const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
      reject(new Error(`Post "${url}": ${reason instanceof Error ? reason.message : error.message}`, { cause: error }));
    };
    const sent = httpsRequest(
      {
        method: 'POST',
        host,
        port,
        path: `${path}${path.includes('?') ? '&' : '?'}timeout=${seconds}s`,
        servername: serverName,
        headers: {
          host: `${serverName}:${port}`,
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'kube-apiserver-admission',
        },
        agent: false,
        signal: stop.signal,
        ...(authority === undefined ? {} : { ca: authority }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > LARGEST_ANSWER) response.destroy(new Error(`the answer is longer than ${LARGEST_ANSWER} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(text);
          else reject(new Error(`the server answered with status ${statusCode}: ${text.slice(0, 200)}`));
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  }).finally(() => timer[Symbol.dispose]());
}
