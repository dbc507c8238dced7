import { sleep } from '../../shared/clock.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Component } from '../../shared/component.ts';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { ToolMissing, runCommand } from '../network/command.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import type { ServiceSource } from '../network/service-source.ts';
import { NftTable } from './nft.ts';
import { describeTable } from './nft-state.ts';
import { hostPortTable } from './host-ports.ts';
import type { PodDrain } from './pod-drain.ts';
import { buildServiceTable, routedAddresses } from './service-table.ts';
import type { ServiceTable } from './service-table.ts';
import { staleFlows } from './stale-flows.ts';

/** A local copy of pods; an `Informer<Pod>` is one. */
export interface PodCopy {
  list(): Iterable<Pod>;
  subscribe(listener: () => void): Disposable;
}

export interface ServiceProxyOptions {
  readonly source: ServiceSource;
  /** Whose host ports to serve; without it, none. */
  readonly pods?: PodCopy;
  readonly network: ClusterNetwork;
  readonly nodeName: string;
  /** Serve NodePorts, LoadBalancer and external addresses to other machines as well. */
  readonly expose: boolean;
  readonly clock: Clock;
  warn(message: string, error?: unknown): void;
}

type Job = 'apply' | 'sweep' | 'check';

/** How long a connection that was sent to a pod just before it left its Services gets to be accepted and answered. */
const settleTime: Milliseconds = 100;
const retryDelay: Milliseconds = 1_000;
const sweepDelay: Milliseconds = 2_000;
const checkInterval: Milliseconds = 30_000;

/**
 * Keeps the kernel's Service rules equal to the Services and EndpointSlices. A change is applied at once; changes that come while a
 * transaction runs go together into the next. Disposing it leaves the rules: pods go on while the daemon is away.
 */
export class ServiceProxy implements Component, PodDrain {
  readonly name = 'proxy';
  readonly #options: ServiceProxyOptions;
  readonly #nft: NftTable;
  #table: ServiceTable = [];
  #routed: ReadonlySet<string> = new Set();
  /** When each address was last taken out of the rules. */
  readonly #leftAt = new Map<string, Milliseconds>();
  /** Called after each transaction. */
  readonly #waiting = new Set<() => void>();
  readonly #due = new Set<Job>();
  readonly #timers = new Map<string, Disposable>();
  #isDisposed = false;
  #conntrackMissing = false;
  #running: Promise<void> | undefined;

  constructor(options: ServiceProxyOptions) {
    this.#options = options;
    this.#nft = new NftTable(options.network, options.expose, options.clock);
  }

  async start(signal: AbortSignal): Promise<AsyncDisposable> {
    const { source, pods } = this.#options;
    const subscriptions = [source, pods].map((copy) => copy?.subscribe(() => this.#want('apply')));
    const unsubscribe = (): void => subscriptions.forEach((subscription) => subscription?.[Symbol.dispose]());
    try {
      // Changes told of meanwhile have to wait for this one.
      const first = this.#applyOnce();
      this.#running = first.catch(() => undefined);
      await first;
      signal.throwIfAborted();
    } catch (error) {
      unsubscribe();
      await this.#nft[Symbol.asyncDispose]();
      throw error;
    }
    this.#running = this.#run();
    this.#after('check', checkInterval);
    return {
      [Symbol.asyncDispose]: async () => {
        unsubscribe();
        this.#isDisposed = true;
        for (const timer of this.#timers.values()) timer[Symbol.dispose]();
        await this.#running;
        await this.#nft[Symbol.asyncDispose]();
      },
    };
  }

  /** Resolves when all changes told of so far are in the kernel. */
  async applied(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async whenUnrouted(podIp: string, timeout: Milliseconds, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (this.#routed.has(podIp)) await this.#untilUnrouted(podIp, timeout, signal);
    const leftAt = this.#leftAt.get(podIp);
    if (leftAt === undefined) return;
    const rest = leftAt + settleTime - clock.monotonic();
    if (rest > 0) await sleep(clock, Math.min(rest, timeout), signal);
  }

  #untilUnrouted(podIp: string, timeout: Milliseconds, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        timer[Symbol.dispose]();
        this.#waiting.delete(look);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const look = (): void => {
        if (!this.#routed.has(podIp)) finish(resolve);
      };
      const onAbort = (): void => finish(() => reject(signal.reason));
      const timer = this.#options.clock.schedule(timeout, () => finish(resolve));
      this.#waiting.add(look);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #want(job: Job): void {
    this.#due.add(job);
    if (!this.#isDisposed) this.#running ??= this.#run();
  }

  /** Does what is due, one thing after the other; what comes meanwhile, or in the same turn, is done together. */
  async #run(): Promise<void> {
    await Promise.resolve();
    while (this.#due.size > 0 && !this.#isDisposed) {
      try {
        if (this.#due.delete('check')) await this.#check();
        if (this.#due.has('apply')) await this.#applyOnce();
        if (this.#due.delete('sweep')) await this.#nft.sweep();
      } catch (error) {
        this.#options.warn('the Service rules could not be changed; trying again in a second', error);
        await this.#pause(retryDelay);
        this.#due.add('apply');
      }
    }
    this.#running = undefined;
  }

  async #check(): Promise<void> {
    if (await this.#nft.isPresent()) return;
    this.#options.warn('the Service rules have vanished from the kernel; restoring them');
    this.#due.add('apply');
  }

  async #applyOnce(): Promise<void> {
    this.#due.delete('apply');
    const { source, pods, network, nodeName } = this.#options;
    const services = buildServiceTable(source.services(), source.slices(), nodeName);
    const table = [...services, ...hostPortTable(pods?.list() ?? [], nodeName)];
    await this.#nft.apply(describeTable(table, network));
    const flows = staleFlows(this.#table, table);
    this.#table = table;
    // A host port stays with its pod to the end.
    this.#noteRouted(routedAddresses(services));
    if (this.#nft.hasUnused) this.#after('sweep', sweepDelay);
    for (const look of this.#waiting) look();
    await this.#forget(flows);
  }

  #noteRouted(routed: ReadonlySet<string>): void {
    const now = this.#options.clock.monotonic();
    for (const [ip, at] of this.#leftAt) if (routed.has(ip) || now - at > settleTime) this.#leftAt.delete(ip);
    for (const ip of this.#routed) if (!routed.has(ip)) this.#leftAt.set(ip, now);
    this.#routed = routed;
  }

  async #forget(flows: readonly (readonly string[])[]): Promise<void> {
    if (this.#conntrackMissing) return;
    try {
      // conntrack says "0 flow entries have been deleted" and fails when there was none.
      for (const flow of flows) await runCommand(['conntrack', '-D', ...flow]);
    } catch (error) {
      if (!(error instanceof ToolMissing)) throw error;
      this.#conntrackMissing = true;
      this.#options.warn('UDP clients may stay with an endpoint that has gone', error);
    }
  }

  #after(job: Job, delay: Milliseconds): void {
    if (this.#timers.has(job)) return;
    const timer = this.#options.clock.schedule(delay, () => {
      this.#timers.delete(job);
      if (job === 'check') this.#after('check', checkInterval);
      this.#want(job);
    });
    this.#timers.set(job, timer);
  }

  #pause(delay: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.schedule(delay, resolve);
      this.#timers.set('pause', {
        [Symbol.dispose]: () => {
          timer[Symbol.dispose]();
          resolve();
        },
      });
    });
  }
}
