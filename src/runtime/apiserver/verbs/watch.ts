import { randomInt } from 'node:crypto';
import { AsyncQueue, QueueOverflow } from '../../../shared/async-queue.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { CompactedError } from '../../storage/store.ts';
import type { Revision, StoreEvent } from '../../storage/store.ts';
import type { WatchEvent } from '../request.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { listParameters, revisionParameter } from '../request-options.ts';
import type { ListParameters } from '../request-options.ts';
import { selectionOf } from '../selection.ts';
import type { Selection } from '../selection.ts';
import { apiErrorOf, statusOf, tooLargeResourceVersion, tooOldResourceVersion } from '../status-error.ts';

const BOOKMARK_INTERVAL = 60_000;
// A watch without a time-out of its own ends after 30 to 60 minutes, as upstream's does, so that clients spread out anew.
const LEAST_SECONDS = 1800;

interface WatchPlan {
  /** Changes after this revision are sent. Undefined: the current objects first, then what changes after them. */
  readonly after: Revision | undefined;
  readonly selection: Selection;
  readonly bookmarks: boolean;
  /** Whether a bookmark tells the end of the current objects (KEP-3157). */
  readonly announceEnd: boolean;
  readonly seconds: number;
}

export async function watch(context: RequestContext): Promise<Answer> {
  const { request, kind, key, parts } = context;
  const parameters = listParameters(request.query, true);
  const plan = planWatch(kind, request.query, parameters, key.name);
  const { revision } = parts.store;
  if (plan.after !== undefined && plan.after > revision) throw tooLargeResourceVersion(plan.after, revision);
  return { type: 'watch', events: events(context, plan) };
}

function planWatch(kind: KindDefinition, query: URLSearchParams, parameters: ListParameters, name: string): WatchPlan {
  const { resourceVersion, sendInitialEvents, bookmarks, timeoutSeconds } = parameters;
  const asked = resourceVersion === '' ? 0 : revisionParameter(resourceVersion);
  const current = sendInitialEvents ?? asked === 0;
  const seconds = timeoutSeconds ?? 0;
  return {
    after: current ? undefined : asked,
    selection: selectionOf(kind, query, name),
    bookmarks,
    announceEnd: sendInitialEvents === true && bookmarks,
    seconds: seconds > 0 ? seconds : LEAST_SECONDS + randomInt(LEAST_SECONDS),
  };
}

/** Store events and the ticks of the clock in one stream; whatever ends the watch ends both. */
type Signal = StoreEvent | 'bookmark' | 'end';

async function* events(context: RequestContext, plan: WatchPlan): AsyncGenerator<WatchEvent, void> {
  const { parts, request, info, storage } = context;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, request.signal]);
  const timers = new Set<Disposable>();
  try {
    const prefix = storage.prefix(info.namespace);
    let revision = plan.after ?? 0;
    if (plan.after === undefined) {
      const page = await parts.store.list(prefix);
      await storage.prepare(page.items);
      for (const stored of page.items) {
        const object = storage.decode(stored.value);
        if (plan.selection.matches(object)) yield { type: 'ADDED', object };
      }
      revision = page.revision;
      if (plan.announceEnd) yield bookmark(context.kind, revision, true);
    }
    const signals = merged(parts.store.watch(prefix, revision, signal), context, plan, timers, signal);
    for await (const item of signals) {
      if (item === 'end') {
        if (plan.bookmarks) yield bookmark(context.kind, revision, false);
        return;
      }
      if (item === 'bookmark') {
        yield bookmark(context.kind, revision, false);
        continue;
      }
      revision = item.type === 'PROGRESS' ? item.revision : item.stored.revision;
      if (item.type !== 'PROGRESS') await storage.prepare(item.previous ? [item.stored, item.previous] : [item.stored]);
      const event = eventOf(item, plan.selection, context);
      if (event) yield event;
    }
  } catch (error) {
    if (request.signal.aborted || error instanceof QueueOverflow) return;
    yield { type: 'ERROR', object: statusOf(errorOf(error, plan.after ?? 0)) };
  } finally {
    stop.abort();
    for (const timer of timers) timer[Symbol.dispose]();
  }
}

async function* merged(
  source: AsyncIterable<StoreEvent>,
  context: RequestContext,
  plan: WatchPlan,
  timers: Set<Disposable>,
  signal: AbortSignal,
): AsyncGenerator<Signal, void> {
  const { clock } = context.parts;
  const queue = new AsyncQueue<Signal>(10_000);
  const end = (): void => queue.close();
  signal.addEventListener('abort', end, { once: true });
  let next: Disposable | undefined;
  const tick = (): void => {
    queue.push('bookmark');
    next = clock.schedule(BOOKMARK_INTERVAL, tick);
  };
  if (plan.bookmarks) next = clock.schedule(BOOKMARK_INTERVAL, tick);
  timers.add({ [Symbol.dispose]: () => next?.[Symbol.dispose]() });
  timers.add(
    clock.schedule(plan.seconds * 1000, () => {
      queue.push('end');
      queue.close();
    }),
  );
  // A custom resource whose definition changes or goes has another form from here on: its watchers begin anew.
  const { kind } = context;
  timers.add(
    context.parts.registry.subscribe(() => {
      if (context.parts.registry.resource(kind.apiVersion, kind.plural) !== kind) queue.close();
    }),
  );
  const pump = async (): Promise<void> => {
    try {
      for await (const event of source) if (!queue.push(event)) return;
      queue.close();
    } catch (error) {
      queue.close(error);
    }
  };
  const pumping = pump();
  yield* queue;
  await (signal.aborted ? pumping : undefined);
}

function eventOf(event: StoreEvent, selection: Selection, context: RequestContext): WatchEvent | undefined {
  if (event.type === 'PROGRESS') return undefined;
  const object = context.storage.decode(event.stored.value);
  if (event.type === 'DELETE') return selection.matches(object) ? { type: 'DELETED', object } : undefined;
  const previous = event.previous && context.storage.decode(event.previous.value);
  const matched = previous !== undefined && selection.matches(previous);
  if (selection.matches(object)) return { type: matched ? 'MODIFIED' : 'ADDED', object };
  if (!matched) return undefined;
  // It left the selection: to this watcher it is gone, in its last known shape but with the revision of the change.
  const metadata = { ...previous.metadata, resourceVersion: String(event.stored.revision) };
  return { type: 'DELETED', object: { ...previous, metadata } };
}

function bookmark(kind: KindDefinition, revision: Revision, end: boolean): WatchEvent {
  const annotations = { 'k8s.io/initial-events-end': 'true' };
  const metadata: KubeObject['metadata'] = { resourceVersion: String(revision), ...(end ? { annotations } : {}) };
  return { type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: kind.apiVersion, metadata } };
}

function errorOf(error: unknown, asked: Revision): ReturnType<typeof apiErrorOf> {
  return error instanceof CompactedError ? tooOldResourceVersion(asked, error.oldest) : apiErrorOf(error);
}
