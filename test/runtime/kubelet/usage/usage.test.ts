/** From files of the kernel to rates. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CgroupUsage } from '../../../../src/runtime/kubelet/usage/cgroup-usage.ts';
import { machineReading } from '../../../../src/runtime/kubelet/usage/machine-usage.ts';
import { UsageMeter } from '../../../../src/runtime/kubelet/usage/usage-meter.ts';
import { rateOf } from '../../../../src/runtime/kubelet/usage/usage-rates.ts';
import type { Pod } from '../../../../src/types/kinds/core/pod.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const version1 = (cpu: number): Readonly<Record<string, string>> => ({
  'proc/7/cgroup': '4:memory:/kubepods/podx/c1\n2:cpu,cpuacct:/kubepods/podx/c1\n0::/kubepods/podx/c1\n',
  'cgroup/cpuacct/kubepods/podx/c1/cpuacct.usage': `${cpu}\n`,
  'cgroup/memory/kubepods/podx/c1/memory.usage_in_bytes': '3000000\n',
  'cgroup/memory/kubepods/podx/c1/memory.stat': 'cache 5\ntotal_rss 400000\ntotal_inactive_file 1000000\n',
});
const machine = (ticks: number): Readonly<Record<string, string>> => ({
  'proc/stat': `cpu  ${ticks} 10 20 999 999 1 2 0 0 0\ncpu0 1 1 1 1\n`,
  'proc/meminfo': 'MemTotal: 1000 kB\nMemFree:   200 kB\nInactive(file):  300 kB\nAnonPages:  100 kB\n',
});

describe('what a container has used', () => {
  it('is read from cgroups of version 1', () => {
    const root = temporaryDirectory();
    write(root, version1(5_000_000_000));
    const usage = new CgroupUsage({ proc: join(root, 'proc'), cgroup: join(root, 'cgroup') });
    const expected = { cpuNanoseconds: 5e9, usageBytes: 3e6, workingSetBytes: 2e6, rssBytes: 4e5 };
    expect(usage.read({ id: 'c1', pid: 7 })).toEqual(expected);
    // The number of a process of another machine, or of one that has gone.
    expect(usage.read({ id: 'c2', pid: 7 })).toBeUndefined();
    expect(usage.read({ id: 'c3', pid: 8 })).toBeUndefined();
    rmSync(join(root, 'cgroup/memory'), { recursive: true });
    expect(usage.read({ id: 'c1', pid: 7 })).toBeUndefined();
  });

  it('is read from cgroups of version 2', () => {
    const root = temporaryDirectory();
    write(root, {
      'proc/7/cgroup': '0::/system.slice/docker-c1.scope\n',
      'cgroup/system.slice/docker-c1.scope/cpu.stat': 'usage_usec 5000000\nuser_usec 1\n',
      'cgroup/system.slice/docker-c1.scope/memory.current': '3000000\n',
      'cgroup/system.slice/docker-c1.scope/memory.stat': 'anon 400000\ninactive_file 1000000\n',
    });
    const usage = new CgroupUsage({ proc: join(root, 'proc'), cgroup: join(root, 'cgroup') });
    const expected = { cpuNanoseconds: 5e9, usageBytes: 3e6, workingSetBytes: 2e6, rssBytes: 4e5 };
    expect(usage.read({ id: 'c1', pid: 7 })).toEqual(expected);
  });

  it('is read of the machine as of a container', () => {
    const files = machine(100);
    expect(machineReading(files['proc/stat'] ?? '', files['proc/meminfo'] ?? '')).toEqual({
      cpuNanoseconds: 133 * 10_000_000,
      usageBytes: 800 * 1024,
      workingSetBytes: 500 * 1024,
      rssBytes: 100 * 1024,
    });
  });
});

describe('a rate', () => {
  const sample = (seconds: number, cpuNanoseconds: number) => ({
    at: new Date(seconds * 1000),
    reading: { cpuNanoseconds, workingSetBytes: 7, usageBytes: 9, rssBytes: 1 },
  });

  it('is the use of a window', () => {
    expect(rateOf(sample(10, 1e9), sample(20, 6e9))).toMatchObject({
      cpuNanoCores: 5e8,
      memoryBytes: 7,
      window: 10_000,
    });
    expect(rateOf(sample(10, 1e9), sample(10.5, 6e9))).toBeUndefined();
    expect(rateOf(sample(10, 6e9), sample(20, 1e9))).toBeUndefined();
  });

  it('is measured every 15 seconds, and at once of what has just begun', async () => {
    const root = temporaryDirectory();
    const clock = new ManualClock();
    write(root, { ...version1(0), ...machine(0) });
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'u' } };
    const container = { id: 'c1', name: 'app', pid: 7, startedAt: clock.now(), pod };
    const roots = { proc: join(root, 'proc'), cgroup: join(root, 'cgroup') };
    const meter = new UsageMeter({
      clock,
      nodeName: 'n1',
      running: () => [container],
      onError: (error) => {
        throw error;
      },
      roots,
    });
    using _running = meter.start();
    expect(meter.pod(pod)).toBeUndefined();
    clock.advance(4000);
    write(root, version1(2_000_000_000));
    expect(meter.pod(pod)).toMatchObject({ window: 4000 });
    expect(meter.pod(pod)?.containers.get('app')?.cpuNanoCores).toBe(5e8);
    write(root, { ...version1(13_000_000_000), ...machine(3000) });
    clock.advance(11_000);
    expect(meter.pod(pod)).toMatchObject({ window: 11_000 });
    expect(meter.pod(pod)?.containers.get('app')?.cpuNanoCores).toBe(1e9);
    expect(meter.node('n1')?.usage).toMatchObject({ cpuNanoCores: 2e9, memoryBytes: 500 * 1024 });
    expect(meter.node('n2')).toBeUndefined();
    expect(meter.document('n1', 'pods')).toBeUndefined();
    expect(JSON.parse(meter.document('n1', 'stats/summary')?.text ?? '')).toMatchObject({
      node: {
        nodeName: 'n1',
        cpu: { usageNanoCores: 2e9 },
        memory: { workingSetBytes: 500 * 1024, availableBytes: 500 * 1024 },
      },
      pods: [
        {
          podRef: { name: 'p', namespace: 'default', uid: 'u' },
          containers: [{ name: 'app', cpu: { usageNanoCores: 1e9, usageCoreNanoSeconds: 13e9 } }],
          memory: { workingSetBytes: 2e6, rssBytes: 4e5 },
        },
      ],
    });
    const metrics = meter.document('n1', 'metrics/resource')?.text ?? '';
    const at = clock.now().getTime();
    expect(metrics).toContain('# TYPE container_cpu_usage_seconds_total counter\n');
    expect(metrics).toContain(
      `container_cpu_usage_seconds_total{container="app",namespace="default",pod="p"} 13 ${at}\n`,
    );
    expect(metrics).toContain(`pod_memory_working_set_bytes{namespace="default",pod="p"} 2000000 ${at}\n`);
    expect(metrics.endsWith('resource_scrape_error 0\n')).toBe(true);
    const cadvisor = meter.document('n1', 'metrics/cadvisor')?.text.split('\n');
    for (const line of [
      `container_cpu_usage_seconds_total{container="app",id="/kubepods/podu/app",namespace="default",pod="p"} 13 ${at}`,
      `container_memory_rss{container="",id="/kubepods/podu",namespace="default",pod="p"} 400000 ${at}`,
      `container_memory_working_set_bytes{id="/"} ${500 * 1024} ${at}`,
    ])
      expect(cadvisor).toContain(line);
  });
});
