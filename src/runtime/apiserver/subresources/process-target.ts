/** What requests that exchange the streams of a process in a pod are about. */
import { Pod } from '../../../types/kinds/core/pod.ts';
import { isOfKind } from '../fields.ts';
import type { RequestContext } from '../request-context.ts';
import { ApiError, badRequest } from '../status-error.ts';
import type { PodAttachOptions, PodProcessResult, PodProcessStreams, PodStreams } from '../streams/pod-streams.ts';

export interface ProcessTarget {
  readonly options: PodAttachOptions;
  /** May reject with an Error for the user. */
  run(streams: PodProcessStreams, signal: AbortSignal): Promise<PodProcessResult>;
}

/** The pod that streams are exchanged with, and who does so. @throws ApiError */
export async function podOnNode({
  key,
  storage,
  parts,
}: RequestContext): Promise<{ readonly pod: Pod; readonly streams: PodStreams }> {
  const { object } = await storage.get(key);
  if (!isOfKind(Pod, object)) throw badRequest('only pods have streams');
  if ((object.spec?.nodeName ?? '') === '') throw badRequest(`pod ${key.name} does not have a host assigned`);
  if (!parts.podStreams) throw new ApiError('ServiceUnavailable', `the node of pod ${key.name} is not attached`);
  return { pod: object, streams: parts.podStreams };
}

/** @throws ApiError */
export function checkStreams({ stdin, stdout, stderr }: PodAttachOptions): void {
  if (!stdin && !stdout && !stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
}
