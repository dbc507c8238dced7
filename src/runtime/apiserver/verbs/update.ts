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
  const draft = decodeObject(kind, request.body, {
    fieldValidation: parameters.fieldValidation,
    duplicates: request.duplicateFields ?? [],
    warnings,
  });
  checkAddress(context, draft);
  const mayCreate = kind.createOnUpdate === true && info.subresource === '';
  const written = await storage.update(
    key,
    () => ({ draft: copyOf(draft), mayCreate }),
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
