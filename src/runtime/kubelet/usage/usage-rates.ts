/** From what was used by two moments to what is used. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Usage } from '../../apiserver/usage/usage-source.ts';
import type { Reading } from './cgroup-usage.ts';

export interface Sample {
  readonly at: Date;
  readonly reading: Reading;
}

/** Over a shorter time a rate says more of the moment than of the program. */
export const shortestWindow: Milliseconds = 1000;

/** The sample that every container has before its first one: it began with nothing. */
export function atStart(startedAt: Date): Sample {
  return { at: startedAt, reading: { cpuNanoseconds: 0, workingSetBytes: 0, usageBytes: 0, rssBytes: 0 } };
}

export interface Rate extends Usage {
  readonly at: Date;
  readonly window: Milliseconds;
}

/** Undefined when the samples lie too close together, or are not of one life of a cgroup. */
export function rateOf(before: Sample, after: Sample): Rate | undefined {
  const window = after.at.getTime() - before.at.getTime();
  const used = after.reading.cpuNanoseconds - before.reading.cpuNanoseconds;
  if (window < shortestWindow || used < 0) return undefined;
  return {
    at: after.at,
    window,
    cpuNanoCores: (used / window) * 1000,
    memoryBytes: after.reading.workingSetBytes,
  };
}
