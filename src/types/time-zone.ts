/** Local time in a zone of the IANA database. */
import type { Milliseconds } from '../shared/clock.ts';

/** Whether there is such a zone. Names are told apart by their case, as on the systems that Kubernetes runs on. */
export function isTimeZone(name: string): boolean {
  // Newer runtimes take offsets such as `+01:00` as well.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    const known = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
    return known === name || known.toLowerCase() !== name.toLowerCase();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;

  /** @throws RangeError when there is no such zone */
  constructor(name: string) {
    const date = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const time = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, ...date, ...time });
    this.#format = format.resolvedOptions().timeZone === 'UTC' ? undefined : format;
  }

  /** A date whose UTC fields are the local ones, to the second. */
  local(time: Milliseconds): Date {
    if (!this.#format) return new Date(time);
    const parts = new Map<string, number>();
    for (const { type, value } of this.#format.formatToParts(time)) parts.set(type, Number(value));
    const of = (type: string): number => parts.get(type) ?? 0;
    return new Date(Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')));
  }

  /** `2026-03-01T06:00:00+01:00`; in UTC with a `Z`. */
  text(time: Date): string {
    const seconds = Math.floor(time.getTime() / 1000) * 1000;
    const local = this.local(seconds);
    const minutes = Math.round((local.getTime() - seconds) / 60_000);
    const offset = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
      `${part}`.padStart(2, '0'),
    );
    const zone = minutes === 0 ? 'Z' : `${minutes < 0 ? '-' : '+'}${offset.join(':')}`;
    return `${local.toISOString().slice(0, 19)}${zone}`;
  }
}
