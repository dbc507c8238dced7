/** Decides what becomes of an occurrence: a new Event, a higher count on an earlier one, or nothing. */
import { randomInt } from 'node:crypto';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { JsonObject } from '../../shared/deep.ts';
import type { Event } from '../../types/kinds/core/event.ts';
import type { ObjectReference } from '../../types/kinds/generated/core-v1.gen.ts';

export interface Occurrence {
  readonly about: ObjectReference;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
  readonly host: string;
  readonly at: Date;
}

export interface Correlated {
  /** The whole event, to be created. */
  readonly event: Event;
  /** Set when the event was written before: what to change on it. */
  readonly patch: JsonObject | undefined;
}

/** Figures of client-go's correlator. */
const similarLimit = 10;
const similarInterval: Milliseconds = 600_000;
const burst = 25;
const refill: Milliseconds = 300_000;
const cacheSize = 4096;
/** Nanoseconds of a millisecond, which the clock does not tell apart. */
const SEQUENCES = 1_000_000;

interface Bucket {
  tokens: number;
  since: Milliseconds;
}
interface Similar {
  readonly messages: Set<string>;
  last: Milliseconds;
}
interface Written {
  readonly name: string;
  readonly first: string;
  count: number;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  readonly #similar = new Map<string, Similar>();
  readonly #written = new Map<string, Written>();
  /** From anywhere: recorders of one process write about the same objects, often in the same millisecond. */
  #sequence = randomInt(SEQUENCES);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined when the object has had more than its share of events. */
  observe(occurrence: Occurrence): Correlated | undefined {
    const subject = subjectKey(occurrence);
    const group = [subject, occurrence.type, occurrence.reason].join('\0');
    const aggregated = this.#aggregate(group, occurrence.message);
    const message = aggregated ? `(combined from similar events): ${occurrence.message}` : occurrence.message;
    // An aggregate goes on under one key, whatever its present message is.
    const key = aggregated ? group : [group, message].join('\0');
    const written = recent(this.#written, key, () => this.#named(occurrence));
    written.count += 1;
    if (!this.#admit(subject)) return undefined;
    return correlated(occurrence, written, message);
  }

  #aggregate(group: string, message: string): boolean {
    const now = this.#clock.monotonic();
    const similar = recent(this.#similar, group, () => ({ messages: new Set<string>(), last: now }));
    if (now - similar.last > similarInterval) similar.messages.clear();
    similar.last = now;
    if (similar.messages.size < similarLimit) similar.messages.add(message);
    else if (!similar.messages.has(message)) return true;
    return false;
  }

  #admit(subject: string): boolean {
    const now = this.#clock.monotonic();
    const bucket = recent(this.#buckets, subject, () => ({ tokens: burst, since: now }));
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.since) / refill);
    bucket.since = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #named({ about, at }: Occurrence): Written {
    // As upstream: the subject's name and the time in nanoseconds, in hexadecimal; the sequence tells those of one millisecond apart.
    this.#sequence = (this.#sequence + 1) % SEQUENCES;
    const stamp = BigInt(at.getTime()) * 1_000_000n + BigInt(this.#sequence);
    return { name: `${about.name ?? ''}.${stamp.toString(16)}`, first: seconds(at), count: 0 };
  }
}

function correlated(occurrence: Occurrence, written: Written, message: string): Correlated {
  const { about, component, host } = occurrence;
  const last = seconds(occurrence.at);
  const event: Event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: written.name,
      namespace: about.namespace === undefined || about.namespace === '' ? 'default' : about.namespace,
    },
    involvedObject: about,
    reason: occurrence.reason,
    message,
    type: occurrence.type,
    source: { component, ...(host === '' ? {} : { host }) },
    firstTimestamp: written.first,
    lastTimestamp: last,
    count: written.count,
    reportingComponent: component,
    reportingInstance: host,
  };
  const patch = written.count > 1 ? { message, count: written.count, lastTimestamp: last } : undefined;
  return { event, patch };
}

function subjectKey({ about, component, host }: Occurrence): string {
  const { kind, namespace, name, uid, apiVersion, fieldPath } = about;
  return [component, host, kind, namespace, name, uid, apiVersion, fieldPath].join('\0');
}

/** Time of metav1.Time: whole seconds. */
function seconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** The entry of a map that forgets the one longest unused. */
function recent<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  if (map.size > cacheSize) {
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  }
  return value;
}
