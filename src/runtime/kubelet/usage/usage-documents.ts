/** What a kubelet tells of usage: /stats/summary (v1alpha1) and /metrics/resource. Pure. */
import type { Usage } from '../../apiserver/usage/usage-source.ts';
import { labels, metricsText, type Family } from '../metrics-text.ts';
import type { Reading } from './cgroup-usage.ts';

export interface ContainerFacts {
  readonly name: string;
  readonly startedAt: Date;
  readonly reading: Reading;
  /** Undefined while it has not run long enough. */
  readonly usage: Usage | undefined;
}

export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly startTime: string | undefined;
  readonly containers: readonly ContainerFacts[];
}

export interface NodeFacts {
  readonly name: string;
  readonly time: Date;
  readonly startTime: Date;
  readonly memoryBytes: number;
  readonly reading: Reading;
  readonly usage: Usage | undefined;
  readonly pods: readonly PodFacts[];
}

const text = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

function figures(time: Date, reading: Reading, usage: Usage | undefined, limit?: number): object {
  const { cpuNanoseconds, usageBytes, workingSetBytes, rssBytes } = reading;
  return {
    cpu: {
      time: text(time),
      ...(usage === undefined ? {} : { usageNanoCores: Math.round(usage.cpuNanoCores) }),
      usageCoreNanoSeconds: Math.round(cpuNanoseconds),
    },
    memory: {
      time: text(time),
      ...(limit === undefined ? {} : { availableBytes: Math.max(0, limit - workingSetBytes) }),
      usageBytes,
      workingSetBytes,
      rssBytes,
    },
  };
}

export function statsSummary(node: NodeFacts): object {
  const { time } = node;
  return {
    node: {
      nodeName: node.name,
      startTime: text(node.startTime),
      ...figures(time, node.reading, node.usage, node.memoryBytes),
    },
    pods: node.pods.map(({ name, namespace, uid, startTime, containers }) => ({
      podRef: { name, namespace, uid },
      ...(startTime === undefined ? {} : { startTime }),
      containers: containers.map((container) => ({
        name: container.name,
        startTime: text(container.startedAt),
        ...figures(time, container.reading, container.usage),
      })),
      ...figures(time, total(containers), totalUsage(containers)),
    })),
  };
}

function total(containers: readonly ContainerFacts[]): Reading {
  const sum = (of: (reading: Reading) => number): number => containers.reduce((so, { reading }) => so + of(reading), 0);
  return {
    cpuNanoseconds: sum((reading) => reading.cpuNanoseconds),
    usageBytes: sum((reading) => reading.usageBytes),
    workingSetBytes: sum((reading) => reading.workingSetBytes),
    rssBytes: sum((reading) => reading.rssBytes),
  };
}

function totalUsage(containers: readonly ContainerFacts[]): Usage | undefined {
  let [cpuNanoCores, memoryBytes] = [0, 0];
  for (const { usage } of containers) {
    if (!usage) return undefined;
    cpuNanoCores += usage.cpuNanoCores;
    memoryBytes += usage.memoryBytes;
  }
  return { cpuNanoCores, memoryBytes };
}

/** /metrics/resource. */
export function resourceMetrics(node: NodeFacts): string {
  const at = node.time.getTime();
  const containers = node.pods.flatMap((pod) =>
    pod.containers.map((container) => ({
      ...container,
      labels: labels({ container: container.name, ...placeOf(pod) }),
    })),
  );
  const pods = node.pods.map((pod) => ({ reading: total(pod.containers), labels: labels(placeOf(pod)) }));
  const machine = [{ reading: node.reading, labels: '' }];
  type Measured = { readonly reading: Reading; readonly labels: string };
  const cpu = (what: string, list: readonly Measured[]): Family => ({
    name: `${what}_cpu_usage_seconds_total`,
    type: 'counter',
    help: `Cumulative cpu time consumed by the ${what} in core-seconds`,
    lines: list.map((one) => `${one.labels} ${one.reading.cpuNanoseconds / 1e9} ${at}`),
  });
  const memory = (what: string, list: readonly Measured[]): Family => ({
    name: `${what}_memory_working_set_bytes`,
    type: 'gauge',
    help: `Current working set of the ${what} in bytes`,
    lines: list.map((one) => `${one.labels} ${one.reading.workingSetBytes} ${at}`),
  });
  const families: readonly Family[] = [
    cpu('container', containers),
    memory('container', containers),
    {
      name: 'container_start_time_seconds',
      type: 'gauge',
      help: 'Start time of the container since unix epoch in seconds',
      lines: containers.map((one) => `${one.labels} ${one.startedAt.getTime() / 1000}`),
    },
    cpu('node', machine),
    memory('node', machine),
    cpu('pod', pods),
    memory('pod', pods),
    {
      name: 'resource_scrape_error',
      type: 'gauge',
      help: '1 if there was an error while getting container metrics, 0 otherwise',
      lines: [' 0'],
    },
  ];
  return metricsText(families);
}

/** /metrics/cadvisor: what dashboards ask of containers, in cAdvisor's names. A pod's total has no container. */
export function cadvisorMetrics(node: NodeFacts): string {
  const at = node.time.getTime();
  const containers = node.pods.flatMap((pod) =>
    pod.containers.map(({ name, reading, startedAt }) => ({ pod, name, reading, startedAt })),
  );
  const measured = [
    { labels: labels({ id: '/' }), reading: node.reading },
    ...node.pods.map((pod) => ({ labels: cadvisorLabels(pod, '', ''), reading: total(pod.containers) })),
    ...containers.map(({ pod, name, reading }) => ({ labels: cadvisorLabels(pod, name, name), reading })),
  ];
  const of = (name: string, type: Family['type'], help: string, value: (reading: Reading) => number): Family => ({
    name,
    type,
    help,
    lines: measured.map((one) => `${one.labels} ${value(one.reading)} ${at}`),
  });
  return metricsText([
    of('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed in seconds.', (reading) => {
      return reading.cpuNanoseconds / 1e9;
    }),
    of('container_memory_usage_bytes', 'gauge', 'Current memory usage in bytes.', (reading) => reading.usageBytes),
    of('container_memory_working_set_bytes', 'gauge', 'Current working set in bytes.', (reading) => {
      return reading.workingSetBytes;
    }),
    of('container_memory_rss', 'gauge', 'Size of RSS in bytes.', (reading) => reading.rssBytes),
    {
      name: 'container_start_time_seconds',
      type: 'gauge',
      help: 'Start time of the container since unix epoch in seconds.',
      lines: containers.map(
        ({ pod, name, startedAt }) => `${cadvisorLabels(pod, name, name)} ${startedAt.getTime() / 1000} ${at}`,
      ),
    },
    {
      name: 'machine_memory_bytes',
      type: 'gauge',
      help: 'Amount of memory installed on the machine.',
      lines: [` ${node.memoryBytes}`],
    },
  ]);
}

function cadvisorLabels({ name, namespace, uid }: PodFacts, container: string, leaf: string): string {
  const id = `/kubepods/pod${uid}${leaf === '' ? '' : `/${leaf}`}`;
  return labels({ container, id, namespace, pod: name });
}

function placeOf({ name, namespace }: PodFacts): Readonly<Record<string, string>> {
  return { namespace, pod: name };
}
