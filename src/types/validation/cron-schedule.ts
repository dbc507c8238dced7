/** Whether a text is a cron schedule: five fields or a shorthand such as `@hourly`. */
import { parseDuration } from '../duration.ts';

interface FieldRule {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const rules: readonly FieldRule[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const shorthands = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

function numberOf(text: string, rule: FieldRule): number | undefined {
  const named = rule.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + rule.min;
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function rangeError(range: string, rule: FieldRule): string | undefined {
  const [span = '', step, ...rest] = range.split('/');
  if (rest.length > 0) return `too many slashes: ${range}`;
  if (step !== undefined && !/^[1-9]\d{0,3}$/.test(step)) return `step of range should be a positive number: ${range}`;
  if (span === '*' || span === '?') return undefined;
  const [from = '', to, ...more] = span.split('-');
  if (more.length > 0) return `too many hyphens: ${range}`;
  const low = numberOf(from, rule);
  if (low === undefined) return `failed to parse int from ${from}`;
  const high = to === undefined ? low : numberOf(to, rule);
  if (high === undefined) return `failed to parse int from ${to ?? ''}`;
  if (low < rule.min) return `beginning of range (${low}) below minimum (${rule.min}): ${range}`;
  if (high > rule.max) return `end of range (${high}) above maximum (${rule.max}): ${range}`;
  return low > high ? `beginning of range (${low}) beyond end of range (${high}): ${range}` : undefined;
}

/** What is wrong with the schedule, or undefined. */
export function scheduleError(schedule: string): string | undefined {
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s+/, '').trim();
  if (text.startsWith('@')) {
    if (shorthands.has(text)) return undefined;
    const every = /^@every (.+)$/.exec(text)?.[1];
    if (every !== undefined && parseDuration(every) !== undefined) return undefined;
    return `unrecognized descriptor: ${text}`;
  }
  const fields = text.split(/\s+/);
  if (fields.length !== rules.length) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [index, rule] of rules.entries()) {
    for (const range of (fields[index] ?? '').split(',')) {
      const wrong = rangeError(range, rule);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}
