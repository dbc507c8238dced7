/** What is done to all containers of a cluster at once: when it stops, and when it is deleted. */
import type { ContainerEngine, ContainerSummary } from './engine/container-engine.ts';

const stopGrace = 10_000;
const sandbox = 'podsandbox';

function ofCluster(engine: ContainerEngine, name: string): Promise<readonly ContainerSummary[]> {
  return engine.list({ 'kubewright.dev/cluster': name });
}

/** Stops the containers of all pods, each pod's sandbox after its containers, and keeps them for their logs. */
export async function stopContainers(engine: ContainerEngine, name: string): Promise<void> {
  const running = (await ofCluster(engine, name)).filter(({ state }) => state === 'running' || state === 'paused');
  const isSandbox = ({ labels }: ContainerSummary): boolean => labels['io.kubernetes.docker.type'] === sandbox;
  await Promise.all(running.filter((container) => !isSandbox(container)).map(({ id }) => engine.stop(id, stopGrace)));
  await Promise.all(running.filter(isSandbox).map(({ id }) => engine.stop(id, stopGrace)));
}

/** True when there was any. */
export async function removeContainers(engine: ContainerEngine, name: string): Promise<boolean> {
  const containers = await ofCluster(engine, name);
  await Promise.all(containers.map(({ id }) => engine.remove(id)));
  return containers.length > 0;
}
