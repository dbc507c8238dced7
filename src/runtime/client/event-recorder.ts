/**
 * Writes Events about objects, merged as client-go's correlator merges them: the same event again raises a count, many
 * events that differ in their message only become one, and an object that events are poured on is muted for a while.
 */
import type { Clock } from '../../shared/clock.ts';
import { Event } from '../../types/kinds/core/event.ts';
import type { ObjectReference } from '../../types/kinds/generated/core-v1.gen.ts';
import type { KubeObject } from '../../types/meta.ts';
import { isFailure } from './answers.ts';
import { ApiFailure } from './api-client.ts';
import type { ApiClient } from './api-client.ts';
import { EventCorrelator } from './event-correlator.ts';
import type { Correlated, Occurrence } from './event-correlator.ts';

export type EventType = 'Normal' | 'Warning';

/** Records that something happened to an object. Never throws and never waits: the event is written behind. */
export type RecordEvent = (
  about: KubeObject | ObjectReference,
  type: EventType,
  reason: string,
  message: string,
) => void;

export interface EventRecorderOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** Name of the component: `deployment-controller`, `kubelet`. */
  readonly component: string;
  /** Node that the component runs on, for the kubelet. */
  readonly host?: string;
  onError(error: unknown): void;
}

/** Events that wait to be written; beyond that they are dropped, since events must never slow their subject down. */
const queueLimit = 1000;
const attempts = 3;

export class EventRecorder implements AsyncDisposable {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #queue: Occurrence[] = [];
  #writing: Promise<void> | undefined;
  #disposed = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
  }

  readonly record: RecordEvent = (about, type, reason, message) => {
    if (this.#disposed || this.#queue.length >= queueLimit) return;
    const { component, host } = this.#options;
    this.#queue.push({
      about: 'metadata' in about ? referenceTo(about) : about,
      type,
      reason,
      // The API refuses longer ones (core/v1 Event).
      message: message.length > 1024 ? `${message.slice(0, 1021)}...` : message,
      component,
      host: host ?? '',
      at: this.#options.clock.now(),
    });
    this.#writing ??= this.#drain();
  };

  /** Writes what is queued and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // One turn later, so that recording is never slower than a push.
    await Promise.resolve();
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const correlated = this.#correlator.observe(next);
      if (correlated) await this.#write(correlated);
    }
    this.#writing = undefined;
  }

  async #write(correlated: Correlated): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#send(correlated);
        return;
      } catch (error) {
        // Refused for good: a namespace that is being deleted, say. Trying again would be refused again.
        if (error instanceof ApiFailure && error.code < 500 && error.code !== 429) {
          if (!isFailure(error, 'Forbidden', 'NotFound')) this.#options.onError(error);
          return;
        }
        if (attempt >= attempts) {
          this.#options.onError(error);
          return;
        }
      }
    }
  }

  async #send({ event, patch }: Correlated): Promise<void> {
    const events = this.#options.client.of(Event);
    const key = { namespace: event.metadata.namespace ?? '', name: event.metadata.name ?? '' };
    if (patch) {
      try {
        await events.patch(key, { type: 'strategic', patch });
        return;
      } catch (error) {
        // Events expire after an hour; the count goes on in a new one.
        if (!isFailure(error, 'NotFound')) throw error;
      }
    }
    await events.create(event);
  }
}

/** The components of a process share one client and one queue discipline; each has its own recorder and source. */
export function referenceTo(object: KubeObject, fieldPath?: string): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    namespace,
    uid,
    resourceVersion,
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}
