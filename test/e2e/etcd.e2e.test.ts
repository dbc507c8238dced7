/** A cluster whose state is in an etcd, through the built command line. */
import { describe, expect, it } from 'vitest';
import { clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { startEtcd } from '../support/etcd.ts';
import { Kubectl } from '../support/kubectl.ts';

describe('cluster start --store etcd://', () => {
  it('keeps its state there, remembers where it is, and leaves nothing behind', async () => {
    const name = clusterName();
    await using etcd = await startEtcd();
    await using line = new CommandLine();
    const start = ['cluster', 'start', '--name', name];
    await line.ok([...start, '--store', etcd.address]);
    const kubectl = new Kubectl(line.kubeconfig);
    await kubectl.ok('create configmap kept --from-literal=a=b');
    await line.ok(['cluster', 'stop', '--name', name]);

    expect((await line.run([...start, '--store', 'lmdb'])).stderr).toContain(`has its state in ${etcd.address}`);
    await line.ok(start);
    expect(await kubectl.ok('get configmap kept -o jsonpath={.data.a}')).toBe('b');
    const stored = await etcd.client.get(`/kubewright/${name}/objects/core/configmaps/default/kept`);
    expect(stored?.value).toContain('"a":"b"');

    await line.ok(['cluster', 'delete', '--name', name]);
    expect(await etcd.client.list('/kubewright/', '/kubewright/', 10)).toEqual([]);
  });
});
