/** Measures the containers of this node and the machine itself, every few seconds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { NodeUsage, PodUsage, Usage, UsageDocument, UsageSource } from '../../apiserver/usage/usage-source.ts';
import { CgroupUsage, systemRoots } from './cgroup-usage.ts';
import type { Reading, UsageRoots } from './cgroup-usage.ts';
import { bootTime, machineReading, totalMemory } from './machine-usage.ts';
import { cadvisorMetrics, resourceMetrics, statsSummary, type NodeFacts, type PodFacts } from './usage-documents.ts';
import { atStart, rateOf, shortestWindow } from './usage-rates.ts';
import type { Rate, Sample } from './usage-rates.ts';

/** As metrics-server's resolution. */
const PERIOD: Milliseconds = 15_000;

/** A container that runs. */
export interface Metered {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly startedAt: Date;
  readonly pod: Pod;
}

export interface UsageMeterParts {
  readonly clock: Clock;
  readonly nodeName: string;
  /** All that run, or those of one pod. */
  running(pod?: Pod): Iterable<Metered>;
  /** What the node tells besides usage. */
  other?(path: string): UsageDocument | undefined;
  onError(error: unknown): void;
  readonly roots?: UsageRoots;
}

/** The newest sample, and the one before it. */
interface Track {
  readonly before: Sample;
  readonly last: Sample;
}

export class UsageMeter implements UsageSource {
  readonly #parts: UsageMeterParts;
  readonly #cgroups: CgroupUsage;
  readonly #roots: UsageRoots;
  readonly #tracks = new Map<string, Track>();
  #machine: Track | undefined;
  #timer: Disposable | undefined;

  constructor(parts: UsageMeterParts) {
    this.#parts = parts;
    this.#roots = parts.roots ?? systemRoots;
    this.#cgroups = new CgroupUsage(this.#roots);
  }

  start(): Disposable {
    this.#round();
    return { [Symbol.dispose]: () => this.#timer?.[Symbol.dispose]() };
  }

  /** Undefined while one of its containers cannot be measured: half a pod would pass for an idle one. */
  pod(pod: Pod): PodUsage | undefined {
    const containers = new Map<string, Usage>();
    let latest: Rate | undefined;
    for (const container of this.#parts.running(pod)) {
      const rate = this.#rate(container);
      if (!rate) return undefined;
      containers.set(container.name, rate);
      if (!latest || rate.at > latest.at) latest = rate;
    }
    return latest && { timestamp: latest.at, window: latest.window, containers };
  }

  node(name: string): NodeUsage | undefined {
    if (name !== this.#parts.nodeName || !this.#machine) return undefined;
    const rate = rateOf(this.#machine.before, this.#machine.last) ?? this.#machineNow(this.#machine.before);
    return rate && { timestamp: rate.at, window: rate.window, usage: rate };
  }

  document(node: string, path: string): UsageDocument | undefined {
    if (node !== this.#parts.nodeName) return undefined;
    if (path === 'stats/summary')
      return { contentType: 'application/json', text: JSON.stringify(statsSummary(this.#facts())) };
    if (path === 'metrics/resource')
      return { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: resourceMetrics(this.#facts()) };
    if (path === 'metrics/cadvisor')
      return { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: cadvisorMetrics(this.#facts()) };
    return this.#parts.other?.(path);
  }

  #facts(): NodeFacts {
    const { clock, nodeName } = this.#parts;
    const pods = new Map<string, PodFacts & { readonly containers: PodFacts['containers'][number][] }>();
    for (const container of this.#parts.running()) {
      const reading = this.#cgroups.read(container);
      const { metadata, status } = container.pod;
      const { name = '', namespace = '', uid = '' } = metadata;
      const pod = pods.get(uid) ?? { name, namespace, uid, startTime: status?.startTime, containers: [] };
      pods.set(uid, pod);
      if (reading) pod.containers.push({ ...container, reading, usage: this.#rate(container) });
    }
    return {
      name: nodeName,
      time: clock.now(),
      startTime: bootTime(this.#text('stat')),
      memoryBytes: totalMemory(this.#text('meminfo')),
      reading: this.#machineTotal(),
      usage: this.node(nodeName)?.usage,
      pods: [...pods.values()],
    };
  }

  #machineTotal(): Reading {
    return machineReading(this.#text('stat'), this.#text('meminfo'));
  }

  #text(name: string): string {
    return readFileSync(join(this.#roots.proc, name), 'utf8');
  }

  #rate(container: Metered): Rate | undefined {
    const track = this.#tracks.get(container.id) ?? this.#sample(container);
    return track && rateOf(track.before, track.last);
  }

  #machineNow(before: Sample): Rate | undefined {
    const at = this.#parts.clock.now();
    return rateOf(before, { at, reading: this.#machineTotal() });
  }

  #round(): void {
    this.#timer = this.#parts.clock.schedule(PERIOD, () => this.#round());
    try {
      const running = [...this.#parts.running()];
      const ids = new Set(running.map(({ id }) => id));
      this.#cgroups.keep(ids);
      for (const id of this.#tracks.keys()) if (!ids.has(id)) this.#tracks.delete(id);
      for (const container of running) this.#sample(container);
      const last = { at: this.#parts.clock.now(), reading: this.#machineTotal() };
      this.#machine = { before: this.#machine?.last ?? last, last };
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  #sample(container: Metered): Track | undefined {
    const reading = this.#cgroups.read(container);
    if (!reading) return undefined;
    const last = { at: this.#parts.clock.now(), reading };
    const before = this.#tracks.get(container.id)?.last ?? atStart(container.startedAt);
    // One that has only just begun is looked at again when somebody asks.
    if (last.at.getTime() - before.at.getTime() < shortestWindow) return this.#tracks.get(container.id);
    const track = { before, last };
    this.#tracks.set(container.id, track);
    return track;
  }
}
