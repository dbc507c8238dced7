/** What is admitted, as policies and webhooks are shown it, and what they made of it. */
import { isRecord } from '../../../../shared/deep.ts';
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { isObjectDraft } from '../../fields.ts';
import { decodeObject } from '../../object-rules.ts';
import { PatchError } from '../../patch/patch-error.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** The object in another version of its kind. */
export function inVersionOf(
  target: KindDefinition,
  kind: KindDefinition,
  object: KubeObject | undefined,
): KubeObject | undefined {
  if (!object || target === kind) return object;
  const stored = kind.toStored?.(object) ?? object;
  return target.fromStored?.(stored) ?? stored;
}

/** Options of a connection have a type and fields, but no metadata. */
export function shown(
  { operation }: AdmissionRequest,
  object: KubeObject | undefined,
): Readonly<Record<string, unknown>> | KubeObject | undefined {
  if (!object || operation !== 'CONNECT') return object;
  const { metadata: _, ...options } = object;
  return options;
}

/** The object as it is shown to those who ask for it in the version of `target`. */
export function shownAs(
  target: KindDefinition,
  request: AdmissionRequest,
  object: KubeObject | undefined,
): ReturnType<typeof shown> {
  return shown(request, inVersionOf(target, request.kind, object));
}

/** What a patch made of what was shown. @throws ApiError, PatchError */
export function patchedObject(
  kind: KindDefinition,
  { document }: AdmissionRequest,
  value: unknown,
  fieldValidation: 'Ignore' | 'Strict',
): KubeObject {
  if (!document) return decodeObject(kind, value, { fieldValidation, duplicates: undefined, warnings: [] });
  const options = isRecord(value) ? { ...value, metadata: {} } : undefined;
  if (!isObjectDraft(options) || options.kind !== document.kind)
    throw new PatchError(`what is left is no ${document.kind}`, 422);
  return options;
}
