import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { deleteOptions, writeParameters } from '../request-options.ts';
import { deletedStatus } from '../status-error.ts';

/** DELETE of one object: a Status when it is gone, the object while its deletion waits for somebody. */
export async function remove(context: RequestContext): Promise<Answer> {
  const { request, kind, key, storage } = context;
  const options = deleteOptions(request);
  const { fieldManager } = writeParameters(request, 'UpdateOptions');
  const dryRun = (options.dryRun ?? []).length > 0 || request.query.getAll('dryRun').includes('All');
  const { object, gone } = await storage.remove(key, options, writeContext(context, { dryRun, fieldManager }));
  if (gone && kind.returnsDeleted !== true)
    return objectAnswer(200, deletedStatus(kind, key.name, object.metadata.uid));
  if (!gone || object.metadata.deletionGracePeriodSeconds !== undefined || kind.terminatesGracefully !== true)
    return objectAnswer(200, object);
  // Upstream's answer tells that the object did not get a period of grace.
  return objectAnswer(200, { ...object, metadata: { ...object.metadata, deletionGracePeriodSeconds: 0 } });
}
