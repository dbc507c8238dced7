/** What a container has used so far, from its cgroup's files: of version 1, and of version 2. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../../shared/error-code.ts';

/** Totals since the container's start, and what it holds now. */
export interface Reading {
  readonly cpuNanoseconds: number;
  /** Used, without file pages that can be dropped at once. */
  readonly workingSetBytes: number;
  readonly usageBytes: number;
  readonly rssBytes: number;
}

interface Places {
  readonly version: 1 | 2;
  readonly cpu: string;
  readonly memory: string;
}

export interface UsageRoots {
  readonly proc: string;
  readonly cgroup: string;
}

export const systemRoots: UsageRoots = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

/**
 * Reads synchronously on purpose: these files live in memory, and a read through the thread pool costs several times the CPU.
 */
export class CgroupUsage {
  readonly #roots: UsageRoots;
  readonly #places = new Map<string, Places>();

  constructor(roots: UsageRoots = systemRoots) {
    this.#roots = roots;
  }

  /** Undefined for a container that has ended, or whose processes are not this machine's. */
  read(container: { readonly id: string; readonly pid: number }): Reading | undefined {
    try {
      const places = this.#placesOf(container);
      if (!places) return undefined;
      return places.version === 1 ? readVersion1(places) : readVersion2(places);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENODEV', 'ESRCH', 'EACCES', 'EPERM')) return undefined;
      throw error;
    }
  }

  /** Forgets all containers but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#places.keys()) if (!ids.has(id)) this.#places.delete(id);
  }

  #placesOf({ id, pid }: { readonly id: string; readonly pid: number }): Places | undefined {
    const known = this.#places.get(id);
    if (known) return known;
    const places = placesIn(readFileSync(join(this.#roots.proc, String(pid), 'cgroup'), 'utf8'), this.#roots.cgroup);
    // With Docker in a virtual machine the number means another process here.
    if (!places?.memory.includes(id)) return undefined;
    this.#places.set(id, places);
    return places;
  }
}

/** The lines of /proc/PID/cgroup are `NUMBER:CONTROLLERS:PATH`; version 2 has the one without controllers. */
function placesIn(text: string, root: string): Places | undefined {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    if (path.length === 0) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path.join(':'));
  }
  const [cpu, memory, unified] = [paths.get('cpuacct'), paths.get('memory'), paths.get('')];
  if (cpu !== undefined && memory !== undefined)
    return { version: 1, cpu: join(root, 'cpuacct', cpu), memory: join(root, 'memory', memory) };
  if (unified === undefined) return undefined;
  return { version: 2, cpu: join(root, unified), memory: join(root, unified) };
}

function readVersion1({ cpu, memory }: Places): Reading {
  const usageBytes = numberIn(join(memory, 'memory.usage_in_bytes'));
  const stat = fieldsOf(join(memory, 'memory.stat'));
  return {
    cpuNanoseconds: numberIn(join(cpu, 'cpuacct.usage')),
    usageBytes,
    workingSetBytes: Math.max(0, usageBytes - (stat.get('total_inactive_file') ?? 0)),
    rssBytes: stat.get('total_rss') ?? 0,
  };
}

function readVersion2({ cpu, memory }: Places): Reading {
  const usageBytes = numberIn(join(memory, 'memory.current'));
  const stat = fieldsOf(join(memory, 'memory.stat'));
  return {
    cpuNanoseconds: (fieldsOf(join(cpu, 'cpu.stat')).get('usage_usec') ?? 0) * 1000,
    usageBytes,
    workingSetBytes: Math.max(0, usageBytes - (stat.get('inactive_file') ?? 0)),
    rssBytes: stat.get('anon') ?? 0,
  };
}

function numberIn(path: string): number {
  return Number(readFileSync(path, 'utf8'));
}

/** Lines of `name value`. */
function fieldsOf(path: string): ReadonlyMap<string, number> {
  return new Map(
    readFileSync(path, 'utf8')
      .split('\n')
      .map((line): [string, number] => {
        const [name = '', value = '0'] = line.split(' ');
        return [name, Number(value)];
      }),
  );
}
