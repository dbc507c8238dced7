import { unrealizedFields, unrealizedText } from '../../../types/unrealized-fields.ts';
import { decodeObject } from '../object-rules.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { writeParameters } from '../request-options.ts';
import { badRequest } from '../status-error.ts';

export async function create(context: RequestContext): Promise<Answer> {
  const { request, kind, info, warnings, storage } = context;
  const parameters = writeParameters(request, 'CreateOptions');
  const draft = decodeObject(kind, request.body, {
    fieldValidation: parameters.fieldValidation,
    duplicates: request.duplicateFields,
    warnings,
  });
  const { namespace = '' } = draft.metadata;
  if (kind.scope === 'Namespaced' && namespace !== '' && namespace !== info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (kind.scope === 'Namespaced') draft.metadata.namespace = info.namespace;
  if ((draft.metadata.resourceVersion ?? '') !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  if (kind.validated !== true) {
    warnings.push(
      `${kind.kind} ${kind.apiVersion} is checked for its structure only, not yet for every rule of its fields`,
    );
  }
  // What the user wrote, not what defaults and admission add to it.
  warnings.push(...unrealizedFields(kind, request.body).map(unrealizedText));
  const object = await storage.create(draft, info.namespace, writeContext(context, parameters));
  if (kind.warnings) warnings.push(...kind.warnings(object, undefined));
  return objectAnswer(201, object);
}
