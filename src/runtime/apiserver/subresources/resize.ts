import { Pod } from '../../../types/kinds/core/pod.ts';
import { isDraftOfKind } from '../fields.ts';
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

export const resize: Subresource = { name: 'resize', verbs: { get, update: write, patch: write } };

/** Takes the containers' resources from the document, nothing else. */
async function write(context: RequestContext): Promise<Answer> {
  const { request, kind, key, storage, warnings, info } = context;
  const patching = info.verb === 'patch';
  const parameters = writeParameters(request, patching ? 'PatchOptions' : 'UpdateOptions');
  const { fieldValidation } = parameters;
  const written = await storage.update(
    key,
    (current) => {
      if (!current) throw notFound(kind, key.name);
      const wanted = patching
        ? patched(context, request.contentType.split(';')[0] ?? '', current.object, parameters, warnings)
        : decodeObject(kind, request.body, { fieldValidation, duplicates: undefined, warnings });
      checkAddress(context, wanted);
      const draft = copyOf(current.object);
      if (wanted.metadata.resourceVersion !== undefined)
        draft.metadata.resourceVersion = wanted.metadata.resourceVersion;
      if (isDraftOfKind(Pod, draft) && isDraftOfKind(Pod, wanted)) {
        for (const container of [...(draft.spec?.containers ?? []), ...(draft.spec?.initContainers ?? [])]) {
          const other = [...(wanted.spec?.containers ?? []), ...(wanted.spec?.initContainers ?? [])].find(
            ({ name }) => name === container.name,
          );
          if (other?.resources) container.resources = other.resources;
        }
      }
      return { draft };
    },
    writeContext(context, parameters),
  );
  return objectAnswer(200, written.object);
}
