/** What the machine has used so far, and holds now. Pure. */
import type { Reading } from './cgroup-usage.ts';

/** The kernel's USER_HZ, which is 100 on every architecture that containers run on. */
const NANOSECONDS_PER_TICK = 10_000_000;

/** @param stat /proc/stat @param meminfo /proc/meminfo */
export function machineReading(stat: string, meminfo: string): Reading {
  // user nice system idle iowait irq softirq steal guest: the guest's time is in user's already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '')
    .split(' ')
    .map(Number);
  const field = (name: string): number => memoryField(meminfo, name);
  const usageBytes = field('MemTotal') - field('MemFree');
  return {
    cpuNanoseconds: (user + nice + system + irq + softirq) * NANOSECONDS_PER_TICK,
    usageBytes,
    workingSetBytes: Math.max(0, usageBytes - field('Inactive(file)')),
    rssBytes: field('AnonPages'),
  };
}

/** When the machine began. @param stat /proc/stat */
export function bootTime(stat: string): Date {
  return new Date(Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000);
}

/** In bytes. @param meminfo /proc/meminfo */
export function totalMemory(meminfo: string): number {
  return memoryField(meminfo, 'MemTotal');
}

function memoryField(meminfo: string, name: string): number {
  return Number(new RegExp(`^${name.replace(/[()]/g, '\\$&')}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
}
