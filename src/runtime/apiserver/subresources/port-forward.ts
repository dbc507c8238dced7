import type { Pod } from '../../../types/kinds/core/pod.ts';
import { admitConnection } from '../admission/connection.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { badRequest } from '../status-error.ts';
import type { PodStreams } from '../streams/pod-streams.ts';
import { podOnNode } from './process-target.ts';
import type { Subresource } from './subresource.ts';

/** Over a connection that is not upgraded there is nothing to forward on. */
export const portForward: Subresource = {
  name: 'portforward',
  document: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
  verbs: { get: refuse, create: refuse },
};

async function refuse(context: RequestContext): Promise<Answer> {
  await portForwardTarget(context);
  throw badRequest('Upgrade request required');
}

export interface PortForwardTarget {
  readonly pod: Pod;
  readonly streams: PodStreams;
  /** Ports that the request itself names, which clients over WebSocket channels do. */
  readonly ports: readonly number[];
}

/** What a request to forward ports means. @throws ApiError */
export async function portForwardTarget(asked: RequestContext): Promise<PortForwardTarget> {
  const context = await admitConnection(asked);
  const ports = context.request.query
    .getAll('ports')
    .flatMap((text) => text.split(','))
    .map((text) => portOf(text));
  return { ...(await podOnNode(context)), ports };
}

/** @throws ApiError */
function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`);
}
