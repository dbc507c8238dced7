/** The streams of containers' own processes: `kubectl run -i`, `attach`, `debug`, with and without a terminal. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { Following, Kubectl, kubectlBinaries } from '../support/kubectl.ts';

const image = `--image=${BUSYBOX_IMAGE}`;
let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

/** kubectl at a terminal of its own. */
function atTerminal(kubectl: Kubectl, args: readonly string[]): Following {
  const words = [kubectl.path, '--kubeconfig', kubectl.kubeconfig, ...args].map((word) => `'${word}'`);
  return new Following(spawn('script', ['-qefc', `stty rows 33 cols 99; ${words.join(' ')}`, '/dev/null']));
}

describe.each(kubectlBinaries())('kubectl 1.$minor', (binary) => {
  const kubectl = (): Kubectl => new Kubectl(test.cluster.kubeconfigFile, { binary });

  it('feeds a file to a container and ends with its exit code', async () => {
    const name = `fed-${binary.minor}`;
    const script = 'read first; echo "got $first"; wc -c; exit 3';
    const run = ['run', '-i', '--rm', '--quiet', '--restart=Never', image, name, '--', 'sh', '-c', script];
    const { code, stdout, stderr } = await kubectl().run(run, { input: `one\n${'x'.repeat(100_000)}` });
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'got one\n100000\n' });
    expect(stderr).not.toContain('warning');
  });

  it('gives a shell a terminal', async () => {
    const name = `shell-${binary.minor}`;
    await using shell = atTerminal(kubectl(), ['run', '-it', '--rm', '--restart=Never', image, name, '--', 'sh']);
    await shell.line(/command prompt/);
    // kubectl sends a wrong size first, so that the right one is a change.
    shell.write('until [ "$(stty size)" = "33 99" ]; do sleep 0.05; done; echo $((6 * 7)); exit 5\r');
    await shell.line(/^42/);
    expect(await shell.ended).toBe(5);
  });
});

describe('attach', () => {
  it('leaves a container its input and comes back to it', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok(['run', 'kept', image, '-i', '--leave-stdin-open', '--attach=false', '--', 'sh', '-c', 'cat']);
    await kubectl.ok('wait pod/kept --for=condition=Ready --timeout=300s');
    for (const word of ['one', 'two']) {
      await using attached = kubectl.follow('attach -i kept');
      attached.write(`${word}\n`);
      expect(await attached.line(new RegExp(`^${word}$`))).toBe(word);
    }
    expect(await kubectl.ok('logs kept')).toBe('one\ntwo');
    await kubectl.ok('delete pod kept --now');
    expect(await kubectl.refused(`attach kept -n ${name}`)).toContain('pods "kept" not found');
  });

  it('shows both outputs of what runs, and says what does not run', async () => {
    const { kubectl } = await test.namespace();
    const script = 'while [ ! -f /tmp/go ]; do sleep 0.1; done; echo out; echo err >&2; sleep 0.2';
    await kubectl.ok(['run', 'both', image, '--restart=Never', '--', 'sh', '-c', script]);
    await kubectl.ok('wait pod/both --for=condition=Ready --timeout=300s');
    const attached = kubectl.run('attach both');
    await kubectl.ok('exec both -- touch /tmp/go');
    expect(await attached).toMatchObject({ code: 0, stdout: expect.stringContaining('out\n') });
    expect((await attached).stderr).toContain('err\n');
    expect(await kubectl.refused('attach both')).toContain('completed pod');
  });
});

describe('debug', () => {
  it('attaches to a container that joins the pod, in the processes of another', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok(['run', 'web', image, '--', 'sleep', '4321']);
    await kubectl.ok('wait pod/web --for=condition=Ready --timeout=300s');
    const debug = ['debug', '-n', name, '-it', 'pod/web', image, '--target=web', '--profile=general', '--', 'sh'];
    await using shell = atTerminal(kubectl, debug);
    await shell.line(/command prompt/);
    shell.write('ps | grep [4]321; hostname; exit\r');
    await shell.line(/sleep 4321/);
    await shell.line(/^web/);
    expect(await shell.ended).toBe(0);
    const copy = ['debug', 'web', image, '--copy-to=copied', '--share-processes', '-i', '--', 'ps'];
    await kubectl.run(copy);
    await kubectl.ok('wait pod/copied --for=condition=ContainersReady=False --timeout=300s');
    await kubectl.ok('wait pod/copied --for=jsonpath={.status.containerStatuses[0].started}=true --timeout=300s');
  });

  it('looks at the node from a pod of its own', async () => {
    const { kubectl } = await test.namespace();
    const node = `node/${test.cluster.nodeName}`;
    const words = ['debug', '-i', node, image, '--profile=general', '--', 'sh', '-c', 'read x; ls /host/proc/1/comm'];
    const { stdout, stderr } = await kubectl.run(words, { input: 'go\n' });
    expect(stdout + stderr).toContain('/host/proc/1/comm');
  });
});
