import { listOf } from '../fields.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { isDraftOfKind } from '../fields.ts';
import type { ObjectDraft } from '../fields.ts';
import { decodeObject } from '../object-rules.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { writeParameters } from '../request-options.ts';
import { notFound } from '../status-error.ts';
import { get } from '../verbs/get.ts';
import { patched } from '../verbs/patch.ts';
import { checkAddress } from '../verbs/update.ts';
import type { Subresource } from './subresource.ts';

export const ephemeralContainers: Subresource = {
  name: 'ephemeralcontainers',
  verbs: {
    get,
    update: (context) => write(context, 'ephemeralContainers'),
    patch: (context) => write(context, 'ephemeralContainers'),
  },
};

/** Takes one part of the pod's specification from the document; the rest stays as stored. */
async function write(context: RequestContext, part: 'ephemeralContainers'): Promise<Answer> {
  const { request, kind, key, storage, warnings, info } = context;
  const patching = info.verb === 'patch';
  const parameters = writeParameters(request, patching ? 'PatchOptions' : 'UpdateOptions');
  const written = await storage.update(
    key,
    (current) => {
      if (!current) throw notFound(kind, key.name);
      const wanted = patching
        ? patched(context, request.contentType.split(';')[0] ?? '', current.object, parameters, warnings)
        : decoded(context, parameters.fieldValidation);
      const draft = copyOf(current.object);
      const { resourceVersion } = wanted.metadata;
      if (resourceVersion !== undefined) draft.metadata.resourceVersion = resourceVersion;
      if (
        isDraftOfKind(Pod, draft) &&
        isDraftOfKind(Pod, wanted) &&
        draft.spec &&
        listOf(wanted, 'spec', part).length > 0
      ) {
        draft.spec[part] = wanted.spec?.[part];
      }
      return { draft };
    },
    writeContext(context, parameters),
  );
  return objectAnswer(200, written.object);
}

function decoded(context: RequestContext, fieldValidation: 'Ignore' | 'Warn' | 'Strict'): ObjectDraft {
  const draft = decodeObject(context.kind, context.request.body, {
    fieldValidation,
    duplicates: undefined,
    warnings: context.warnings,
  });
  checkAddress(context, draft);
  return draft;
}
