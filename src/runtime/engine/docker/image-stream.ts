/** Progress of a pull or a build: the answer is 200 from its first byte, what went wrong is found in the stream. */
import { EngineError } from '../container-engine.ts';
import { child, text } from './decode.ts';
import { jsonLines } from './streams.ts';

/** @throws EngineError with the stream's own words when it reports an error */
export async function watchProgress(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const message of jsonLines(chunks)) {
    const detail = text(child(message, 'errorDetail'), 'message') || text(message, 'error');
    if (detail !== '') throw new EngineError(reasonOfImageError(detail), detail);
  }
}

/** Registries and Docker say in words what HTTP would say by status. */
export function reasonOfImageError(message: string): EngineError['reason'] {
  if (/manifest unknown|not found|repository does not exist|name unknown|no such host/i.test(message))
    return 'NotFound';
  if (/unauthorized|authentication required|access .*denied|no basic auth credentials/i.test(message))
    return 'Unauthorized';
  if (/invalid reference format|Dockerfile parse error/i.test(message)) return 'InvalidSpec';
  return 'Failed';
}
