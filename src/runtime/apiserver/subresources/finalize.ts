import { fieldOf } from '../fields.ts';
import { decodeObject } from '../object-rules.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { writeParameters } from '../request-options.ts';
import { notFound } from '../status-error.ts';
import { checkAddress } from '../verbs/update.ts';
import type { Subresource } from './subresource.ts';

/** PUT namespaces/x/finalize: the only way to change spec.finalizers; the last one to go ends the namespace. */
export const finalize: Subresource = { name: 'finalize', verbs: { update: finalizeNamespace } };

async function finalizeNamespace(context: RequestContext): Promise<Answer> {
  const { request, kind, key, storage, warnings } = context;
  const parameters = writeParameters(request, 'UpdateOptions');
  const wanted = decodeObject(kind, request.body, {
    fieldValidation: parameters.fieldValidation,
    duplicates: undefined,
    warnings,
  });
  checkAddress(context, wanted);
  const written = await storage.update(
    key,
    (current) => {
      if (!current) throw notFound(kind, key.name);
      const draft = copyOf(current.object);
      draft['spec'] = { finalizers: fieldOf(wanted, 'spec', 'finalizers') ?? [] };
      const { resourceVersion } = wanted.metadata;
      if (resourceVersion === undefined) delete draft.metadata.resourceVersion;
      else draft.metadata.resourceVersion = resourceVersion;
      return { draft };
    },
    writeContext(context, parameters),
  );
  return objectAnswer(200, written.object);
}
