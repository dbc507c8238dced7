import { deepClone, deepEqual } from '../../../../shared/deep.ts';
import { MutatingWebhookConfiguration } from '../../../../types/kinds/admissionregistration/mutating-webhook-configuration.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import type { ObjectDraft } from '../../fields.ts';
import { applyJsonPatch } from '../../patch/json-patch.ts';
import { PatchError } from '../../patch/patch-error.ts';
import { ApiError } from '../../status-error.ts';
import { inVersionOf, patchedObject, shownAs } from '../policies/shown-object.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { ask, failed, mayAsk } from '../webhooks/webhooks.ts';
import type { AskedWebhook } from '../webhooks/webhooks.ts';
import { subjectOf } from './validating-admission-policy.ts';
import type { PolicyParts } from './validating-admission-policy.ts';

interface MutatingWebhook extends AskedWebhook {
  readonly reinvocationPolicy?: 'IfNeeded' | 'Never' | undefined;
}

/** Asks the mutating webhooks one after the other; those that want it once more when others changed the object after them. */
export function mutatingWebhooks(parts: PolicyParts): AdmissionPlugin {
  const all = (): readonly MutatingWebhook[] =>
    parts.configuration.all(MutatingWebhookConfiguration).flatMap(({ webhooks }) => webhooks ?? []);
  return {
    name: 'MutatingAdmissionWebhook',
    connections: true,
    handles: (request) => mayAsk(request) && parts.configuration.all(MutatingWebhookConfiguration).length > 0,
    async mutate(request, draft) {
      const seen = new Map<MutatingWebhook, unknown>();
      for (const webhook of all()) {
        await change(webhook, request, draft, parts);
        if (webhook.reinvocationPolicy === 'IfNeeded') seen.set(webhook, deepClone<unknown>(draft));
      }
      for (const [webhook, left] of seen) if (!deepEqual(left, draft)) await change(webhook, request, draft, parts);
    },
    /** Of a deletion nothing can be changed, but it can be refused. */
    async validate(request, object) {
      if (request.operation !== 'DELETE') return;
      const subject = await subjectOf(request, object, parts);
      for (const webhook of all()) await ask(webhook, subject, parts.roles);
    },
  };
}

async function change(
  webhook: MutatingWebhook,
  request: AdmissionRequest,
  draft: ObjectDraft,
  parts: PolicyParts,
): Promise<void> {
  const found = await ask(webhook, await subjectOf(request, draft, parts), parts.roles);
  if (found?.answer.patch === undefined) return;
  const shown = shownAs(found.kind, request, draft) ?? draft;
  try {
    const patched = patchedObject(found.kind, request, applyJsonPatch(shown, found.answer.patch), 'Ignore');
    replaceBy(draft, inVersionOf(request.kind, found.kind, patched) ?? patched);
  } catch (error) {
    if (!(error instanceof PatchError || error instanceof ApiError)) throw error;
    throw failed(webhook, `its patch cannot be applied: ${error.message}`);
  }
}

/** The draft is the storage's own: it becomes what it is to be, in place. */
export function replaceBy(draft: ObjectDraft, next: KubeObject): void {
  for (const name of Object.keys(draft)) if (!(name in next)) delete draft[name];
  Object.assign(draft, deepClone(next));
}
