/** Keeps the probes of running containers going, and says what they found. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Container, Probe } from '../../types/kinds/generated/core-v1.gen.ts';
import { check, type CheckTarget, type CheckTools } from './probe-check.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

export interface ProbeTally {
  /** What the probe holds true; undefined until thresholds have been reached for the first time. */
  readonly verdict: boolean | undefined;
  readonly last: boolean | undefined;
  readonly run: number;
}

export const noTally: ProbeTally = { verdict: undefined, last: undefined, run: 0 };

/** Counts results alike in a row and changes the verdict at the threshold. Pure. */
export function tally(before: ProbeTally, ok: boolean, probe: Probe): ProbeTally {
  const run = before.last === ok ? before.run + 1 : 1;
  const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return { verdict: run >= threshold ? ok : before.verdict, last: ok, run };
}

export interface ProbeListener {
  /** A verdict has changed. */
  onVerdict(kind: ProbeKind, container: Container, containerId: string, ok: boolean): void;
  onFailure(kind: ProbeKind, container: Container, output: string): void;
  /** It went well, but there is something that its user should know. */
  onWarning?(kind: ProbeKind, container: Container, warning: string): void;
  /** Told of every result that counts. */
  onResult?(kind: ProbeKind, container: Container, ok: boolean): void;
}

interface Running {
  readonly containerName: string;
  readonly kind: ProbeKind;
  stop(): void;
}

/** A server that has just been started is asked again soon: its first answer decides when the pod takes traffic. */
const FIRST_RETRY: Milliseconds = 50;

/** The probes of one pod. */
export class Probes implements Disposable {
  readonly #tools: CheckTools;
  readonly #listener: ProbeListener;
  readonly #running = new Map<string, Running>();

  constructor(tools: CheckTools, listener: ProbeListener) {
    this.#tools = tools;
    this.#listener = listener;
  }

  /** Begins what the container has and what does not run yet. Liveness and readiness wait for `started`. */
  cover(target: CheckTarget, since: Date, started: boolean): void {
    const { startupProbe, readinessProbe, livenessProbe } = target.container;
    if (!started) this.#begin('startup', startupProbe, target, since);
    else {
      this.#begin('readiness', readinessProbe, target, since);
      this.#begin('liveness', livenessProbe, target, since);
    }
  }

  /** Ends the probes of every container that is not in the set. */
  keepOnly(containerIds: ReadonlySet<string>): void {
    for (const [key, running] of this.#running) {
      if (containerIds.has(key.split(' ', 1)[0] ?? '')) continue;
      running.stop();
      this.#running.delete(key);
    }
  }

  end(containerId: string, kind: ProbeKind): void {
    const key = `${containerId} ${kind}`;
    this.#running.get(key)?.stop();
    this.#running.delete(key);
  }

  /** A pod that is ending still tells whether it can take traffic, but is not killed or restarted any more. */
  onlyReadiness(): void {
    for (const [key, running] of this.#running) {
      if (running.kind === 'readiness') continue;
      running.stop();
      this.#running.delete(key);
    }
  }

  [Symbol.dispose](): void {
    this.keepOnly(new Set());
  }

  #begin(kind: ProbeKind, probe: Probe | undefined, target: CheckTarget, since: Date): void {
    const key = `${target.containerId} ${kind}`;
    if (!probe || this.#running.has(key)) return;
    const stopped = new AbortController();
    this.#running.set(key, { containerName: target.container.name, kind, stop: () => stopped.abort() });
    const run = new ProbeRun(kind, probe, target, this.#tools, this.#listener, stopped.signal);
    const age = this.#tools.clock.now().getTime() - since.getTime();
    run.schedule(Math.max(0, (probe.initialDelaySeconds ?? 0) * 1000 - age));
  }
}

class ProbeRun {
  #tally: ProbeTally = noTally;
  #quick = FIRST_RETRY;
  readonly #clock: Clock;

  constructor(
    readonly kind: ProbeKind,
    readonly probe: Probe,
    readonly target: CheckTarget,
    readonly tools: CheckTools,
    readonly listener: ProbeListener,
    readonly signal: AbortSignal,
  ) {
    this.#clock = tools.clock;
  }

  schedule(delay: Milliseconds): void {
    const timer = this.#clock.schedule(delay, () => {
      this.signal.removeEventListener('abort', cancel);
      this.#check().catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        this.#take(false, text);
        this.schedule(this.#period);
      });
    });
    const cancel = (): void => timer[Symbol.dispose]();
    this.signal.addEventListener('abort', cancel, { once: true });
  }

  get #period(): Milliseconds {
    return (this.probe.periodSeconds ?? 10) * 1000;
  }

  async #check(): Promise<void> {
    if (this.signal.aborted) return;
    const timeout = (this.probe.timeoutSeconds ?? 1) * 1000;
    const begun = this.#clock.monotonic();
    const result = await check(this.probe, this.target, timeout, this.tools, this.signal);
    if (this.signal.aborted) return;
    if (!result.ok && this.#asksAgainSoon()) {
      this.schedule(this.#quick);
      this.#quick *= 2;
      return;
    }
    if (result.warning !== undefined) this.listener.onWarning?.(this.kind, this.target.container, result.warning);
    this.#take(result.ok, result.output);
    const spent = this.#clock.monotonic() - begun;
    if (!this.signal.aborted) this.schedule(Math.max(0, this.#period - spent));
  }

  /** Only while nothing is known yet, within the first period, and not for probes that cost a process each. */
  #asksAgainSoon(): boolean {
    if (this.kind === 'liveness' || this.probe.exec || this.#tally.last !== undefined) return false;
    return this.#quick * 2 <= this.#period;
  }

  #take(ok: boolean, output: string): void {
    const before = this.#tally;
    this.#tally = tally(before, ok, this.probe);
    const { container, containerId } = this.target;
    this.listener.onResult?.(this.kind, container, ok);
    if (!ok) this.listener.onFailure(this.kind, container, output);
    if (this.#tally.verdict !== undefined && this.#tally.verdict !== before.verdict) {
      this.listener.onVerdict(this.kind, container, containerId, this.#tally.verdict);
    }
  }
}
