/** What both kinds of webhooks have in common: when they are asked, and what becomes of a refusal or a failure. */
import { CelBudget } from '../../../../types/cel/expression.ts';
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type {
  MatchCondition,
  RuleWithOperations,
} from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import type { LabelSelector } from '../../../../types/kinds/generated/meta-v1.gen.ts';
import { webhookVariables } from '../../../../types/validation/policy-expressions.ts';
import type { Roles } from '../../authorization.ts';
import { ApiError, reasonCodes } from '../../status-error.ts';
import type { StatusReason } from '../../status-error.ts';
import { compileConditions } from '../policies/compiled-policy.ts';
import type { CompiledCondition } from '../policies/compiled-policy.ts';
import { matchingKind } from '../policies/matching.ts';
import type { Subject } from '../policies/matching.ts';
import { requestValues } from '../policies/policy-variables.ts';
import { conditionsHold } from '../policies/validating-policy.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { callWebhook } from './call.ts';
import type { Webhook, WebhookAnswer } from './call.ts';

export interface AskedWebhook extends Webhook {
  readonly rules?: readonly RuleWithOperations[] | undefined;
  readonly failurePolicy?: 'Fail' | 'Ignore' | undefined;
  readonly matchPolicy?: 'Equivalent' | 'Exact' | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly objectSelector?: LabelSelector | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
}

/** Webhooks about webhooks could lock everybody out. */
export function mayAsk({ kind }: AdmissionRequest): boolean {
  return kind.group !== 'admissionregistration.k8s.io';
}

const compiled = new WeakMap<AskedWebhook, readonly CompiledCondition[]>();

function conditionsOf(webhook: AskedWebhook): readonly CompiledCondition[] {
  const known = compiled.get(webhook);
  if (known) return known;
  const made = compileConditions(webhook.matchConditions, webhookVariables);
  compiled.set(webhook, made);
  return made;
}

/** The kind in whose version the webhook is to be asked; undefined when it is not. @throws ApiError */
function askedAs(webhook: AskedWebhook, subject: Subject, roles: Roles): KindDefinition | undefined {
  if ((webhook.rules ?? []).length === 0) return undefined;
  const kind = matchingKind({ ...webhook, resourceRules: webhook.rules }, subject);
  if (!kind || (webhook.matchConditions ?? []).length === 0) return kind;
  const verdict = conditionsHold(conditionsOf(webhook), requestValues(subject, kind, roles), new CelBudget());
  if (verdict === true) return kind;
  if (verdict === false || webhook.failurePolicy === 'Ignore') return undefined;
  throw failed(webhook, verdict);
}

/** What the webhook answers; undefined when it is not asked, or cannot be and that is to be ignored. @throws ApiError */
export async function ask(
  webhook: AskedWebhook,
  subject: Subject,
  roles: Roles,
): Promise<{ readonly answer: WebhookAnswer; readonly kind: KindDefinition } | undefined> {
  const { request, object } = subject;
  const kind = askedAs(webhook, subject, roles);
  if (!kind) return undefined;
  let answer: WebhookAnswer;
  try {
    answer = await callWebhook(webhook, request, kind, object);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (webhook.failurePolicy === 'Ignore') {
      request.warn(`webhook ${JSON.stringify(webhook.name)} was passed over: ${message}`);
      return undefined;
    }
    throw failed(webhook, `failed to call webhook: ${message}`);
  }
  for (const warning of answer.warnings) request.warn(warning);
  if (!answer.allowed) throw refusal(webhook, answer);
  return { answer, kind };
}

export function failed({ name }: Webhook, message: string): ApiError {
  const text = `Internal error occurred: failed calling webhook ${JSON.stringify(name)}: ${message}`;
  return new ApiError('InternalError', text, { causes: [{ message: text }] });
}

function refusal({ name }: Webhook, { status }: WebhookAnswer): ApiError {
  const { message = '', reason = '', code = 0 } = status;
  const start = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = [message, reason].find((text) => typeof text === 'string' && text !== '');
  const text = why === undefined ? `${start} without explanation` : `${start}: ${String(why)}`;
  const number = typeof code === 'number' && code >= 400 ? code : 400;
  return new ApiError(isReason(reason) ? reason : 'Unknown', text, {}, undefined, number);
}

function isReason(text: unknown): text is StatusReason {
  return typeof text === 'string' && Object.hasOwn(reasonCodes, text);
}
