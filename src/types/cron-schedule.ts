/**
 * Cron schedules as CronJobs write them: five fields, a shorthand such as `@hourly`, or `@every 90m`. They mean what
 * they mean to robfig/cron's standard parser, which Kubernetes uses: stars with a step above 1 restrict a day field,
 * both restricted day fields mean either, a local time that daylight saving skips does not occur, and one that it
 * repeats occurs twice.
 */
import type { Milliseconds } from '../shared/clock.ts';
import { parseDuration } from './duration.ts';
import { TimeZone } from './time-zone.ts';

export interface CronSchedule {
  /** The first occurrence after a time; undefined when there is none within five years. */
  next(after: Date): Date | undefined;
}

interface FieldRule {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const rules = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
] as const satisfies readonly FieldRule[];

const shorthands: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

interface Field {
  readonly values: ReadonlySet<number>;
  /** Written as a star: of the two day fields, the other one alone decides. */
  readonly any: boolean;
}

function numberOf(text: string, rule: FieldRule): number | undefined {
  const named = rule.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + rule.min;
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

/** Adds what a range stands for. Returns what is wrong with it, or whether it is a star. */
function readRange(range: string, rule: FieldRule, values: Set<number>): string | boolean {
  const [span = '', stepText, ...rest] = range.split('/');
  if (rest.length > 0) return `too many slashes: ${range}`;
  if (stepText !== undefined && !/^[1-9]\d{0,3}$/.test(stepText)) {
    return `step of range should be a positive number: ${range}`;
  }
  const step = Number(stepText ?? 1);
  const [from = '', to, ...more] = span.split('-');
  if (more.length > 0) return `too many hyphens: ${range}`;
  const star = from === '*' || from === '?';
  const low = star ? rule.min : numberOf(from, rule);
  if (low === undefined) return `failed to parse int from ${from}`;
  // A single number with a step goes on to the end.
  const single = stepText === undefined ? low : rule.max;
  const high = star ? rule.max : to === undefined ? single : numberOf(to, rule);
  if (high === undefined) return `failed to parse int from ${to ?? ''}`;
  if (low < rule.min) return `beginning of range (${low}) below minimum (${rule.min}): ${range}`;
  if (high > rule.max) return `end of range (${high}) above maximum (${rule.max}): ${range}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${range}`;
  for (let value = low; value <= high; value += step) values.add(value);
  return star && step === 1;
}

function readField(text: string, rule: FieldRule): Field | string {
  const values = new Set<number>();
  let any = false;
  for (const range of text.split(',')) {
    const outcome = readRange(range, rule, values);
    if (typeof outcome === 'string') return outcome;
    any ||= outcome;
  }
  return { values, any };
}

/**
 * @param timeZone of the fields, by its IANA name
 * @returns the schedule, or what is wrong with it
 * @throws RangeError when there is no such time zone
 */
export function parseSchedule(schedule: string, timeZone = 'UTC'): CronSchedule | string {
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s+/, '').trim();
  if (text.startsWith('@')) {
    const fields = Object.hasOwn(shorthands, text) ? shorthands[text] : undefined;
    if (fields !== undefined) return parseSchedule(fields, timeZone);
    const delay = parseDuration(/^@every (.+)$/.exec(text)?.[1] ?? '');
    return delay === undefined ? `unrecognized descriptor: ${text}` : new Interval(delay);
  }
  const texts = text.split(/\s+/);
  if (texts.length !== rules.length) return `expected exactly 5 fields, found ${texts.length}: [${texts.join(' ')}]`;
  const fields: Field[] = [];
  for (const [index, rule] of rules.entries()) {
    const field = readField(texts[index] ?? '', rule);
    if (typeof field === 'string') return field;
    fields.push(field);
  }
  return new Calendar(fields, timeZone);
}

/** What is wrong with the schedule, or undefined. */
export function scheduleError(schedule: string): string | undefined {
  const parsed = parseSchedule(schedule);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** Whole seconds, at least one. */
class Interval implements CronSchedule {
  readonly #delay: Milliseconds;

  constructor(delay: Milliseconds) {
    this.#delay = Math.max(1000, Math.floor(delay / 1000) * 1000);
  }

  next(after: Date): Date {
    return new Date(Math.floor(after.getTime() / 1000) * 1000 + this.#delay);
  }
}

const minute: Milliseconds = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

class Calendar implements CronSchedule {
  readonly #fields: readonly Field[];
  readonly #zone: TimeZone;

  constructor(fields: readonly Field[], timeZone: string) {
    this.#fields = fields;
    this.#zone = new TimeZone(timeZone);
  }

  next(after: Date): Date | undefined {
    let time = (Math.floor(after.getTime() / minute) + 1) * minute;
    const end = after.getTime() + 5 * 366 * day;
    while (time <= end) {
      const local = this.#zone.local(time);
      if (!this.#dayMatches(local)) time = this.#nextDay(time, local);
      else if (!this.#has(1, local.getUTCHours())) time += hour - local.getUTCMinutes() * minute;
      else if (!this.#has(0, local.getUTCMinutes())) time += minute;
      else return new Date(time);
    }
    return undefined;
  }

  #has(field: number, value: number): boolean {
    return this.#fields[field]?.values.has(value) === true;
  }

  #dayMatches(local: Date): boolean {
    if (!this.#has(3, local.getUTCMonth() + 1)) return false;
    const ofMonth = this.#has(2, local.getUTCDate());
    const ofWeek = this.#has(4, local.getUTCDay());
    const either = this.#fields[2]?.any === false && this.#fields[4]?.any === false;
    return either ? ofMonth || ofWeek : ofMonth && ofWeek;
  }

  /** Where the next local day begins, which need not be at midnight nor 24 hours after this one began. */
  #nextDay(time: Milliseconds, local: Date): Milliseconds {
    const rest = day - (local.getTime() % day);
    const ahead = this.#zone.local(time + rest);
    const tooFar = ahead.getTime() % day;
    const earlier = time + rest - tooFar;
    return tooFar < 12 * hour && this.#zone.local(earlier).getUTCDate() === ahead.getUTCDate() ? earlier : time + rest;
  }
}
