/** What the node says of itself. */
import { describe, expect, it } from 'vitest';
import { nodeStatus, type MachineFacts } from '../../../src/runtime/kubelet/node-status.ts';

const facts: MachineFacts = {
  engine: {
    ...{ name: 'engine', version: '1', apiVersion: '1', operatingSystem: 'Linux', kernelVersion: '6', rootDir: '/' },
    ...{ architecture: 'x86_64', cpus: 2, memoryBytes: 2 ** 32, cgroupDriver: 'cgroupfs', cgroupVersion: '2' },
  },
  ...{ hostname: 'a', address: '10.0.0.1', kubeletVersion: 'v1', diskBytes: 2 ** 40, diskFreeBytes: 2 ** 39 },
  ...{ memoryFreeBytes: 2 ** 31, hugePages: new Map(), machineId: 'm', bootId: 'b', systemUuid: 's', images: [] },
};
const health = { now: new Date('2026-01-01T00:00:00Z'), trouble: undefined };

describe('the status of a node', () => {
  it('keeps what others announced of it, which pods may have; its own figures are its own', () => {
    const capacity = { cpu: '64', 'example.com/gpu': '4' };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, status: { capacity } } as const;
    const status = nodeStatus(node, facts, 'a', health);
    expect(status.capacity).toMatchObject({ cpu: '2', 'example.com/gpu': '4' });
    expect(status.allocatable).toMatchObject({ cpu: '2', 'example.com/gpu': '4' });
  });
});
