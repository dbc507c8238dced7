/** Times and durations between their texts and protobuf's numbers. */
import { DecodeError } from './wire.ts';

/** Go's zero time, 0001-01-01T00:00:00Z, stands for "no time". */
const zeroSeconds = -62_135_596_800;

/** RFC 3339 text, or undefined for no time. Like upstream, Time keeps whole seconds, MicroTime microseconds. */
export function timeFromWire(seconds: number, nanos: number, micro: boolean): string | undefined {
  if ((seconds === 0 && nanos === 0) || seconds === zeroSeconds) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new DecodeError(`protobuf: ${seconds} seconds is no time`);
  const text = date.toISOString().slice(0, 19);
  return micro ? `${text}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : `${text}Z`;
}

export interface WireTime {
  readonly seconds: number;
  readonly nanos: number;
}

/** @throws Error when the text is no RFC 3339 time: objects are validated before they are encoded. */
export function timeToWire(text: string, micro: boolean): WireTime {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new Error(`${JSON.stringify(text)} is no RFC 3339 time`);
  const seconds = Math.floor(milliseconds / 1000);
  const fraction = micro ? (/\.(\d+)/.exec(text)?.[1] ?? '') : '';
  return { seconds, nanos: Number(fraction.slice(0, 6).padEnd(6, '0')) * 1000 };
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds of a Go duration text such as `1h30m` or `-1.5s`. @throws Error when it is none. */
export function durationToWire(text: string): number {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (text === '0') return 0;
  if (!match) throw new Error(`${JSON.stringify(text)} is no duration`);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Math.round(Number(amount) * (units[unit ?? ''] ?? 0));
  }
  return match[1] === '-' ? -total : total;
}

/** Go's time.Duration.String. */
export function durationFromWire(nanos: number): string {
  if (nanos === 0) return '0s';
  const sign = nanos < 0 ? '-' : '';
  const value = Math.abs(nanos);
  if (value < 1e3) return `${sign}${value}ns`;
  if (value < 1e6) return `${sign}${value / 1e3}µs`;
  if (value < 1e9) return `${sign}${value / 1e6}ms`;
  const hours = Math.floor(value / 3600e9);
  const minutes = Math.floor((value % 3600e9) / 60e9);
  const seconds = `${(value % 60e9) / 1e9}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
