/** How fast a cluster is there, and what it takes while nothing happens. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findCondition } from '../src/types/conditions.ts';
import { Node } from '../src/types/kinds/core/node.ts';
import { BenchCluster, cli } from './support/bench-cluster.ts';
import { atMost } from './support/figure.ts';
import { processorTime, residentMemory } from './support/process-usage.ts';

const rounds = 3;
const idleSeconds = 30;

async function versionTime(): Promise<number> {
  const begin = performance.now();
  await promisify(execFile)(process.execPath, [cli, '--version']);
  return performance.now() - begin;
}

/** Anonymous, and without looking at the certificate: readiness is asked before there is a kubeconfig. */
function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false };
    const outgoing = request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    outgoing.once('error', () => resolve(false));
    outgoing.end();
  });
}

async function nodeIsReady(cluster: BenchCluster): Promise<boolean> {
  if (!existsSync(cluster.kubeconfig)) return false;
  using http = await cluster.connect();
  const { items } = await http.client.of(Node).list();
  return items.some((node) => findCondition(node.status?.conditions, 'Ready')?.status === 'True');
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}

/** Seconds from the spawn of `cluster start`. */
async function startTimes(cluster: BenchCluster): Promise<{ readonly ready: number; readonly node: number }> {
  const begin = performance.now();
  const { done } = cluster.start();
  await until(() => isReady(cluster.port));
  const ready = performance.now() - begin;
  await until(() => nodeIsReady(cluster));
  const node = performance.now() - begin;
  await done;
  return { ready: ready / 1000, node: node / 1000 };
}

async function idleUse(pid: number): Promise<{ readonly memory: number; readonly processor: number }> {
  const before = await processorTime(pid);
  await sleep(idleSeconds * 1000);
  const used = (await processorTime(pid)) - before;
  return { memory: await residentMemory(pid), processor: (100 * used) / idleSeconds };
}

const versions: number[] = [];
for (let round = 0; round < 5; round += 1) versions.push(await versionTime());
await atMost('kubewright --version', Math.min(...versions), 'ms', 150);

// Each round is a new cluster, so that none profits from the other's certificates and objects.
const times: { readonly ready: number; readonly node: number }[] = [];
for (let round = 1; round <= rounds; round += 1) {
  await using cluster = await BenchCluster.create();
  times.push(await startTimes(cluster));
  if (round < rounds) continue;
  await atMost('cluster start: /readyz', Math.min(...times.map(({ ready }) => ready)), 's', 1);
  await atMost('cluster start: node Ready', Math.min(...times.map(({ node }) => node)), 's', 1.5);
  const { memory, processor } = await idleUse(await cluster.pid());
  await atMost('empty cluster: resident memory', memory, 'MiB', 150);
  await atMost('empty cluster: processor', processor, '% of a core', 1);
}
