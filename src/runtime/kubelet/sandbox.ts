/** The container that holds a pod's namespaces, with its network. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { EngineError, type ContainerId, type ContainerSpec, type ContainerState } from '../engine/container-engine.ts';
import { sandboxSpec } from './container-spec.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { LABEL, namesOf } from './pod-containers.ts';
import { hostsText, resolverConfigOf, resolverText } from './resolver-config.ts';

/** A sandbox on its way: containers can be made as soon as it has an id, and started once it has its address. */
export interface Sandbox {
  readonly attempt: number;
  readonly id: Promise<ContainerId>;
  readonly address: Promise<string>;
  /** As it was when its address was there; undefined when nobody has looked. */
  readonly state: Promise<ContainerState | undefined>;
}

/** @param before what has to be out of the way first */
export function startSandbox(context: KubeletContext, pod: Pod, attempt: number, before: () => Promise<void>): Sandbox {
  const { own, pauseImage, machine, dns } = context;
  const settings = { own, attempt, pauseImage, machine, clusterDomain: dns.clusterDomain };
  const made = before().then(() => createAnew(context, sandboxSpec(pod, settings)));
  // No container can be made before the files that it mounts are there.
  const id = Promise.all([made, writePodFiles(context, pod, undefined)]).then(([created]) => created);
  const running = id.then((created) => runSandbox(context, pod, created));
  const address = running.then(({ ip }) => ip);
  const state = running.then((sandbox) => sandbox.state);
  // Whoever waits for the address sees the failure; without a waiter it must not end the process.
  address.catch(() => undefined);
  state.catch(() => undefined);
  id.catch(() => undefined);
  return { attempt, id, address, state };
}

/**
 * Takes up a sandbox that runs already. Undefined when it has lost its network.
 */
export async function adoptSandbox(
  context: KubeletContext,
  pod: Pod,
  found: { readonly id: ContainerId; readonly pid: number; readonly attempt: number },
): Promise<Sandbox | undefined> {
  const address = pod.spec?.hostNetwork
    ? context.network.gateway
    : (await context.network.adopt(namesOf(pod), found.pid))?.ip;
  if (address === undefined) return undefined;
  return {
    attempt: found.attempt,
    id: Promise.resolve(found.id),
    address: Promise.resolve(address),
    state: Promise.resolve(undefined),
  };
}

interface RunningSandbox {
  readonly ip: string;
  readonly state: ContainerState | undefined;
}

async function runSandbox(context: KubeletContext, pod: Pod, id: ContainerId): Promise<RunningSandbox> {
  const { engine, network, gate } = context;
  await gate.run(() => engine.start(id), false);
  if (pod.spec?.hostNetwork) return { ip: network.gateway, state: undefined };
  const state = await engine.inspect(id);
  if (!state || state.pid === 0) throw new EngineError('Failed', 'the sandbox ended as soon as it was started');
  const { ip } = await network.attach(namesOf(pod), state.pid);
  await writePodFiles(context, pod, ip);
  return { ip, state };
}

/** Files that every container of the pod sees, by their path inside. */
export function podFiles(context: KubeletContext, pod: Pod): ReadonlyMap<string, string> {
  const folder = context.folders.pod(pod.metadata.uid ?? '');
  return new Map([
    ['/etc/hosts', join(folder, 'etc-hosts')],
    ['/etc/resolv.conf', join(folder, 'resolv.conf')],
  ]);
}

/** Written in place: the files may be mounted already. */
export async function writePodFiles(context: KubeletContext, pod: Pod, podIp: string | undefined): Promise<void> {
  const files = podFiles(context, pod);
  await mkdir(context.folders.pod(pod.metadata.uid ?? ''), { recursive: true, mode: 0o750 });
  const hostFile = pod.spec?.hostNetwork ? await readFile('/etc/hosts', 'utf8') : '';
  const hosts = hostsText(pod, { podIp, clusterDomain: context.dns.clusterDomain, hostFile });
  await writeFile(files.get('/etc/hosts') ?? '', hosts, { mode: 0o644 });
  if (podIp !== undefined) return;
  await writeFile(files.get('/etc/resolv.conf') ?? '', resolverText(resolverConfigOf(pod, context.dns)), {
    mode: 0o644,
  });
}

/** A name that is taken belongs to a container that was made and lost track of: it is in the way. */
export async function createAnew(context: KubeletContext, spec: ContainerSpec): Promise<ContainerId> {
  try {
    return await context.engine.create(spec);
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason !== 'Conflict') throw error;
    const labels = { ...context.own, [LABEL.podUid]: spec.labels[LABEL.podUid] ?? '' };
    const stale = (await context.engine.list(labels)).find((found) => found.name.replace(/^\//, '') === spec.name);
    if (!stale) throw error;
    await context.engine.remove(stale.id);
    return context.engine.create(spec);
  }
}
