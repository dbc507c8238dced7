/** What the node says of itself. Pure. */
import type { Node, NodeCondition, NodeStatus } from '../../types/kinds/generated/core-v1.gen.ts';
import type { EngineInfo, ImageInfo } from '../engine/container-engine.ts';
import { timeText } from './container-status.ts';

export interface MachineFacts {
  readonly engine: EngineInfo;
  readonly hostname: string;
  readonly address: string;
  readonly kubeletVersion: string;
  readonly diskBytes: number;
  readonly diskFreeBytes: number;
  readonly memoryFreeBytes: number;
  /** Page size as the kernel names its folder, `2048kB` -> pages. */
  readonly hugePages: ReadonlyMap<string, number>;
  readonly machineId: string;
  readonly bootId: string;
  readonly systemUuid: string;
  readonly images: readonly ImageInfo[];
}

export const MAX_PODS = 110;
const MAX_IMAGES = 50;
/** As the kubelet's default hard eviction threshold memory.available. */
const MEMORY_RESERVE = 100 * 2 ** 20;
/** Of a workstation's disk, a share would be a pressure that is always there. */
const DISK_RESERVE = 500 * 2 ** 20;

const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm' };

export function architectureOf(name: string): string {
  return ARCHITECTURES[name] ?? name;
}

export function nodeLabels(facts: MachineFacts, nodeName: string): Readonly<Record<string, string>> {
  const arch = architectureOf(facts.engine.architecture);
  return {
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': arch,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
  };
}

export function nodeCapacity(facts: MachineFacts): Readonly<Record<string, string>> {
  return resources(facts, facts.engine.memoryBytes, facts.diskBytes);
}

export function nodeAllocatable(facts: MachineFacts): Readonly<Record<string, string>> {
  return resources(facts, Math.max(0, facts.engine.memoryBytes - MEMORY_RESERVE), facts.diskBytes);
}

/** What others announce of the node, as `kubectl proxy` users and device plugins do: all of it may be had. */
function extendedResources(node: Node): Readonly<Record<string, string>> {
  const entries = Object.entries(node.status?.capacity ?? {}).filter(([name]) => name.includes('/'));
  return Object.fromEntries(entries.map(([name, amount]) => [name, String(amount)]));
}

function resources(facts: MachineFacts, memory: number, disk: number): Readonly<Record<string, string>> {
  const huge = [...facts.hugePages].map(([size, pages]): [string, string] => {
    const kilobytes = Number.parseInt(size, 10);
    const name = kilobytes >= 2 ** 20 ? `${kilobytes / 2 ** 20}Gi` : `${kilobytes / 2 ** 10}Mi`;
    return [`hugepages-${name}`, pages === 0 ? '0' : `${pages * kilobytes}Ki`];
  });
  return {
    cpu: String(facts.engine.cpus),
    'ephemeral-storage': `${Math.floor(disk / 1024)}Ki`,
    ...Object.fromEntries(huge),
    memory: `${Math.floor(memory / 1024)}Ki`,
    pods: String(MAX_PODS),
  };
}

export interface NodeHealth {
  readonly now: Date;
  /** Why pods cannot be run, in the engine's words. */
  readonly trouble: string | undefined;
}

export function nodeStatus(node: Node, facts: MachineFacts, nodeName: string, health: NodeHealth): NodeStatus {
  const own = conditions(facts, health).map((condition) => withTimes(node, condition, health.now));
  const others = (node.status?.conditions ?? []).filter((old) => own.every((condition) => condition.type !== old.type));
  const extended = extendedResources(node);
  return {
    ...node.status,
    capacity: { ...extended, ...nodeCapacity(facts) },
    allocatable: { ...extended, ...nodeAllocatable(facts) },
    conditions: [...others, ...own],
    addresses: [
      { type: 'InternalIP', address: facts.address },
      { type: 'Hostname', address: nodeName },
    ],
    nodeInfo: {
      machineID: facts.machineId,
      systemUUID: facts.systemUuid,
      bootID: facts.bootId,
      kernelVersion: facts.engine.kernelVersion,
      osImage: facts.engine.operatingSystem,
      containerRuntimeVersion: `docker://${facts.engine.version}`,
      kubeletVersion: facts.kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: architectureOf(facts.engine.architecture),
    },
    images: [...facts.images]
      .sort((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, MAX_IMAGES)
      .map((image) => ({ names: [...image.digests, ...image.tags].slice(0, 5), sizeBytes: image.sizeBytes }))
      .filter((image) => image.names.length > 0),
  };
}

interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface FreeSpace {
  readonly memoryFreeBytes: number;
  readonly diskFreeBytes: number;
}

export interface Pressure {
  readonly memory: boolean;
  readonly disk: boolean;
}

export function pressureOf({ memoryFreeBytes, diskFreeBytes }: FreeSpace): Pressure {
  return { memory: memoryFreeBytes < MEMORY_RESERVE, disk: diskFreeBytes < DISK_RESERVE };
}

function conditions(facts: MachineFacts, health: NodeHealth): readonly Verdict[] {
  const { memory: lowMemory, disk: lowDisk } = pressureOf(facts);
  return [
    lowMemory
      ? verdict('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available')
      : verdict('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    lowDisk
      ? verdict('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure')
      : verdict('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    verdict('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    readiness(health),
  ];
}

function readiness({ trouble }: NodeHealth): Verdict {
  return trouble === undefined
    ? verdict('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
    : verdict('Ready', 'False', 'KubeletNotReady', `container runtime is down: ${trouble}`);
}

/** The node's conditions when nothing but its readiness is known. */
export function withReady(node: Node, health: NodeHealth): readonly NodeCondition[] {
  const others = (node.status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
  return [...others, withTimes(node, readiness(health), health.now)];
}

function verdict(type: string, status: 'True' | 'False', reason: string, message: string): Verdict {
  return { type, status, reason, message };
}

function withTimes(node: Node, next: Verdict, now: Date): NodeCondition {
  const before = node.status?.conditions?.find((condition) => condition.type === next.type);
  const since = before?.status === next.status ? before.lastTransitionTime : undefined;
  return { ...next, lastHeartbeatTime: timeText(now), lastTransitionTime: since ?? timeText(now) };
}
