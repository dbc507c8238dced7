import type { PodAttachOptions } from '../streams/pod-streams.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { admitConnection } from '../admission/connection.ts';
import { isTrue } from '../request-info.ts';
import { badRequest } from '../status-error.ts';
import { containerOf } from './log.ts';
import { checkStreams, podOnNode, type ProcessTarget } from './process-target.ts';
import type { Subresource } from './subresource.ts';

/** Over a connection that is not upgraded there is nothing to exchange streams on. */
export const attach: Subresource = {
  name: 'attach',
  document: { group: '', version: 'v1', kind: 'PodAttachOptions' },
  verbs: { get: refuse, create: refuse },
};

async function refuse(context: RequestContext): Promise<Answer> {
  await attachTarget(context);
  throw badRequest('Upgrade request required');
}

/** What a request for a container's own streams means. @throws ApiError */
export async function attachTarget(asked: RequestContext): Promise<ProcessTarget> {
  const context = await admitConnection(asked);
  const { query } = context.request;
  const tty = isTrue(query.get('tty'));
  const options: PodAttachOptions = {
    stdin: isTrue(query.get('stdin')),
    // PodAttachOptions' own defaults, unlike those of PodExecOptions.
    stdout: isTrue(query.get('stdout') ?? 'true'),
    stderr: isTrue(query.get('stderr') ?? String(!tty)),
    tty,
  };
  const { pod, streams } = await podOnNode(context);
  const container = containerOf(pod, query.get('container') ?? '');
  checkStreams(options);
  return { options, run: (io, signal) => streams.attach(pod, container, options, io, signal) };
}
