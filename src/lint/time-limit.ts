/** Other people's code in this process: what does not end is ended. */
import { Script } from 'node:vm';
import type { Milliseconds } from '../shared/clock.ts';
import { hasCode } from '../shared/error-code.ts';

/** The work did not end in time. */
export class TimeExceeded extends Error {
  override readonly name = 'TimeExceeded';
}

const slot = Symbol.for('kubewright.limited-work');

/** Only code that a script calls can be interrupted; it finds what to do in a place that both know. */
const call = new Script(`globalThis[Symbol.for('kubewright.limited-work')]()`);

/**
 * Does the work, which must be synchronous.
 *
 * @throws whatever it throws, and TimeExceeded where it does not end in time
 */
export function withinTime(limit: Milliseconds, work: () => void): void {
  const outer: unknown = Reflect.get(globalThis, slot);
  Reflect.set(globalThis, slot, work);
  try {
    call.runInThisContext({ timeout: limit });
  } catch (error) {
    if (!hasCode(error, 'ERR_SCRIPT_EXECUTION_TIMEOUT')) throw error;
    throw new TimeExceeded(`it did not end within ${limit / 1000} s; is there an endless loop?`);
  } finally {
    Reflect.set(globalThis, slot, outer);
  }
}
