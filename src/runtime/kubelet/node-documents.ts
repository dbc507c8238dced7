/** What a kubelet tells of itself over HTTP besides usage: health, configuration, metrics and logs of the node. */
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { UsageDocument } from '../apiserver/usage/usage-source.ts';
import { labels, metricsText } from './metrics-text.ts';
import { MAX_PODS } from './node-status.ts';

export interface NodeFactsParts {
  readonly nodeName: string;
  readonly clusterDomain: string;
  /** Undefined where there is no DNS service. */
  readonly clusterDns: string | undefined;
  /** Its `*.log` files are the node's logs. */
  readonly dataFolder: string;
  /** How many pods there are. */
  pods(): number;
  running(): Iterable<unknown>;
}

const METRICS = 'text/plain; version=0.0.4; charset=utf-8';
const LOG_FILE = /^[\w.-]+\.log$/;

export class NodeDocuments {
  readonly #parts: NodeFactsParts;
  /** Results of probes, by labels. */
  readonly #probed = new Map<string, number>();

  constructor(parts: NodeFactsParts) {
    this.#parts = parts;
  }

  /** A probe has answered. */
  probed({ metadata }: Pod, { name: container }: Container, type: string, ok: boolean): void {
    const { name: pod = '', namespace = '', uid = '' } = metadata;
    const place = { container, namespace, pod, pod_uid: uid };
    const key = labels({ ...place, probe_type: type, result: ok ? 'successful' : 'failed' });
    this.#probed.set(key, (this.#probed.get(key) ?? 0) + 1);
  }

  /** Nobody asks any more about the probes of a pod that is gone. */
  forget(uid: string): void {
    for (const key of this.#probed.keys()) if (key.includes(`pod_uid="${uid}"`)) this.#probed.delete(key);
  }

  /** Undefined for a path that is none. */
  document(path: string): UsageDocument | undefined {
    const [first = '', second] = path.split('/');
    if (first === 'logs') return this.#log(second ?? '');
    switch (path) {
      case 'healthz':
      case 'healthz/ping':
        return { contentType: 'text/plain; charset=utf-8', text: 'ok' };
      case 'configz':
        return { contentType: 'application/json', text: JSON.stringify(this.#configuration()) };
      case 'metrics':
        return { contentType: METRICS, text: this.#metrics() };
      case 'metrics/probes':
        return { contentType: METRICS, text: this.#probes() };
      default:
        return undefined;
    }
  }

  #configuration(): object {
    const { clusterDomain, clusterDns } = this.#parts;
    return {
      kubeletconfig: {
        clusterDomain,
        ...(clusterDns !== undefined && { clusterDNS: [clusterDns] }),
        maxPods: MAX_PODS,
      },
    };
  }

  #metrics(): string {
    const { nodeName } = this.#parts;
    const { user, system } = process.cpuUsage();
    return metricsText([
      {
        name: 'kubelet_node_name',
        type: 'gauge',
        help: "The node's name. The count is always 1.",
        lines: [`${labels({ node: nodeName })} 1`],
      },
      {
        name: 'kubelet_running_pods',
        type: 'gauge',
        help: 'Number of pods that are kept on the node',
        lines: [` ${this.#parts.pods()}`],
      },
      {
        name: 'kubelet_running_containers',
        type: 'gauge',
        help: 'Number of containers currently running',
        lines: [`${labels({ container_state: 'running' })} ${[...this.#parts.running()].length}`],
      },
      {
        name: 'process_cpu_seconds_total',
        type: 'counter',
        help: 'Total user and system CPU time spent in seconds.',
        lines: [` ${(user + system) / 1e6}`],
      },
      {
        name: 'process_resident_memory_bytes',
        type: 'gauge',
        help: 'Resident memory size in bytes.',
        lines: [` ${process.memoryUsage.rss()}`],
      },
    ]);
  }

  #probes(): string {
    return metricsText([
      {
        name: 'prober_probe_total',
        type: 'counter',
        help: 'Cumulative number of a liveness, readiness or startup probe for a container by result.',
        lines: [...this.#probed].map(([key, count]) => `${key} ${count}`),
      },
    ]);
  }

  /** A page of links, as upstream's file server makes it, or one of the files. */
  #log(name: string): UsageDocument | undefined {
    const { dataFolder } = this.#parts;
    const names = readdirSync(dataFolder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && LOG_FILE.test(entry.name))
      .map((entry) => entry.name);
    if (name === '') {
      const lines = names.map((each) => `<a href="${each}">${each}</a>\n`).join('');
      return { contentType: 'text/html; charset=utf-8', text: `<!doctype html>\n<pre>\n${lines}</pre>\n` };
    }
    if (!names.includes(name)) return undefined;
    return { contentType: 'text/plain; charset=utf-8', text: '', chunks: createReadStream(join(dataFolder, name)) };
  }
}
