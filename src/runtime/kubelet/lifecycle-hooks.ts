/** postStart and preStop. */
import { sleep, type Milliseconds } from '../../shared/clock.ts';
import type { LifecycleHandler } from '../../types/kinds/generated/core-v1.gen.ts';
import { check, type CheckTarget, type CheckTools } from './probe-check.ts';

/** Undefined when the hook succeeded, else what went wrong. */
export async function runHook(
  hook: LifecycleHandler,
  target: CheckTarget,
  timeout: Milliseconds,
  tools: CheckTools,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (hook.sleep) {
    await sleep(tools.clock, Math.min(timeout, hook.sleep.seconds * 1000), signal);
    return undefined;
  }
  const result = await check(hook, target, timeout, tools, signal);
  return result.ok ? undefined : result.output;
}

/** For a hook that is cut short, by a shorter grace period or the end of its pod. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
