/** Logs and commands as a client of the whole cluster sees them, and ports of the machine. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import type { Container, PodSpec } from '../../src/types/kinds/generated/core-v1.gen.ts';
import { BUSYBOX_IMAGE, startTestCluster, type TestCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

const sh = (script: string, rest: Partial<Container> = {}): Container => ({
  ...{ name: 'app', image: BUSYBOX_IMAGE, command: ['sh', '-c', script] },
  ...rest,
});

describe('streams of pods', () => {
  let test: TestCluster;
  beforeAll(async () => {
    test = await startTestCluster();
  });
  afterAll(() => test[Symbol.asyncDispose]());

  async function run(name: string, containers: readonly Container[], rest: Partial<PodSpec> = {}): Promise<Pod> {
    const { client } = test.cluster;
    const spec = { containers, terminationGracePeriodSeconds: 1, ...rest };
    await client.of(Pod).create({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name }, spec });
    const [pod] = await until(client, Pod, { namespace: 'default', name }, ([found]) => {
      const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'True' || found?.status?.phase === 'Succeeded' || found?.status?.phase === 'Failed';
    });
    if (!pod) throw new Error(`there is no pod ${name}`);
    return pod;
  }

  it('gives each line one timestamp, however long it is', async () => {
    // All to one stream: what comes to the other meanwhile may lie within a long line, as it does on any node.
    const script = 'echo one; echo two; head -c 100000 /dev/zero | tr "\\\\0" x; echo; printf end';
    await run('lines', [sh(script)], { restartPolicy: 'Never' });
    const lines = await test.kubectl.ok(['logs', 'lines', '--timestamps']);
    const stamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /g;
    expect(lines.match(stamp)).toHaveLength(4);
    const plain = lines.replace(stamp, '').split('\n').sort();
    expect(plain.map((line) => line.length)).toEqual([3, 3, 3, 100_000]);
  });

  it('follows a log until the pod is deleted', async () => {
    await run('followed', [sh('echo begun; sleep 1000')]);
    const following = test.kubectl.ok(['logs', '-f', 'followed']);
    await test.kubectl.ok(['delete', 'pod', 'followed']);
    expect(await following).toBe('begun');
  });

  it('takes large input and gives large output', async () => {
    await run('large', [sh('sleep 1000')]);
    const bytes = randomBytes(20_000_000).toString('base64');
    const sum = createHash('sha256').update(bytes).digest('hex');
    const taken = await test.kubectl.ok(['exec', '-i', 'large', '--', 'sh', '-c', 'tee /tmp/x | sha256sum'], {
      input: bytes,
    });
    expect(taken.split(' ')[0]).toBe(sum);
    const given = await test.kubectl.ok(['exec', 'large', '--', 'cat', '/tmp/x']);
    expect(createHash('sha256').update(given).digest('hex')).toBe(sum);
  });

  it('answers on ports of the machine', async () => {
    const port = 20_000 + (process.pid % 10_000);
    const ports = [{ containerPort: 80, hostPort: port }];
    const serve = 'mkdir /w; echo hello > /w/index.html; exec httpd -f -p 80 -h /w';
    const readinessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1 };
    await run('ported', [sh(serve, { ports, readinessProbe })]);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello\n');
    await test.kubectl.ok(['delete', 'pod', 'ported']);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it('forwards ports, also of programs that listen on the loopback interface only', async () => {
    const serve = (address: string): string =>
      `mkdir -p /w; echo hello from ${address} > /w/index.html; exec httpd -f -p ${address} -h /w`;
    const readinessProbe = { exec: { command: ['test', '-f', '/w/index.html'] }, periodSeconds: 1 };
    await run('forwarded', [
      sh(serve('127.0.0.1:8081'), { name: 'inner', readinessProbe }),
      sh(serve('8080'), { name: 'outer', readinessProbe }),
    ]);
    await using forwarding = test.kubectl.follow('port-forward forwarded :8081 :8080 :8082');
    const portOf = async (target: number): Promise<number> => {
      const line = await forwarding.line(new RegExp(`^Forwarding from 127.0.0.1:\\d+ -> ${target}$`));
      return Number(/:(\d+) /.exec(line)?.[1]);
    };
    for (const target of [8081, 8080]) {
      const answer = await fetch(`http://127.0.0.1:${await portOf(target)}/`);
      expect(await answer.text()).toContain(String(target));
    }
    await expect(fetch(`http://127.0.0.1:${await portOf(8082)}/`)).rejects.toThrow();
    expect(await forwarding.line(/error forwarding port 8082/)).toContain('nothing listens on port 8082 of the pod');
  });

  it('debugs a pod in the processes of its container', async () => {
    await run('debugged', [sh('sleep 1234')]);
    const image = ['--image', BUSYBOX_IMAGE, '--target', 'app', '-c', 'look', '--profile', 'general'];
    await test.kubectl.ok(['debug', 'debugged', ...image, '--', 'ps']);
    await until(test.cluster.client, Pod, { namespace: 'default', name: 'debugged' }, ([pod]) => {
      return pod?.status?.ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined;
    });
    expect(await test.kubectl.ok(['logs', 'debugged', '-c', 'look'])).toContain('sleep 1234');
  });

  it('warns of fields without effect', async () => {
    const spec = { hostUsers: false, containers: [{ name: 'app', image: BUSYBOX_IMAGE }] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'warned' }, spec };
    const { stderr } = await test.kubectl.run(['create', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(pod),
    });
    expect(stderr).toContain('Warning: spec.hostUsers: has no effect on this cluster');
  });
});
