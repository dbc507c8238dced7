import { isRecord } from '../../../shared/deep.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { decodeObject } from '../object-rules.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { writeParameters } from '../request-options.ts';
import type { ObjectDraft } from '../fields.ts';
import { badRequest } from '../status-error.ts';

export async function update(context: RequestContext): Promise<Answer> {
  const { request, kind, key, warnings, storage, info } = context;
  const parameters = writeParameters(request, 'UpdateOptions');
  const body = info.subresource === 'status' ? changedHalf(request.body, await storage.find(key)) : request.body;
  const draft = decodeObject(kind, body, {
    fieldValidation: parameters.fieldValidation,
    duplicates: request.duplicateFields,
    warnings,
  });
  checkAddress(context, draft);
  const mayCreate = kind.createOnUpdate === true && info.subresource === '';
  // What insists on a version is tried once; anything else may have to be made again out of the same document.
  const { resourceVersion = '' } = draft.metadata;
  const once = resourceVersion !== '' && resourceVersion !== '0';
  const written = await storage.update(
    key,
    () => ({ draft: once ? draft : copyOf(draft), mayCreate }),
    writeContext(context, parameters),
  );
  if (kind.warnings) warnings.push(...kind.warnings(written.object, undefined));
  return objectAnswer(written.created ? 201 : 200, written.object);
}

/** The object has to be the one in the URL. @throws ApiError BadRequest */
export function checkAddress({ kind, key }: Pick<RequestContext, 'kind' | 'key'>, draft: ObjectDraft): void {
  const { name = '', namespace = '' } = draft.metadata;
  if (name === '') throw badRequest('the name of the object (based on URL) was undeterminable: name must be provided');
  if (name !== key.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${key.name})`);
  if (kind.scope === 'Cluster') return;
  if (namespace !== '' && namespace !== key.namespace) {
    throw badRequest(
      `the namespace of the object (${namespace}) does not match the namespace on the request (${key.namespace})`,
    );
  }
  draft.metadata.namespace = key.namespace;
}

/**
 * The document without the parts that are the stored object's own, as clients in this process hand them back: a write of the
 * status takes them from the stored object anyway, so they need not be read.
 */
function changedHalf(body: unknown, current: { readonly object: KubeObject } | undefined): unknown {
  if (!isRecord(body) || !current) return body;
  const stored = new Map<string, unknown>(Object.entries(current.object));
  const { metadata, ...parts } = body;
  const changed = Object.entries(parts).filter(
    ([name, value]) => name === 'status' || typeof value !== 'object' || value !== stored.get(name),
  );
  return {
    ...Object.fromEntries(changed),
    ...('metadata' in body ? { metadata: withoutAccount(metadata, current) } : {}),
  };
}

function withoutAccount(metadata: unknown, { object }: { readonly object: KubeObject }): unknown {
  if (!isRecord(metadata) || metadata['managedFields'] !== object.metadata.managedFields) return metadata;
  const { managedFields: _, ...rest } = metadata;
  return rest;
}
