/** How soon a Deployment is available and gone again, beside Docker's own time for the same containers. */
import { buildImages } from '../scripts/images-recipes.ts';
import { dockerSocketPath } from '../src/runtime/engine/docker/docker-address.ts';
import { DockerEngine } from '../src/runtime/engine/docker/docker-engine.ts';
import { systemClock } from '../src/shared/clock.ts';
import type { HttpConnection } from '../src/runtime/client/http.ts';
import { findCondition } from '../src/types/conditions.ts';
import { Deployment } from '../src/types/kinds/apps/deployment.ts';
import { Pod } from '../src/types/kinds/core/pod.ts';
import { BenchCluster } from './support/bench-cluster.ts';
import { dockerFloor, program } from './support/docker-floor.ts';
import type { FloorTimes } from './support/docker-floor.ts';
import { atMost, report } from './support/figure.ts';
import { residentMemory } from './support/process-usage.ts';

const namespace = 'default';
const name = 'load';
const labels = { app: name };

/** What a real cluster took on such a machine (Kubernetes 1.20, 50 pods of busybox). */
const peer = { removal: 11.5, memory: 729 };

interface Times extends FloorTimes {
  /** MiB of the daemon once all are available. */
  readonly memory: number;
}

async function created(http: HttpConnection, replicas: number): Promise<void> {
  const client = http.client.of(Deployment);
  const containers = [{ name: 'main', image: program.image, command: program.command }];
  const { metadata } = await client.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
  const watching = new AbortController();
  const query = { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: metadata.resourceVersion };
  for await (const event of client.watch(query, watching.signal)) {
    if (event.type === 'BOOKMARK') continue;
    const { status } = event.object;
    if (status?.availableReplicas === replicas && findCondition(status.conditions, 'Available')?.status === 'True')
      break;
  }
  watching.abort();
}

/** Resolves when the last pod is gone from the API, which is after its containers are. */
async function removed(http: HttpConnection): Promise<void> {
  const pods = http.client.of(Pod);
  const { items, resourceVersion } = await pods.list({ namespace, labelSelector: `app=${name}` });
  await http.client.of(Deployment).delete({ namespace, name }, { propagationPolicy: 'Background' });
  const left = new Set(items.map(({ metadata }) => metadata.uid));
  const watching = new AbortController();
  const query = { namespace, labelSelector: `app=${name}`, resourceVersion };
  for await (const event of pods.watch(query, watching.signal)) {
    if (event.type !== 'DELETED') continue;
    left.delete(event.object.metadata.uid);
    if (left.size === 0) break;
  }
  watching.abort();
}

async function deployment(cluster: BenchCluster, http: HttpConnection, replicas: number): Promise<Times> {
  const begin = performance.now();
  await created(http, replicas);
  const available = performance.now();
  const memory = await residentMemory(await cluster.pid());
  const deletion = performance.now();
  await removed(http);
  return { start: available - begin, removal: performance.now() - deletion, memory };
}

/** Floor and cluster take turns, so that both see the same machine; the best of each counts. */
async function measure(cluster: BenchCluster, http: HttpConnection, replicas: number, rounds: number) {
  const floors: FloorTimes[] = [];
  const times: Times[] = [];
  for (let round = 0; round < rounds; round += 1) {
    floors.push(await dockerFloor(replicas));
    times.push(await deployment(cluster, http, replicas));
  }
  return {
    floor: Math.min(...floors.map(({ start }) => start)),
    start: Math.min(...times.map(({ start }) => start)),
    removal: Math.min(...times.map(({ removal }) => removal)),
    floorRemoval: Math.min(...floors.map(({ removal }) => removal)),
    memory: Math.max(...times.map(({ memory }) => memory)),
  };
}

async function buildProgram(): Promise<void> {
  await using engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
  const options = { root: process.cwd(), say: () => undefined };
  await buildImages(engine, [program.image], options, new AbortController().signal);
}

await buildProgram();
await using cluster = await BenchCluster.create();
await cluster.start().done;
using http = await cluster.connect();
const one = await measure(cluster, http, 1, 6);
await atMost('Deployment of 1: available', one.start, 'ms', one.floor + 200, one.floor);
const ten = await measure(cluster, http, 10, 4);
await atMost('Deployment of 10: available', ten.start, 'ms', 1.2 * ten.floor, ten.floor);
const fifty = await measure(cluster, http, 50, 2);
await atMost('Deployment of 50: available', fifty.start, 'ms', 1.2 * fifty.floor, fifty.floor);
await report({
  name: 'Deployment of 50: pods gone',
  value: fifty.removal / 1000,
  unit: 's',
  floor: fifty.floorRemoval / 1000,
  target: `real Kubernetes: ${peer.removal} s`,
  met: fifty.removal / 1000 < peer.removal,
});
await report({
  name: 'Deployment of 50: resident memory',
  value: fifty.memory,
  unit: 'MiB',
  target: `real Kubernetes: ${peer.memory} MiB`,
  met: fifty.memory < peer.memory,
});
