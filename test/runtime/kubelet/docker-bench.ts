/** A kubelet on this machine's Docker and network, with short ways to ask what its containers see. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUSYBOX_IMAGE } from '../../../scripts/images-recipes.ts';
import { removePodFolders } from '../../../src/runtime/kubelet/kubelet.ts';
import { claimClusterNetwork } from '../../../src/runtime/network/cluster-network.ts';
import { RoutedNetwork, removeRoutedNetwork } from '../../../src/runtime/network/routed-network.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import type { Container, Pod } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { localDocker } from '../../support/docker.ts';
import { KubeletBench } from './kubelet-bench.ts';

export const signal = new AbortController().signal;

export function sh(script: string, rest: Partial<Container> = {}): Container {
  const command = ['sh', '-c', script];
  return { name: 'app', image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command, ...rest };
}

/** A script that ends at SIGTERM, after doing something at either end. */
export function forever(first = '', last = ''): string {
  return `trap '${last}exit 0' TERM; ${first} while :; do sleep 1 & wait $!; done`;
}

export interface DockerBench extends AsyncDisposable {
  readonly bench: KubeletBench;
  readonly folder: string;
}

export async function dockerBench(cluster: string): Promise<DockerBench> {
  const stack = new DisposeStack();
  try {
    return await begin(stack, cluster);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

async function begin(stack: DisposeStack, cluster: string): Promise<DockerBench> {
  const engine = stack.use(await localDocker());
  const folder = mkdtempSync(join(tmpdir(), 'kubewright-kubelet-'));
  stack.defer(async () => {
    await removePodFolders(folder);
    rmSync(folder, { recursive: true });
  });
  const plan = await claimClusterNetwork(new Set());
  stack.defer(() => removeRoutedNetwork(plan));
  const network = new RoutedNetwork({ network: plan, clock: systemClock, warn: () => undefined });
  stack.use(await network.start(signal));
  const bench = await KubeletBench.start({ engine, clock: systemClock, dataFolder: folder, cluster, network });
  stack.defer(async () => {
    await bench[Symbol.asyncDispose]();
    const left = await engine.list({ 'kubewright.dev/cluster': cluster });
    await Promise.all(left.map(({ id }) => engine.remove(id)));
  });
  return { bench, folder, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

export async function logsOf(
  { kubelet }: KubeletBench,
  pod: Pod,
  container = 'app',
  previous = false,
): Promise<string> {
  const parts: Buffer[] = [];
  const options = { follow: false, previous, timestamps: false };
  for await (const data of kubelet.streams.logs(pod, container, options, signal)) parts.push(Buffer.from(data));
  return Buffer.concat(parts).toString();
}
