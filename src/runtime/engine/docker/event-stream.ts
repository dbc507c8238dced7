/** Events of containers, reconnected with back-off; every connection begins with `gap`. */
import { AsyncQueue, QueueOverflow } from '../../../shared/async-queue.ts';
import { sleep, type Clock, type Milliseconds } from '../../../shared/clock.ts';
import { EngineError, type EngineEvent, type Labels } from '../container-engine.ts';
import { decodeEvent, watchedEvents } from './decode.ts';
import { readBody, type DockerHttp } from './docker-http.ts';
import { jsonLines } from './streams.ts';

const FIRST_DELAY: Milliseconds = 100;
const LONGEST_DELAY: Milliseconds = 5_000;
/** Docker drops events for a reader that lags, without a word; so they are taken off the socket at once. */
const UNREAD_EVENTS = 10_000;

export async function* eventStream(
  http: DockerHttp,
  clock: Clock,
  labels: Labels,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  let delay = FIRST_DELAY;
  while (!signal.aborted) {
    try {
      for await (const event of connection(http, clock, labels, signal)) {
        delay = FIRST_DELAY;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof EngineError || error instanceof QueueOverflow)) throw error;
    }
    if (!(await slept(clock, delay, signal))) return;
    delay = Math.min(delay * 2, LONGEST_DELAY);
  }
}

async function slept(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<boolean> {
  return sleep(clock, delay, signal).then(
    () => true,
    (reason: unknown) => {
      if (signal.aborted) return false;
      throw reason;
    },
  );
}

async function* connection(
  http: DockerHttp,
  clock: Clock,
  labels: Labels,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const begun = clock.now();
    const filters = { type: ['container'], event: watchedEvents, label: labelFilters(labels) };
    const response = await http.open({
      method: 'GET',
      path: '/events',
      // Docker answers before it subscribes: `since` has it replay what falls between the two.
      query: { filters: JSON.stringify(filters), since: (begun.getTime() / 1000).toFixed(3) },
      signal: controller.signal,
    });
    const queue = new AsyncQueue<EngineEvent>(UNREAD_EVENTS);
    queue.push({ type: 'gap', id: '', labels: {}, time: begun });
    const filling = fill(queue, readBody(response, controller.signal), controller);
    yield* queue;
    await filling;
  } finally {
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}

async function fill(
  queue: AsyncQueue<EngineEvent>,
  bytes: AsyncIterable<Uint8Array>,
  controller: AbortController,
): Promise<void> {
  try {
    for await (const message of jsonLines(bytes)) {
      const event = decodeEvent(message);
      if (event && !queue.push(event)) break;
    }
    queue.close();
  } catch (error) {
    queue.close(error);
  } finally {
    controller.abort();
  }
}

export function labelFilters(labels: Labels): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}
