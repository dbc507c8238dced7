import { integerParameter } from '../request-options.ts';
import { objectAnswer } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { revisionParameter } from '../request-options.ts';
import { tooLargeResourceVersion } from '../status-error.ts';

/** GET of one object. Every read is of the newest state, which satisfies any resourceVersion that has been reached. */
export async function get(context: RequestContext): Promise<Answer> {
  const { request, parts } = context;
  const asked = request.query.get('resourceVersion') ?? '';
  if (asked !== '' && revisionParameter(asked) > parts.store.revision) {
    throw tooLargeResourceVersion(revisionParameter(asked), parts.store.revision);
  }
  integerParameter(request.query, 'timeoutSeconds');
  return objectAnswer(200, (await context.storage.get(context.key)).object);
}
