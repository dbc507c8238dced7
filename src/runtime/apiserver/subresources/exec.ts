import { Pod } from '../../../types/kinds/core/pod.ts';
import { isOfKind } from '../fields.ts';
import type { PodExecOptions, PodExecResult, PodExecStreams, PodStreams } from '../streams/pod-streams.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { isTrue } from '../request-info.ts';
import { ApiError, badRequest } from '../status-error.ts';
import { containerOf } from './log.ts';
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

export interface ExecTarget {
  readonly options: PodExecOptions;
  /** May reject with an Error for the user. */
  run(streams: PodExecStreams, signal: AbortSignal): Promise<PodExecResult>;
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

/** What a request for a command means. @throws ApiError */
export async function execTarget(context: RequestContext): Promise<ExecTarget> {
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
  if (!options.stdin && !options.stdout && !options.stderr)
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw badRequest(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  return { options, run: (io, signal) => streams.exec(pod, container, options, io, signal) };
}
