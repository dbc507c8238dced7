/** What the kernel holds a container to. Pure. */
import type { Container } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ContainerLimits } from '../engine/container-engine.ts';
import { resourceOf } from './resource-amounts.ts';

const CPU_PERIOD = 100_000;
export const MIN_CPU_SHARES = 2;
const MAX_CPU_SHARES = 262_144;

export function limitsOf(container: Container): ContainerLimits {
  const memory = resourceOf(container, 'limits', 'memory');
  const cpuLimit = resourceOf(container, 'limits', 'cpu');
  const cpuRequest = resourceOf(container, 'requests', 'cpu');
  const shares = Math.floor((Math.round((cpuRequest ?? 0) * 1000) * 1024) / 1000);
  return {
    cpuShares: Math.min(MAX_CPU_SHARES, Math.max(MIN_CPU_SHARES, shares)),
    ...(memory ? { memoryBytes: Math.floor(memory) } : {}),
    ...(cpuLimit ? { cpuQuota: Math.max(1000, Math.round(cpuLimit * CPU_PERIOD)), cpuPeriod: CPU_PERIOD } : {}),
  };
}

/** The same as a container's label has it: `shares/quota/bytes`, 0 for no limit. */
export function limitsText({ cpuShares, cpuQuota = 0, memoryBytes = 0 }: ContainerLimits): string {
  return [cpuShares, cpuQuota, memoryBytes].join('/');
}

/** What differs between two such texts. */
export function changedLimits(before: string, after: string): readonly ('cpu' | 'memory')[] {
  const [old, now] = [before.split('/'), after.split('/')];
  const cpu = old[0] !== now[0] || old[1] !== now[1];
  return [...(cpu ? (['cpu'] as const) : []), ...(old[2] === now[2] ? [] : (['memory'] as const))];
}
