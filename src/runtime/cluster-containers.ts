/** What is done to all containers of a cluster at once: when it stops, and when it is deleted. */
import type { ContainerEngine, ContainerSummary } from './engine/container-engine.ts';
import { clusterLabels, graceOf } from './kubelet/pod-containers.ts';

/** However long a pod would like to have. */
const longestGrace = 10_000;
const sandbox = 'podsandbox';

/** A cluster is told by its name and its data folder: each of two homes may have one called the same. */
export interface ClusterIdentity {
  readonly name: string;
  readonly dataDir: string;
}

function ofCluster(engine: ContainerEngine, { name, dataDir }: ClusterIdentity): Promise<readonly ContainerSummary[]> {
  return engine.list(clusterLabels(name, dataDir));
}

/** Stops the containers of all pods, each pod's sandbox after its containers, and keeps them for their logs. */
export async function stopContainers(engine: ContainerEngine, cluster: ClusterIdentity): Promise<void> {
  const running = (await ofCluster(engine, cluster)).filter(({ state }) => state === 'running' || state === 'paused');
  const isSandbox = ({ labels }: ContainerSummary): boolean => labels['io.kubernetes.docker.type'] === sandbox;
  const containers = running.filter((container) => !isSandbox(container));
  await Promise.all(containers.map((container) => engine.stop(container.id, graceOf(container, longestGrace))));
  await Promise.all(running.filter(isSandbox).map(({ id }) => engine.stop(id, longestGrace)));
}

/** True when there was any. */
export async function removeContainers(engine: ContainerEngine, cluster: ClusterIdentity): Promise<boolean> {
  const containers = await ofCluster(engine, cluster);
  await Promise.all(containers.map(({ id }) => engine.remove(id)));
  return containers.length > 0;
}
