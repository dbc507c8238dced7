/** Keeps a sink equal to a collection: list, watch from the list's revision, watch again, list again after 410. */
import { sleep } from '../../shared/clock.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { KubeObject, Persisted } from '../../types/meta.ts';
import { ApiFailure } from './api-client.ts';
import type { ClientWatchEvent, ListQuery, ResourceClient } from './api-client.ts';

export interface ReflectorSink<T extends KubeObject> {
  /** The whole collection as of one revision; what is not in it is gone. */
  replace(items: readonly Persisted<T>[], resourceVersion: string): void;
  apply(event: ClientWatchEvent<T>): void;
}

export interface ReflectorOptions {
  readonly clock: Clock;
  /** Told of every failure that is not an abort; the reflector goes on by itself. */
  onError(error: unknown): void;
  readonly query?: Pick<ListQuery, 'namespace' | 'labelSelector' | 'fieldSelector'>;
  /** Items asked for in one page of the list; undefined lists in one request. */
  readonly pageSize?: number;
  /** A number in [0, 1), for the jitter that keeps many reflectors from coming back all at once. */
  readonly random?: () => number;
}

const firstDelay: Milliseconds = 100;
const longestDelay: Milliseconds = 30_000;
/** A watch that lasted this long was healthy, so the next failure starts with a short delay again. */
const healthyAfter: Milliseconds = 10_000;

/** Runs until the signal aborts, and then resolves. */
export async function reflect<T extends KubeObject>(
  resource: ResourceClient<T>,
  sink: ReflectorSink<T>,
  options: ReflectorOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random = Math.random } = options;
  let revision: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    let heard = false;
    try {
      revision ??= await list(resource, sink, options, signal);
      const query = { ...options.query, resourceVersion: revision };
      for await (const event of resource.watch(query, signal)) {
        heard = true;
        sink.apply(event);
        revision = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
      }
      // A server may end a watch at any time. One that ended at once without a word must not become a busy loop.
      if (heard || clock.monotonic() - startedAt > 1000) failures = 0;
      else failures += 1;
    } catch (error) {
      if (signal.aborted) return;
      if (clock.monotonic() - startedAt > healthyAfter) failures = 0;
      const expired = isExpired(error);
      if (expired) revision = undefined;
      // The first 410 is business as usual: compaction overtook a quiet watch.
      if (!expired || failures > 0) options.onError(error);
      failures += 1;
      if (expired && failures === 1) continue;
    }
    if (failures > 0) await pause(clock, failures, random(), signal);
  }
}

async function list<T extends KubeObject>(
  resource: ResourceClient<T>,
  sink: ReflectorSink<T>,
  options: ReflectorOptions,
  signal: AbortSignal,
): Promise<string> {
  const items: Persisted<T>[] = [];
  let next: string | undefined;
  let resourceVersion: string;
  do {
    const page = await resource.list(
      {
        ...options.query,
        ...(options.pageSize === undefined ? {} : { limit: options.pageSize }),
        ...(next === undefined ? {} : { continue: next }),
      },
      signal,
    );
    items.push(...page.items);
    next = page.continue;
    resourceVersion = page.resourceVersion;
  } while (next !== undefined);
  sink.replace(items, resourceVersion);
  return resourceVersion;
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiFailure && error.code === 410;
}

async function pause(clock: Clock, failures: number, random: number, signal: AbortSignal): Promise<void> {
  const delay = Math.min(longestDelay, firstDelay * 2 ** Math.min(failures - 1, 20));
  try {
    await sleep(clock, delay * (1 + random), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
