import type { KubeObject } from '../../../types/meta.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { deleteOptions, writeParameters } from '../request-options.ts';
import { selectionOf } from '../selection.ts';
import { ApiError } from '../status-error.ts';
import { listObject } from './list.ts';

/** DELETE of what the selectors match. Answers the list of it. */
export async function deleteCollection(context: RequestContext): Promise<Answer> {
  const { request, kind, storage, info, parts } = context;
  const options = deleteOptions(request);
  const { fieldManager } = writeParameters(request, 'UpdateOptions');
  const dryRun = (options.dryRun ?? []).length > 0 || request.query.getAll('dryRun').includes('All');
  const selection = selectionOf(kind, request.query);
  const prefix = storage.prefix(info.namespace);
  const page = await parts.store.list(prefix);
  await storage.prepare(page.items);
  const removed: KubeObject[] = [];
  for (const stored of page.items) {
    const object = storage.decode(stored.value);
    if (!selection.matches(object)) continue;
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
    try {
      await storage.remove(key, options, writeContext(context, { dryRun, fieldManager }));
      removed.push(object);
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
    }
  }
  const found = { items: removed, revision: parts.store.revision, next: undefined, remaining: undefined };
  return objectAnswer(200, listObject(kind, found, prefix));
}
