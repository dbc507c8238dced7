/** A whole cluster in the test's process: real store, HTTPS, Docker and network. */
import { randomBytes } from 'node:crypto';
import { BUSYBOX_IMAGE, NODE_IMAGE } from '../../scripts/images-recipes.ts';
import { startCluster } from '../../src/runtime/cluster.ts';
import type { Cluster, ClusterOptions } from '../../src/runtime/cluster.ts';
import type { Logger } from '../../src/shared/logger.ts';
import { localDocker } from './docker.ts';
import { Kubectl } from './kubectl.ts';

export { BUSYBOX_IMAGE, NODE_IMAGE };

export interface TestCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  /** What the cluster's parts said was wrong. */
  readonly complaints: readonly string[];
  /** A new namespace for one test, with kubectl set to it. */
  namespace(): Promise<{ readonly name: string; readonly kubectl: Kubectl }>;
}

export function clusterName(): string {
  return `test-${randomBytes(4).toString('hex')}`;
}

export async function startTestCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  // Before the images: without a kubectl the test has to end at once, and say so.
  const complaints: string[] = [];
  const cluster = await withImages(() =>
    startCluster({ name: clusterName(), logger: collectingLogger(complaints), ...options }),
  );
  const kubectl = new Kubectl(cluster.kubeconfigFile);
  let made = 0;
  return {
    cluster,
    kubectl,
    complaints,
    async namespace() {
      const name = `test-${++made}`;
      await kubectl.ok(['create', 'namespace', name]);
      return { name, kubectl: kubectl.in(name) };
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

async function withImages<T>(start: () => Promise<T>): Promise<T> {
  await using engine = await localDocker([BUSYBOX_IMAGE, NODE_IMAGE]);
  await engine.info(new AbortController().signal);
  return start();
}

function collectingLogger(complaints: string[], component = ''): Logger {
  const complain = (message: string, error?: unknown): void => {
    complaints.push(`${component}: ${message}${error instanceof Error ? `: ${error.message}` : ''}`);
  };
  return {
    info: () => undefined,
    warn: complain,
    error: complain,
    named: (name) => collectingLogger(complaints, name),
  };
}
