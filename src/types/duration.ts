/** Durations as Go prints and reads them: `1h30m`, `250ms`, `0s`. */
import type { Milliseconds } from '../shared/clock.ts';

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = /^([+-]?)(.+)$/.exec(text);
  const body = match?.[2] ?? '';
  if (body === '0') return 0;
  if (body.length > 100 || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined;
  let total = 0;
  for (const part of body.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(part[1]) * (units[part[2] ?? ''] ?? 0);
  }
  return match?.[1] === '-' ? -total : total;
}

/** Go's time.Duration.String for whole milliseconds. */
export function formatDuration(milliseconds: Milliseconds): string {
  const sign = milliseconds < 0 ? '-' : '';
  const magnitude = Math.abs(milliseconds);
  if (magnitude === 0) return '0s';
  if (magnitude < 1000) return `${sign}${magnitude}ms`;
  const hours = Math.floor(magnitude / 3_600_000);
  const minutes = Math.floor((magnitude % 3_600_000) / 60_000);
  const seconds = (magnitude % 60_000) / 1000;
  const shown = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${sign}${shown}${Number(seconds.toFixed(3))}s`;
}
