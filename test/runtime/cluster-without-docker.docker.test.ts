/** A cluster whose Docker is not there when it starts: a daemon of the test's own, stopped for real. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { removeCluster, startCluster, type Cluster } from '../../src/runtime/cluster.ts';
import { ConfigMap } from '../../src/types/kinds/core/config-map.ts';
import { Node } from '../../src/types/kinds/core/node.ts';
import type { NodeCondition } from '../../src/types/kinds/generated/core-v1.gen.ts';
import { clusterName } from '../support/cluster.ts';
import { OwnDockerd } from '../support/own-dockerd.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

describe('a cluster without Docker', () => {
  it('refuses a first start, starts later all the same, and recovers', async () => {
    const dataDir = join(temporaryDirectory(), 'cluster');
    const name = clusterName();
    const daemon = await OwnDockerd.start();
    onTestFinished(() => daemon[Symbol.asyncDispose]());
    vi.stubEnv('DOCKER_HOST', `unix://${daemon.socketPath}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    await daemon.stop();
    await expect(startCluster({ name, dataDir })).rejects.toThrow('sudo systemctl start docker');

    await daemon.startAgain();
    const first = await startCluster({ name, dataDir });
    onTestFinished(async () => void (await removeCluster({ name, dataDir })));
    expect(await ready(first, 'True')).toMatchObject({ reason: 'KubeletReady' });
    await daemon.stop();
    await first.stop();

    const again = await startCluster({ name, dataDir });
    expect(await ready(again, 'False')).toMatchObject({
      reason: 'KubeletNotReady',
      message: expect.stringContaining('sudo systemctl start docker'),
    });
    const metadata = { namespace: 'default', name: 'meanwhile' };
    await again.client.of(ConfigMap).create({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await daemon.startAgain();
    expect(await ready(again, 'True')).toMatchObject({ reason: 'KubeletReady' });
    await again.stop();
  });
});

async function ready(cluster: Cluster, status: string): Promise<NodeCondition | undefined> {
  const found = (node: Node | undefined): NodeCondition | undefined =>
    node?.status?.conditions?.find((condition) => condition.type === 'Ready' && condition.status === status);
  const where = { name: cluster.nodeName };
  return found((await until(cluster.client, Node, where, ([node]) => found(node) !== undefined))[0]);
}
