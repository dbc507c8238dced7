/** What is asked of a kubelet in the same process: `NAME`, `NAME:10250` and `https:NAME:10250` mean it. */
import { Pod } from '../../../types/kinds/core/pod.ts';
import { objectAnswer } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { badRequest, notFound } from '../status-error.ts';
import { readLog } from '../subresources/log.ts';
import type { ListObject } from '../verbs/list.ts';
import type { UsageDocument } from './usage-source.ts';

/** Undefined for another node, and for a path that the kubelet does not answer. @throws ApiError */
export async function nodeAnswer(context: RequestContext): Promise<Answer | undefined> {
  const { info, parts } = context;
  const node = /^(?:https?:)?([^:]+)(?::10250)?$/.exec(info.name)?.[1];
  if (node === undefined || !parts.usage) return undefined;
  const document = parts.usage.document(node, info.rest.join('/'));
  if (document) return { type: 'bytes', contentType: document.contentType, chunks: chunksOf(document) };
  const [what = '', ...rest] = info.rest;
  // Whoever says of itself that it is well, is the kubelet of this process.
  if (!['pods', 'containerLogs'].includes(what) || !parts.usage.document(node, 'healthz')) return undefined;
  return what === 'pods' ? podsOn(node, context) : containerLog(node, rest, context);
}

async function* chunksOf({ text, chunks }: UsageDocument): AsyncGenerator<Uint8Array, void> {
  if (text !== '') yield Buffer.from(text);
  if (chunks) yield* chunks;
}

async function podsOn(node: string, { parts }: RequestContext): Promise<Answer> {
  const items = (await parts.reader.list(Pod)).filter(({ spec }) => spec?.nodeName === node);
  const list: ListObject = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
  return objectAnswer(200, list);
}

/** `containerLogs/NAMESPACE/POD/CONTAINER`, with the parameters of pods/x/log. */
async function containerLog(node: string, path: readonly string[], context: RequestContext): Promise<Answer> {
  const [namespace = '', name = '', container = ''] = path;
  if (path.length !== 3 || container === '')
    throw badRequest('the log of a container is at containerLogs/NAMESPACE/POD/CONTAINER');
  const { parts, request } = context;
  const pod = await parts.reader.get(Pod, { namespace, name });
  if (pod?.spec?.nodeName !== node) throw notFound(Pod, name);
  const query = new URLSearchParams(request.query);
  query.set('container', container);
  return readLog({ parts, key: { namespace, name }, storage: parts.storage(Pod), request: { ...request, query } });
}
