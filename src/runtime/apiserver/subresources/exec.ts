import type { PodExecOptions } from '../streams/pod-streams.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { admitConnection } from '../admission/connection.ts';
import { isTrue } from '../request-info.ts';
import { badRequest } from '../status-error.ts';
import { containerOf } from './log.ts';
import { checkStreams, podOnNode, type ProcessTarget } from './process-target.ts';
import type { Subresource } from './subresource.ts';

/** Over a connection that is not upgraded there is nothing to exchange streams on. */
export const exec: Subresource = {
  name: 'exec',
  document: { group: '', version: 'v1', kind: 'PodExecOptions' },
  verbs: { get: refuse, create: refuse },
};

async function refuse(context: RequestContext): Promise<Answer> {
  await execTarget(context);
  throw badRequest('Upgrade request required');
}

/** What a request for a command means. @throws ApiError */
export async function execTarget(asked: RequestContext): Promise<ProcessTarget> {
  const context = await admitConnection(asked);
  const { query } = context.request;
  const options: PodExecOptions = {
    command: query.getAll('command'),
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    stderr: isTrue(query.get('stderr')),
    tty: isTrue(query.get('tty')),
  };
  const { pod, streams } = await podOnNode(context);
  const container = containerOf(pod, query.get('container') ?? '');
  if (options.command.length === 0) throw badRequest('you must specify at least 1 command for the container');
  checkStreams(options);
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  return { options, run: (io, signal) => streams.exec(pod, container, options, io, signal) };
}
