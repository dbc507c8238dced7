/** What pods do on real Docker in a whole cluster. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EndpointSlice } from '../../src/types/kinds/discovery/endpoint-slice.ts';
import { Event } from '../../src/types/kinds/core/event.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import type { Pod as PodObject } from '../../src/types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../src/types/meta.ts';
import { BUSYBOX_IMAGE, NODE_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

function shell(command: string, more: object = {}): object {
  return { name: 'main', image: BUSYBOX_IMAGE, command: ['sh', '-c', command], ...more };
}

function pod(name: string, container: object, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { pod: name } },
    spec: { terminationGracePeriodSeconds: 1, containers: [container], ...spec },
  });
}

async function untilPod(
  namespace: string,
  name: string,
  wished: (pod: Persisted<PodObject>) => boolean,
): Promise<Persisted<PodObject>> {
  const [found] = await until(
    test.cluster.client,
    Pod,
    { namespace, name },
    ([pod]) => pod !== undefined && wished(pod),
  );
  if (!found) throw new Error(`no pod ${name}`);
  return found;
}

const phase = (wished: string) => (pod: PodObject) => pod.status?.phase === wished;
const ready = (pod: PodObject): boolean =>
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
const restarts = (pod: PodObject): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;
const waiting = (reason: string) => (pod: PodObject) =>
  pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === reason;

function containerOf(pod: PodObject): string {
  return (pod.status?.containerStatuses?.[0]?.containerID ?? '').replace('docker://', '');
}

async function untilEvent(namespace: string, name: string, pattern: RegExp): Promise<void> {
  await until(test.cluster.client, Event, { namespace }, (events) =>
    events.some(({ involvedObject, message = '' }) => involvedObject.name === name && pattern.test(message)),
  );
}

describe.concurrent('containers that end', () => {
  it('starts a killed container again, each time later', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(pod('box', shell('sleep 1000')));
    let running = await untilPod(name, 'box', ready);
    const pauses: number[] = [];
    for (const count of [1, 2]) {
      execFileSync('docker', ['kill', containerOf(running)]);
      running = await untilPod(name, 'box', (found) => restarts(found) === count && ready(found));
      const status = running.status?.containerStatuses?.[0];
      expect(status?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
      const ended = Date.parse(String(status?.lastState?.terminated?.finishedAt));
      pauses.push(Date.parse(String(status?.state?.running?.startedAt)) - ended);
    }
    // Ten seconds before the second restart, as everywhere; the times have whole seconds.
    expect(pauses[0]).toBeLessThan(9000);
    expect(pauses[1]).toBeGreaterThanOrEqual(8000);
  });

  it('tells of a crash loop', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(pod('box', shell('echo dying; exit 3')));
    const looping = await untilPod(name, 'box', waiting('CrashLoopBackOff'));
    expect(looping.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3);
    expect(await kubectl.ok('get pod box')).toMatch(/0\/1 +CrashLoopBackOff +[1-9]/);
    expect(await kubectl.ok('logs box --previous')).toBe('dying');
    await untilEvent(name, 'box', /Back-off restarting failed container main in pod box/);
  });

  it('keeps to the restart policy', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(pod('never', shell('exit 3'), { restartPolicy: 'Never' }));
    await kubectl.apply(pod('done', shell('exit 0'), { restartPolicy: 'OnFailure' }));
    const once = shell('[ -e /w/x ] && exit 0; touch /w/x; exit 1', { volumeMounts: [{ name: 'w', mountPath: '/w' }] });
    await kubectl.apply(pod('again', once, { restartPolicy: 'OnFailure', volumes: [{ name: 'w', emptyDir: {} }] }));
    expect(restarts(await untilPod(name, 'never', phase('Failed')))).toBe(0);
    expect(restarts(await untilPod(name, 'done', phase('Succeeded')))).toBe(0);
    expect(restarts(await untilPod(name, 'again', phase('Succeeded')))).toBe(1);
  });

  it('runs init containers first, in order', async () => {
    const { kubectl, name } = await test.namespace();
    const volumeMounts = [{ name: 'w', mountPath: '/w' }];
    const init = (id: string) => ({ ...shell(`echo ${id} >> /w/order`, { volumeMounts }), name: id });
    await kubectl.apply(
      pod('box', shell('cat /w/order', { volumeMounts }), {
        restartPolicy: 'Never',
        volumes: [{ name: 'w', emptyDir: {} }],
        initContainers: [init('one'), init('two')],
      }),
    );
    await untilPod(name, 'box', phase('Succeeded'));
    expect(await kubectl.ok('logs box -c main')).toBe('one\ntwo');
    await kubectl.apply(pod('stuck', shell('true'), { initContainers: [{ ...shell('exit 1'), name: 'bad' }] }));
    await untilPod(name, 'stuck', (found) => (found.status?.initContainerStatuses?.[0]?.restartCount ?? 0) > 0);
    expect(await kubectl.ok('get pod stuck')).toMatch(/Init:(Error|CrashLoopBackOff|0\/1)/);
  });
});

describe.concurrent('what containers find', () => {
  it('has environment, hostname, address and volumes from its first instruction', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok('create configmap settings --from-literal=greeting=hello --from-literal=FROM_MAP=1');
    await kubectl.ok('create secret generic creds --from-literal=password=hunter2');
    const script =
      'hostname; ip -4 addr show eth0 | grep -o "inet [0-9.]*"; echo $POD $NS $IP $PASSWORD $GREETING $FROM_MAP $BOTH $CPU $KUBERNETES_SERVICE_HOST; cat /etc/c/greeting /etc/s/password; echo; cat /etc/d/labels; ls /etc/p';
    const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
    await kubectl.apply(
      pod(
        'box',
        shell(script, {
          resources: { limits: { cpu: '500m', memory: '64Mi' } },
          envFrom: [{ configMapRef: { name: 'settings' } }],
          env: [
            { name: 'POD', ...field('metadata.name') },
            { name: 'NS', ...field('metadata.namespace') },
            { name: 'IP', ...field('status.podIP') },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'creds', key: 'password' } } },
            { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
            { name: 'BOTH', value: '$(POD)-$(GREETING)' },
            { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          ],
          volumeMounts: [
            { name: 'c', mountPath: '/etc/c' },
            { name: 's', mountPath: '/etc/s' },
            { name: 'd', mountPath: '/etc/d' },
            { name: 'p', mountPath: '/etc/p' },
          ],
        }),
        {
          restartPolicy: 'Never',
          volumes: [
            { name: 'c', configMap: { name: 'settings' } },
            { name: 's', secret: { secretName: 'creds' } },
            { name: 'd', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            {
              name: 'p',
              projected: { sources: [{ configMap: { name: 'settings' } }, { secret: { name: 'creds' } }] },
            },
          ],
        },
      ),
    );
    const done = await untilPod(name, 'box', phase('Succeeded'));
    const ip = done.status?.podIP ?? '';
    expect(done.metadata.generation, 'binding changes no generation').toBe(1);
    expect(done.metadata.managedFields?.map(({ manager }) => manager).sort()).toEqual([
      'kubectl-client-side-apply',
      'kubelet',
    ]);
    const api = await kubectl.ok('get service kubernetes -n default -o jsonpath={.spec.clusterIP}');
    expect((await kubectl.ok('logs box')).split('\n')).toEqual([
      'box',
      `inet ${ip}`,
      `box ${name} ${ip} hunter2 hello 1 box-hello 500 ${api}`,
      'hellohunter2',
      'pod="box"FROM_MAP',
      'greeting',
      'password',
    ]);
  });

  it('sees a changed ConfigMap in its volume', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok('create configmap settings --from-literal=greeting=one');
    await kubectl.apply(
      pod(
        'box',
        shell('until grep two /c/greeting; do sleep 0.2; done', { volumeMounts: [{ name: 'c', mountPath: '/c' }] }),
        {
          restartPolicy: 'Never',
          volumes: [{ name: 'c', configMap: { name: 'settings' } }],
        },
      ),
    );
    await untilPod(name, 'box', phase('Running'));
    await kubectl.ok(['patch', 'configmap', 'settings', '-p', '{"data":{"greeting":"two"}}']);
    await untilPod(name, 'box', phase('Succeeded'));
  });

  it('waits for a ConfigMap that is missing, and says so', async () => {
    const { kubectl, name } = await test.namespace();
    const env = [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'late', key: 'x' } } }];
    await kubectl.apply(pod('box', shell('echo $X; sleep 1000', { env })));
    await untilPod(name, 'box', waiting('CreateContainerConfigError'));
    await kubectl.ok('create configmap late --from-literal=x=here');
    await untilPod(name, 'box', ready);
    expect(await kubectl.ok('logs box')).toBe('here');
  });

  it('shares folders of the machine', async () => {
    const { kubectl, name } = await test.namespace();
    const folder = mkdtempSync(join(tmpdir(), 'kubewright-host-'));
    try {
      writeFileSync(join(folder, 'in'), 'from the host');
      const volumes = [{ name: 'h', hostPath: { path: folder, type: 'Directory' } }];
      const volumeMounts = [{ name: 'h', mountPath: '/h' }];
      await kubectl.apply(pod('box', shell('cp /h/in /h/out', { volumeMounts }), { restartPolicy: 'Never', volumes }));
      await untilPod(name, 'box', phase('Succeeded'));
      expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('from the host');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('asks the API as its service account', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok('create role reader --verb=get,list --resource=pods');
    await kubectl.ok(`create rolebinding reader --role=reader --serviceaccount=${name}:default`);
    const script = `const fs = require('fs'); const at = '/var/run/secrets/kubernetes.io/serviceaccount/';
      const read = (file) => fs.readFileSync(at + file, 'utf8');
      const ask = (path) => new Promise((done, failed) => require('https').get({ host: 'kubernetes.default.svc', path, ca: read('ca.crt'),
        headers: { authorization: 'Bearer ' + read('token') } }, (answer) => { let text = ''; answer.on('data', (part) => text += part);
        answer.on('end', () => done([answer.statusCode, JSON.parse(text)])); }).on('error', failed));
      (async () => { const space = '/api/v1/namespaces/' + read('namespace');
        const [code, pods] = await ask(space + '/pods'); const [denied] = await ask(space + '/secrets');
        console.log(code, pods.items.map((pod) => pod.metadata.name).join(), denied); })();`;
    await kubectl.apply(
      pod('box', { name: 'main', image: NODE_IMAGE, command: ['node', '-e', script] }, { restartPolicy: 'Never' }),
    );
    await untilPod(name, 'box', ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');
    expect(await kubectl.ok('logs box')).toBe('200 box 403');
  });

  it('has no more than its limits', async () => {
    const { kubectl, name } = await test.namespace();
    const grow = 'x=a; while :; do x=$x$x; done';
    await kubectl.apply(
      pod('box', shell(grow, { resources: { limits: { memory: '16Mi' } } }), { restartPolicy: 'Never' }),
    );
    const ended = await untilPod(name, 'box', phase('Failed'));
    expect(ended.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      reason: 'OOMKilled',
      exitCode: 137,
    });
  });
});

describe.concurrent('what cannot start', () => {
  it('says why an image is not there', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(pod('absent', { name: 'main', image: 'localhost:1/none:1' }));
    await kubectl.apply(pod('never', { name: 'main', image: 'kubewright/none:1', imagePullPolicy: 'Never' }));
    await kubectl.apply(pod('wrong', { name: 'main', image: 'Not An Image' }));
    await kubectl.apply(pod('program', { name: 'main', image: BUSYBOX_IMAGE, command: ['/no/such/program'] }));
    await untilPod(name, 'absent', waiting('ImagePullBackOff'));
    await untilEvent(name, 'absent', /Failed to pull image "localhost:1\/none:1"/);
    await untilPod(name, 'never', waiting('ErrImageNeverPull'));
    await untilPod(name, 'wrong', waiting('InvalidImageName'));
    await untilEvent(name, 'program', /\/no\/such\/program/);
    expect(await kubectl.ok('get pod program')).toMatch(/RunContainerError|CrashLoopBackOff|StartError/);
  });

  it('says why a pod is not scheduled', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.apply(pod('huge', shell('true', { resources: { requests: { cpu: '1000' } } })));
    await kubectl.apply(pod('picky', shell('true'), { nodeSelector: { disk: 'ssd' } }));
    await untilEvent(name, 'huge', /0\/1 nodes are available: 1 Insufficient cpu/);
    await untilEvent(name, 'picky', /0\/1 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector/);
    const found = await untilPod(name, 'huge', (pod) => pod.status?.conditions?.[0]?.reason === 'Unschedulable');
    expect(found.status?.phase).toBe('Pending');
    await kubectl.ok(['label', 'node', test.cluster.nodeName, 'disk=ssd']);
    await untilPod(name, 'picky', (pod) => pod.spec?.nodeName === test.cluster.nodeName);
  });
});

describe.concurrent('probes', () => {
  it('restarts what is not alive', async () => {
    const { kubectl, name } = await test.namespace();
    const livenessProbe = { exec: { command: ['cat', '/tmp/alive'] }, periodSeconds: 1, failureThreshold: 1 };
    await kubectl.apply(pod('box', shell('touch /tmp/alive; sleep 2; rm /tmp/alive; sleep 1000', { livenessProbe })));
    await untilPod(name, 'box', (found) => restarts(found) >= 1);
    await untilEvent(name, 'box', /Liveness probe failed/);
    await untilEvent(name, 'box', /Container main failed liveness probe, will be restarted/);
  });

  it('keeps what is not ready out of the endpoints', async () => {
    const { kubectl, name } = await test.namespace();
    const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 };
    await kubectl.apply(pod('box', shell('sleep 1000', { readinessProbe })));
    await kubectl.ok('expose pod box --port=80');
    await untilPod(name, 'box', phase('Running'));
    const untilReady = (state: boolean) =>
      until(
        test.cluster.client,
        EndpointSlice,
        { namespace: name },
        ([slice]) => slice?.endpoints?.[0]?.conditions?.ready === state,
      );
    await untilReady(false);
    await kubectl.ok('exec box -- touch /tmp/ready');
    await untilReady(true);
    expect(await kubectl.ok('get pod box')).toMatch(/1\/1 +Running/);
    await kubectl.ok('exec box -- rm /tmp/ready');
    await untilReady(false);
  });

  it('holds the others back until the container has started', async () => {
    const { kubectl, name } = await test.namespace();
    const startupProbe = { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 60 };
    const livenessProbe = { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 1 };
    await kubectl.apply(pod('box', shell('sleep 3; touch /tmp/up; sleep 1000', { startupProbe, livenessProbe })));
    const started = await untilPod(name, 'box', (found) => found.status?.containerStatuses?.[0]?.started === true);
    expect(restarts(started)).toBe(0);
    await untilPod(name, 'box', ready);
  });

  it('asks over HTTP and TCP', async () => {
    const { kubectl, name } = await test.namespace();
    const command = [
      'node',
      '-e',
      `require('http').createServer((q, s) => { s.statusCode = q.url === '/ok' ? 200 : 500; s.end(); }).listen(8080)`,
    ];
    const container = (readinessProbe: object) => ({ name: 'main', image: NODE_IMAGE, command, readinessProbe });
    await kubectl.apply(pod('good', container({ httpGet: { path: '/ok', port: 8080 }, periodSeconds: 1 })));
    await kubectl.apply(pod('bad', container({ httpGet: { path: '/bad', port: 8080 }, periodSeconds: 1 })));
    await kubectl.apply(pod('tcp', container({ tcpSocket: { port: 8080 }, periodSeconds: 1 })));
    await Promise.all([untilPod(name, 'good', ready), untilPod(name, 'tcp', ready)]);
    await untilEvent(name, 'bad', /Readiness probe failed: HTTP probe failed with statuscode: 500/);
  });
});

describe.concurrent('termination', () => {
  it('goes preStop, SIGTERM, grace, SIGKILL, and out of the endpoints at once', async () => {
    const { kubectl, name } = await test.namespace();
    const folder = mkdtempSync(join(tmpdir(), 'kubewright-end-'));
    try {
      const options = {
        volumeMounts: [{ name: 'h', mountPath: '/h' }],
        lifecycle: { preStop: { exec: { command: ['sh', '-c', 'echo preStop >> /h/order; sleep 1'] } } },
      };
      const command = `trap 'echo TERM >> /h/order' TERM; touch /h/up; while :; do sleep 0.1; done`;
      await kubectl.apply(
        pod('box', shell(command, options), {
          terminationGracePeriodSeconds: 3,
          volumes: [{ name: 'h', hostPath: { path: folder } }],
        }),
      );
      await kubectl.ok('expose pod box --port=80');
      await untilPod(name, 'box', ready);
      const endpoints = (wished: boolean) =>
        until(
          test.cluster.client,
          EndpointSlice,
          { namespace: name },
          ([slice]) => (slice?.endpoints ?? []).some(({ conditions }) => conditions?.ready === true) === wished,
        );
      await endpoints(true);
      const begun = performance.now();
      let over = false;
      const deleted = kubectl.ok('delete pod box').finally(() => (over = true));
      await endpoints(false);
      expect(over).toBe(false);
      await deleted;
      const taken = performance.now() - begun;
      expect(taken).toBeGreaterThan(2800);
      expect(taken).toBeLessThan(60_000);
      expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('preStop\nTERM\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lets a program end by itself', async () => {
    const { kubectl, name } = await test.namespace();
    const command = `trap 'exit 0' TERM; touch /tmp/up; while :; do sleep 0.1; done`;
    await kubectl.apply(pod('box', shell(command), { terminationGracePeriodSeconds: 60 }));
    await untilPod(name, 'box', ready);
    const begun = performance.now();
    await kubectl.ok('delete pod box');
    expect(performance.now() - begun).toBeLessThan(50_000);
  });
});
