import type { KubeObject } from '../../../types/meta.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import { CompactedError } from '../../storage/store.ts';
import type { Page, Revision, StoreKey } from '../../storage/store.ts';
import { continuePosition, continueToken } from '../continue-token.ts';
import { objectAnswer } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { listParameters, revisionParameter } from '../request-options.ts';
import type { ListParameters } from '../request-options.ts';
import { selectionOf } from '../selection.ts';
import type { Selection } from '../selection.ts';
import { ApiError, badRequest, tooLargeResourceVersion } from '../status-error.ts';

/** A list as answers carry it. Its items are the stored objects themselves, so that their cached text can be used. */
export interface ListObject extends KubeObject {
  readonly items: readonly KubeObject[];
}

export async function list(context: RequestContext): Promise<Answer> {
  const { request, kind, storage, info } = context;
  const parameters = listParameters(request.query, false);
  const selection = selectionOf(kind, request.query);
  const prefix = storage.prefix(info.namespace);
  const start = startOf(context, parameters, prefix);
  const found = await collect(context, { ...start, prefix, selection, limit: limitOf(parameters) });
  return objectAnswer(200, listObject(kind, found, prefix));
}

/** A list of any age comes whole, as from upstream's cache. */
function limitOf({ limit, resourceVersion, continueToken: token }: ListParameters): number | undefined {
  return resourceVersion === '0' && token === '' ? undefined : limit;
}

export function listObject(kind: KindDefinition, found: Collected, prefix: StoreKey): ListObject {
  const metadata = {
    resourceVersion: String(found.revision),
    ...(found.next === undefined
      ? {}
      : { continue: continueToken(prefix, { revision: found.revision, from: found.next }) }),
    ...(found.next === undefined || found.remaining === undefined ? {} : { remainingItemCount: found.remaining }),
  };
  return { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items: found.items };
}

interface Start {
  readonly at: Revision | undefined;
  readonly from: StoreKey | undefined;
}

function startOf(context: RequestContext, parameters: ListParameters, prefix: StoreKey): Start {
  const { continueToken: token, resourceVersion, match, limit = 0 } = parameters;
  if (token !== '') {
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const position = continuePosition(prefix, token);
    return { at: position.revision, from: position.from };
  }
  if (resourceVersion === '') return { at: undefined, from: undefined };
  const asked = revisionParameter(resourceVersion);
  const current = context.parts.store.revision;
  if (asked > current) throw tooLargeResourceVersion(asked, current);
  // Without a match, a limit has always meant exactly this revision (KEP-1904).
  const exact = match === 'Exact' || (match === '' && limit > 0 && asked > 0);
  return { at: exact ? asked : undefined, from: undefined };
}

interface Search extends Start {
  readonly prefix: StoreKey;
  readonly selection: Selection;
  readonly limit: number | undefined;
}

export interface Collected {
  readonly items: readonly KubeObject[];
  readonly revision: Revision;
  readonly next: StoreKey | undefined;
  /** Known only when nothing is filtered out. */
  readonly remaining: number | undefined;
}

async function collect(context: RequestContext, search: Search): Promise<Collected> {
  const { selection, prefix } = search;
  const limit = search.limit === undefined || search.limit <= 0 ? Number.POSITIVE_INFINITY : search.limit;
  const items: KubeObject[] = [];
  let { from, at } = search;
  for (;;) {
    const page = await readPage(
      context,
      prefix,
      from,
      at,
      limit === Number.POSITIVE_INFINITY ? undefined : limit - items.length,
    );
    await context.storage.prepare(page.items);
    for (const stored of page.items) {
      const object = context.storage.decode(stored.value);
      if (selection.everything || selection.matches(object)) items.push(object);
    }
    if (page.next === undefined || items.length >= limit) {
      const remaining = selection.everything ? page.remaining : undefined;
      return { items, revision: page.revision, next: page.next, remaining };
    }
    from = page.next;
    at = page.revision;
  }
}

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the ' +
  'continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with ' +
  'the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the ' +
  'first chunk was returned and now may show up in the list.';

async function readPage(
  context: RequestContext,
  prefix: StoreKey,
  from: StoreKey | undefined,
  at: Revision | undefined,
  limit: number | undefined,
): Promise<Page> {
  const { store } = context.parts;
  try {
    if (at !== undefined && at > store.revision) throw tooLargeResourceVersion(at, store.revision);
    return await store.list(prefix, {
      ...(from === undefined ? {} : { from }),
      ...(at === undefined ? {} : { at }),
      ...(limit === undefined ? {} : { limit }),
    });
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    if (from === undefined) throw new ApiError('Expired', `The resourceVersion for the provided list is too old.`);
    throw new ApiError('Expired', EXPIRED, {}, continueToken(prefix, { revision: undefined, from }));
  }
}
