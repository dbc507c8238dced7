/** What the fields of a pod do to real containers. */
import { hostname } from 'node:os';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pod } from '../../../src/types/kinds/core/pod.ts';
import { Secret } from '../../../src/types/kinds/core/secret.ts';
import { ImageRegistry } from '../../support/image-registry.ts';
import { dockerBench, forever, logsOf, sh, type DockerBench } from './docker-bench.ts';

describe('fields of a pod on Docker', () => {
  let made: DockerBench;
  beforeAll(async () => {
    made = await dockerBench('pod-fields-test');
  });
  afterAll(() => made[Symbol.asyncDispose]());

  const finished = (name: string): Promise<Pod> =>
    made.bench.until(name, ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');

  it('starts sidecars before and stops them after the main containers', async () => {
    const { bench } = made;
    const mounts = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };
    const note = (text: string): string => `echo ${text} >> /v/log;`;
    const side = (name: string): ReturnType<typeof sh> => ({
      ...sh(forever(note(name), `${note(`${name}-end`)}cat /v/log;`), { ...mounts, restartPolicy: 'Always' }),
      ...{ name, startupProbe: { exec: { command: ['grep', '-q', name, '/v/log'] }, periodSeconds: 1 } },
    });
    bench.createPod('sidecars', {
      ...{ restartPolicy: 'Never', terminationGracePeriodSeconds: 20, volumes: [{ name: 'v', emptyDir: {} }] },
      initContainers: [{ ...sh(note('init'), mounts), name: 'init' }, side('one'), side('two')],
      containers: [sh(note('app'), mounts)],
    });
    const pod = await finished('sidecars');
    expect(pod.status?.phase).toBe('Succeeded');
    const log = (await logsOf(bench, pod, 'one')).trim().split('\n');
    expect(log).toEqual(['init', 'one', 'two', 'app', 'two-end', 'one-end']);
  });

  it('runs hooks after the start and before the end', async () => {
    const { bench, folder } = made;
    const note = (text: string): string => `echo ${text} >> /v/log;`;
    const lifecycle = {
      postStart: { exec: { command: ['sh', '-c', note('post')] } },
      preStop: { exec: { command: ['sh', '-c', `sleep 1; ${note('pre')}`] } },
    };
    const volumes = [{ name: 'v', hostPath: { path: join(folder, 'hooks'), type: 'DirectoryOrCreate' as const } }];
    const app = sh(forever(note('start'), note('term')), { lifecycle, volumeMounts: [{ name: 'v', mountPath: '/v' }] });
    bench.createPod('hooks', { containers: [app], volumes, terminationGracePeriodSeconds: 20 });
    await bench.untilReady('hooks');
    const log = (): readonly string[] => readFileSync(join(folder, 'hooks/log'), 'utf8').trim().split('\n');
    await bench.table.of(Pod).delete({ namespace: 'default', name: 'hooks' });
    await bench.untilGone('hooks');
    expect(log().slice(0, 2).sort()).toEqual(['post', 'start']);
    expect(log().slice(2)).toEqual(['pre', 'term']);
  });

  it('asks an HTTP hook, and kills the container whose hook fails', async () => {
    const { bench } = made;
    const lifecycle = { postStart: { httpGet: { port: 81, path: '/' } } };
    bench.createPod('bad-hook', { containers: [sh(forever(), { lifecycle })], terminationGracePeriodSeconds: 1 });
    await bench.until('bad-hook', ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
    expect(bench.events.find((line) => line.startsWith('FailedPostStartHook'))).toContain('connection refused');
    await bench.table.of(Pod).delete({ namespace: 'default', name: 'bad-hook' });
    await bench.untilGone('bad-hook');
  });

  it('ends a pod at its deadline', async () => {
    const { bench } = made;
    const spec = { activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 1 };
    bench.createPod('late', { containers: [sh(forever())], ...spec });
    expect((await finished('late')).status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(bench.events).toContain('DeadlineExceeded: Pod was active on the node longer than the specified deadline');
  });

  it('restarts what the policies and rules say', async () => {
    const { bench } = made;
    const volumes = [{ name: 'v', emptyDir: {} }];
    const once = (code: number): ReturnType<typeof sh> =>
      sh(`test -f /v/x && exit 0; touch /v/x; exit ${code}`, { volumeMounts: [{ name: 'v', mountPath: '/v' }] });
    const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }];
    bench.createPod('on-failure', { containers: [once(3)], volumes, restartPolicy: 'OnFailure' });
    bench.createPod('never', { containers: [once(3)], volumes, restartPolicy: 'Never' });
    const ruled = { ...once(42), restartPolicy: 'Never', restartPolicyRules };
    bench.createPod('ruled', { containers: [ruled], volumes, restartPolicy: 'Never' });
    const ends = await Promise.all(['on-failure', 'never', 'ruled'].map(finished));
    expect(ends.map(({ status }) => [status?.phase, status?.containerStatuses?.[0]?.restartCount])).toEqual([
      ['Succeeded', 1],
      ['Failed', 0],
      ['Succeeded', 1],
    ]);
  });

  it('shares the namespaces of the machine', async () => {
    const { bench } = made;
    const script = `hostname; ps | grep -c '[d]ockerd'; cat /etc/hosts; ip -4 addr | grep -c 'inet '`;
    const spec = { hostNetwork: true, hostPID: true, hostIPC: true, restartPolicy: 'Never' } as const;
    bench.createPod('host', {
      containers: [sh(script)],
      hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }],
      ...spec,
    });
    const pod = await finished('host');
    const lines = (await logsOf(bench, pod)).trim().split('\n');
    expect(lines[0]).toBe(hostname());
    expect(Number(lines[1])).toBeGreaterThan(0);
    expect(lines).toContain('1.2.3.4\ta\tb');
    expect(Number(lines.at(-1))).toBeGreaterThan(1);
    expect(pod.status?.podIP).toBe(pod.status?.hostIP);
  });

  it('names the pod as it asks', async () => {
    const { bench } = made;
    const spec = { hostname: 'h1', subdomain: 'sub', setHostnameAsFQDN: true, restartPolicy: 'Never' } as const;
    bench.createPod('named', { containers: [sh('hostname; cat /etc/hosts')], ...spec });
    bench.createPod('over', { containers: [sh('hostname')], hostnameOverride: 'other.name', restartPolicy: 'Never' });
    const log = await logsOf(bench, await finished('named'));
    expect(log.split('\n')[0]).toBe('h1.sub.default.svc.cluster.local');
    expect(log).toMatch(/\d\th1\.sub\.default\.svc\.cluster\.local\th1$/m);
    expect(await logsOf(bench, await finished('over'))).toBe('other.name\n');
  });

  it('gives groups and modes to volumes', async () => {
    const { bench } = made;
    const securityContext = { fsGroup: 1234, runAsUser: 1000, supplementalGroups: [55] };
    const volumes = [
      { name: 'v', emptyDir: {} },
      { name: 'm', emptyDir: { medium: 'Memory' } },
      { name: 'd', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ];
    const volumeMounts = ['v', 'm', 'd'].map((name) => ({ name, mountPath: `/${name}` }));
    const script = 'id -G; touch /v/x /m/x; stat -c "%a %g" /v /m /v/x; cat /d/name';
    bench.createPod('groups', {
      containers: [sh(script, { volumeMounts })],
      volumes,
      securityContext,
      restartPolicy: 'Never',
    });
    const log = await logsOf(bench, await finished('groups'));
    expect(log).toBe('0 55 1234\n2777 1234\n3777 1234\n644 1234\ngroups');
  });

  it('shows processes and kernel files as asked', async () => {
    const { bench } = made;
    const masked = 'mount | grep -c " /proc/"';
    bench.createPod('masked', { containers: [sh(`${masked}; true`)], restartPolicy: 'Never' });
    const securityContext = { procMount: 'Unmasked' } as const;
    bench.createPod('unmasked', { containers: [sh(`${masked}; true`, { securityContext })], restartPolicy: 'Never' });
    const both = { shareProcessNamespace: true, terminationGracePeriodSeconds: 1 };
    bench.createPod('shared', { containers: [sh(forever('sleep 0.2; ps;'))], ...both });
    const counts = await Promise.all(['masked', 'unmasked'].map(async (name) => logsOf(bench, await finished(name))));
    expect(Number(counts[0])).toBeGreaterThan(0);
    expect(Number(counts[1])).toBe(0);
    const shared = await bench.untilReady('shared');
    let log = '';
    while (!log.includes('/pause')) log = await logsOf(bench, shared);
  });

  it('adds an ephemeral container that looks into another', async () => {
    const { bench } = made;
    bench.createPod('debugged', { containers: [sh(forever())], terminationGracePeriodSeconds: 1 });
    const pod = await bench.untilReady('debugged');
    const debug = { ...sh('hostname; ps; exit 3'), name: 'debug', targetContainerName: 'app' };
    bench.table.put(Pod, Object.assign({}, pod, { spec: { ...pod.spec, ephemeralContainers: [debug] } }));
    const after = await bench.until(
      'debugged',
      ({ status }) => status?.ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined,
    );
    expect(after.status?.ephemeralContainerStatuses?.[0]).toMatchObject({
      ...{ name: 'debug', ready: false, restartCount: 0, state: { terminated: { exitCode: 3 } } },
    });
    expect(after.status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true, restartCount: 0 }] });
    const log = await logsOf(bench, after, 'debug');
    expect(log).toMatch(/^debugged\n/);
    expect(log).toMatch(/ 1 root .*trap/);
  });

  it('waits for readiness gates', async () => {
    const { bench } = made;
    const readinessGates = [{ conditionType: 'example.com/gate' }];
    bench.createPod('gated', { containers: [sh(forever())], readinessGates, terminationGracePeriodSeconds: 1 });
    const pod = await bench.until('gated', ({ status }) => status?.containerStatuses?.[0]?.ready === true);
    expect(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.reason).toBe('ReadinessGatesNotReady');
    const gate = { type: 'example.com/gate', status: 'True' } as const;
    const conditions = [...(pod.status?.conditions ?? []), gate];
    await bench.table.of(Pod).updateStatus({ ...bench.pod('gated'), status: { ...pod.status, conditions } });
    expect((await bench.untilReady('gated')).status?.conditions).toContainEqual(expect.objectContaining(gate));
  });

  it('pulls with the secrets of the pod', async () => {
    const { bench } = made;
    const login = { username: 'who', password: 'pass' };
    await using registry = await ImageRegistry.start(login);
    const container = { name: 'app', image: registry.image };
    bench.createPod('refused', { containers: [container], restartPolicy: 'Never' });
    const refused = await bench.until(
      'refused',
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ErrImagePull',
    );
    expect(refused.status?.phase).toBe('Pending');
    const config = JSON.stringify({ auths: { [registry.address]: login } });
    const metadata = { namespace: 'default', name: 'login' };
    const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
    bench.table.put(Secret, Object.assign({ apiVersion: 'v1', kind: 'Secret', metadata }, { data }));
    bench.createPod('allowed', {
      containers: [container],
      imagePullSecrets: [{ name: 'login' }],
      restartPolicy: 'Never',
    });
    const pod = await finished('allowed');
    expect(bench.events.some((line) => line.startsWith(`Pulled: Successfully pulled image "${registry.image}"`))).toBe(
      true,
    );
    // The image has nothing to run, and says so.
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated?.reason).toBe('ContainerCannotRun');
    for (const name of ['refused', 'allowed']) {
      await bench.table.of(Pod).delete({ namespace: 'default', name });
      await bench.untilGone(name);
    }
    await bench.options.engine.removeImage(registry.image);
  });

  it('reads variables from a file of a volume', async () => {
    const { bench } = made;
    const volumes = [{ name: 'v', emptyDir: {} }];
    const init = {
      ...sh(`echo "COLOR='blue'" > /v/env`, { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      name: 'init',
    };
    const env = [{ name: 'C', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'env', key: 'COLOR' } } }];
    bench.createPod('file-env', {
      initContainers: [init],
      containers: [sh('echo $C', { env })],
      volumes,
      restartPolicy: 'Never',
    });
    expect(await logsOf(bench, await finished('file-env'))).toBe('blue\n');
  });

  it('says what has no effect', async () => {
    const { bench } = made;
    bench.createPod('unrealized', { containers: [sh(forever())], hostUsers: false, terminationGracePeriodSeconds: 1 });
    await bench.untilReady('unrealized');
    expect(bench.events).toContain('FieldWithoutEffect: spec.hostUsers: has no effect on this cluster');
  });

  it('has had no failures of its own', () => expect(made.bench.errors).toEqual([]));
});
