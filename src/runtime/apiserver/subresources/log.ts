import { Pod } from '../../../types/kinds/core/pod.ts';
import { collectIssues } from '../../../types/field-issue.ts';
import { isOfKind } from '../fields.ts';
import type { PodLogOptions } from '../streams/pod-streams.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { isTrue } from '../request-info.ts';
import { integerParameter } from '../request-options.ts';
import { ApiError, badRequest, invalid } from '../status-error.ts';
import type { Subresource } from './subresource.ts';

export const log: Subresource = { name: 'log', verbs: { get: readLog } };

/** GET pods/x/log: the text as the container wrote it. @throws ApiError */
export async function readLog(context: Pick<RequestContext, 'request' | 'key' | 'storage' | 'parts'>): Promise<Answer> {
  const { request, key, storage, parts } = context;
  const options = logOptions(request.query, key.name);
  const { object } = await storage.get(key);
  if (!isOfKind(Pod, object)) throw badRequest('only pods have logs');
  const container = containerOf(object, request.query.get('container') ?? '');
  if ((object.spec?.nodeName ?? '') === '') return bytes(empty());
  if (!parts.podStreams)
    throw new ApiError(
      'ServiceUnavailable',
      `the node ${object.spec?.nodeName ?? ''} of pod ${key.name} is not attached`,
    );
  // The first chunk is awaited here, so that a refusal still can be a Status.
  const chunks = parts.podStreams.logs(object, container, options, request.signal)[Symbol.asyncIterator]();
  const first = await firstOf(chunks);
  return bytes(from(first, chunks));
}

function bytes(chunks: AsyncIterable<Uint8Array>): Answer {
  return { type: 'bytes', contentType: 'text/plain', chunks };
}

async function* empty(): AsyncGenerator<Uint8Array, void> {
  // Nothing was written yet: the pod has no node.
}

interface Pending {
  readonly result: IteratorResult<Uint8Array, unknown> | undefined;
  readonly waiting: Promise<IteratorResult<Uint8Array, unknown>>;
}

/** Waits for the first chunk only as long as nothing else is to be expected from it: a followed log may stay silent for hours. */
async function firstOf(chunks: AsyncIterator<Uint8Array, unknown>): Promise<Pending> {
  const waiting = chunks.next();
  const turn = new Promise<undefined>((resolve) => setImmediate(() => setImmediate(() => resolve(undefined))));
  try {
    return { result: await Promise.race([waiting, turn]), waiting };
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

async function* from(first: Pending, chunks: AsyncIterator<Uint8Array, unknown>): AsyncGenerator<Uint8Array, void> {
  try {
    for (let step = first.result ?? (await first.waiting); step.done !== true; step = await chunks.next())
      yield step.value;
  } finally {
    await chunks.return?.();
  }
}

function logOptions(query: URLSearchParams, name: string): PodLogOptions {
  const [tailLines, sinceSeconds, limitBytes] = ['tailLines', 'sinceSeconds', 'limitBytes'].map((name) =>
    integerParameter(query, name),
  );
  const sinceTime = query.get('sinceTime') ?? undefined;
  const issues = collectIssues((sink) => {
    if (tailLines !== undefined && tailLines < 0)
      sink.at('tailLines').invalid(tailLines, 'must be greater than or equal to 0');
    if (limitBytes !== undefined && limitBytes < 1) sink.at('limitBytes').invalid(limitBytes, 'must be greater than 0');
    if (sinceSeconds !== undefined && sinceTime !== undefined)
      sink.forbidden('at most one of `sinceTime` or `sinceSeconds` may be specified');
    else if (sinceSeconds !== undefined && sinceSeconds < 1)
      sink.at('sinceSeconds').invalid(sinceSeconds, 'must be greater than 0');
  });
  if (issues.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, issues);
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`parsing time ${JSON.stringify(sinceTime)}: it is not RFC 3339`);
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}

/** The container meant: the one named, else the only one. @throws ApiError BadRequest in upstream's words */
export function containerOf(pod: Pod, asked: string): string {
  const names = (list: readonly { readonly name: string }[] | undefined): readonly string[] =>
    (list ?? []).map(({ name }) => name);
  const containers = names(pod.spec?.containers);
  const initial = names(pod.spec?.initContainers);
  const ephemeral = names(pod.spec?.ephemeralContainers);
  const name = pod.metadata.name ?? '';
  if (asked !== '') {
    if ([...containers, ...initial, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const preferred = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (preferred !== undefined && containers.includes(preferred)) return preferred;
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choice = `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`;
  const more = [
    initial.length > 0 ? `or one of the init containers: [${initial.join(' ')}]` : '',
    ephemeral.length > 0 ? `or one of the ephemeral containers: [${ephemeral.join(' ')}]` : '',
  ];
  throw badRequest([choice, ...more].filter((text) => text !== '').join(' '));
}
