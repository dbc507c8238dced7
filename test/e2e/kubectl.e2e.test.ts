/** What kubectl's users do all day, against a whole cluster. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUSYBOX_IMAGE, NODE_IMAGE, startTestCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';
import { kubectlBinaries, Kubectl } from '../support/kubectl.ts';
import { Pod } from '../../src/types/kinds/core/pod.ts';
import { SERVE_HOSTNAME, webManifest as web } from '../support/manifests.ts';
import { until } from '../support/until.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test[Symbol.asyncDispose]());

/** A pod that stays until it is told to end. */
function pod(name: string, command: string, more: object = {}): string {
  const container = { name: 'main', image: BUSYBOX_IMAGE, command: ['sh', '-c', command] };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { pod: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...more },
  });
}

const versions = kubectlBinaries().filter(
  ({ minor }, index, all) => minor >= 30 && all.findIndex((other) => other.minor === minor) === index,
);

it('is there in a version that can do everything', () => {
  expect(versions.length, 'kubectl 1.30 or later').toBeGreaterThan(0);
});

describe.concurrent.each(versions)('kubectl 1.$minor', (binary) => {
  async function namespace(): Promise<Kubectl> {
    const name = `v${binary.minor}-${randomBytes(3).toString('hex')}`;
    const kubectl = new Kubectl(test.kubectl.kubeconfig, { binary });
    await kubectl.ok(['create', 'namespace', name]);
    return kubectl.in(name);
  }

  it('applies, shows, scales, rolls out, logs, runs commands and deletes', async () => {
    const kubectl = await namespace();
    expect(await kubectl.apply(web())).toBe(
      'configmap/settings created\ndeployment.apps/web created\nservice/web created',
    );
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    expect(await kubectl.apply(web())).toBe(
      'configmap/settings unchanged\ndeployment.apps/web unchanged\nservice/web unchanged',
    );
    expect(await kubectl.apply(web(2, 'ciao'))).toContain('configmap/settings configured');
    expect(await kubectl.apply(web(2, 'hola'), '--server-side', '--force-conflicts')).toContain(
      'configmap/settings serverside-applied',
    );
    expect(await kubectl.ok('get configmap settings -o jsonpath={.data.greeting}')).toBe('hola');
    await kubectl.ok('scale deployment web --replicas=3');
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    expect((await kubectl.ok('get pods -l app=web -o name')).split('\n')).toHaveLength(3);
    expect(await kubectl.ok('get deployment web')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +3\/3 +3 +3 /,
    );
    expect(await kubectl.ok('logs deployment/web')).toContain('up');
    expect(await kubectl.run('exec deploy/web -- sh -c exit\\ 7')).toMatchObject({ code: 127 });
    const answer = await kubectl.run(['exec', 'deploy/web', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect(answer).toMatchObject({ code: 7, stdout: 'out\n' });
    expect(answer.stderr).toContain('err\n');
    expect(await kubectl.ok(['exec', '-i', 'deploy/web', '--', 'cat'], { input: 'abc' })).toBe('abc');
    expect(await kubectl.ok('describe deployment web')).toContain('3 desired | 3 updated | 3 total | 3 available');
    expect(await kubectl.ok('explain deployment.spec.strategy')).toContain('rollingUpdate');
    expect(await kubectl.ok('delete deployment web')).toContain('deployment.apps "web" deleted');
    expect((await kubectl.run('get deployment web')).stderr).toBe(
      'Error from server (NotFound): deployments.apps "web" not found\n',
    );
  });
});

describe.concurrent('get', () => {
  it('prints in every form', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(web());
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    const wide = await kubectl.ok('get pods -o wide');
    expect(wide).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\n/);
    expect(wide).toMatch(new RegExp(`web-\\S+ +1/1 +Running +0 +\\S+ +10\\.\\S+ +${test.cluster.nodeName} `));
    expect(JSON.parse(await kubectl.ok('get deployment web -o json'))).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', annotations: { 'deployment.kubernetes.io/revision': '1' } },
      status: { replicas: 2, readyReplicas: 2, availableReplicas: 2, updatedReplicas: 2 },
    });
    expect(await kubectl.ok('get deployment web -o yaml')).toContain('kind: Deployment\n');
    expect(await kubectl.ok('get service/web -o name')).toBe('service/web');
    expect(await kubectl.ok(['get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[0].name}'])).toBe('web web');
    expect(await kubectl.ok(['get', 'pods', '-o', 'custom-columns=IMAGE:.spec.containers[0].image'])).toBe(
      `IMAGE\n${NODE_IMAGE}\n${NODE_IMAGE}`,
    );
    expect(await kubectl.ok('get pods -l app=other -o name')).toBe('');
    expect(await kubectl.ok('get pods --field-selector status.phase=Running --no-headers -o name')).toContain(
      'pod/web-',
    );
    expect(await kubectl.ok('get pods --field-selector status.phase=Failed -o name')).toBe('');
    expect(await kubectl.ok('get pods -A')).toMatch(/^NAMESPACE +NAME +READY/);
    expect(await kubectl.ok('get pods --show-labels')).toContain('app=web,pod-template-hash=');
    expect(await kubectl.ok('get all')).toContain('replicaset.apps/web-');
    expect(await kubectl.ok('get nodes')).toMatch(new RegExp(`${test.cluster.nodeName} +Ready +\\S+ +\\S+ +v1\\.36`));
    expect(await kubectl.ok('get pods --sort-by=.metadata.name -o name')).toContain('pod/web-');
    expect(await kubectl.refused('get pods --field-selector spec.foo=bar')).toContain(
      'field label not supported: spec.foo',
    );
    expect(await kubectl.refused('get frobs')).toContain('the server doesn\'t have a resource type "frobs"');
  });

  it('follows changes', async () => {
    const { kubectl } = await test.namespace();
    await using following = kubectl.follow('get configmaps -w --output-watch-events');
    await following.line(/ADDED.*kube-root-ca\.crt/);
    await kubectl.ok('create configmap one --from-literal=a=b');
    await following.line(/ADDED +one/);
    await kubectl.ok('label configmap one x=y');
    await following.line(/MODIFIED +one/);
    await kubectl.ok('delete configmap one');
    await following.line(/DELETED +one/);
  });
});

describe.concurrent('describe', () => {
  it('tells all of a deployment, its pods, its service and the node', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(web(1));
    await kubectl.ok('rollout status deployment/web --timeout=300s');
    const deployment = await kubectl.ok('describe deployment web');
    expect(deployment).toMatch(/Available +True +MinimumReplicasAvailable/);
    expect(deployment).toMatch(
      /ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set web-\S+ from 0 to 1/,
    );
    const pods = await kubectl.ok('describe pod -l app=web');
    for (const event of ['Scheduled', 'Pulled', 'Created', 'Started']) expect(pods).toContain(event);
    expect(pods).toMatch(/Ready: +True/);
    expect(await kubectl.ok('describe service web')).toMatch(/Endpoints: +10\.\S+:8080/);
    const node = await kubectl.ok(['describe', 'node', test.cluster.nodeName]);
    expect(node).toMatch(/Ready +True .*KubeletReady/);
    expect(node).toContain('Allocated resources:');
  });
});

describe.concurrent('create, delete, run, expose', () => {
  it('creates of every sort', async () => {
    const { kubectl, name } = await test.namespace();
    await kubectl.ok('create configmap a --from-literal=k=v');
    await kubectl.ok('create secret generic s --from-literal=password=p');
    expect(await kubectl.ok('get secret s -o jsonpath={.data.password}')).toBe('cA==');
    await kubectl.ok('create serviceaccount robot');
    await kubectl.ok('create role reader --verb=get,list --resource=pods');
    await kubectl.ok(`create rolebinding readers --role=reader --serviceaccount=${name}:robot`);
    expect((await kubectl.ok('create token robot')).split('.')).toHaveLength(3);
    const robot = `--as=system:serviceaccount:${name}:robot`;
    expect(await kubectl.ok(['auth', 'can-i', 'list', 'pods', robot])).toBe('yes');
    expect(await kubectl.run(['auth', 'can-i', 'delete', 'pods', robot])).toMatchObject({ code: 1, stdout: 'no\n' });
    expect(await kubectl.refused(['get', 'secrets', robot])).toContain(
      `cannot list resource "secrets" in API group "" in the namespace "${name}"`,
    );
    expect(await kubectl.refused('create configmap a')).toContain('configmaps "a" already exists');
    expect(await kubectl.ok('create configmap dry --dry-run=server -o name')).toBe('configmap/dry');
    await kubectl.refused('get configmap dry');
  });

  it('waits until a deleted pod is gone', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.ok(['run', 'box', `--image=${BUSYBOX_IMAGE}`, '--', 'sleep', '1000']);
    await kubectl.ok('wait pod/box --for=condition=Ready --timeout=300s');
    expect(await kubectl.ok('delete pod box --grace-period=1')).toBe('pod "box" deleted');
    expect(await kubectl.refused('get pod box')).toContain('pods "box" not found');
  });

  it('exposes a deployment', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.ok(['create', 'deployment', 'box', `--image=${NODE_IMAGE}`, '--', 'node', '-e', SERVE_HOSTNAME]);
    await kubectl.ok('expose deployment box --port=80 --target-port=8080');
    await kubectl.ok('wait deployment/box --for=condition=Available --timeout=300s');
    await kubectl.ok(['wait', 'endpoints/box', '--for=jsonpath={.subsets[0].addresses[0].ip}', '--timeout=30s']);
    const ip = await kubectl.ok('get service box -o jsonpath={.spec.clusterIP}');
    expect(await (await fetch(`http://${ip}`)).text()).toMatch(/^box-/);
  });
});

describe.concurrent('logs', () => {
  it('follows, bounds, stamps and goes back', async () => {
    const { kubectl, name } = await test.namespace();
    const twice =
      'if [ -e /w/x ]; then echo second; else echo first; touch /w/x; exit 1; fi; while :; do sleep 1; done';
    const volumes = { volumes: [{ name: 'w', emptyDir: {} }] };
    const container = (name: string, command: string) => ({
      name,
      image: BUSYBOX_IMAGE,
      command: ['sh', '-c', command],
      volumeMounts: [{ name: 'w', mountPath: '/w' }],
    });
    const chatter =
      'for i in 1 2 3 4 5; do echo line $i; done; until [ -e /w/go ]; do sleep 0.1; done; echo last; sleep 1000';
    await kubectl.apply(
      pod('logs', '', { ...volumes, containers: [container('chatter', chatter), container('twice', twice)] }),
    );
    await kubectl.ok('wait pod/logs --for=condition=Ready --timeout=300s');
    expect(await kubectl.ok('logs logs -c chatter')).toBe('line 1\nline 2\nline 3\nline 4\nline 5');
    expect(await kubectl.ok('logs logs -c chatter --tail=2')).toBe('line 4\nline 5');
    expect(await kubectl.ok('logs logs -c chatter --tail=1 --timestamps')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z line 5$/);
    expect(await kubectl.ok('logs logs -c chatter --limit-bytes=7')).toBe('line 1');
    await using following = kubectl.follow('logs logs -c chatter -f --tail=1');
    await following.line(/line 5/);
    await kubectl.ok('exec logs -c twice -- touch /w/go');
    await following.line(/last/);
    const ran = await until(
      test.cluster.client,
      Pod,
      { namespace: name, name: 'logs' },
      ([found]) =>
        found?.status?.containerStatuses?.some((status) => status.name === 'twice' && status.restartCount === 1) ===
        true,
    );
    expect(ran).toHaveLength(1);
    expect(await kubectl.ok('logs logs -c twice --previous')).toBe('first');
    expect(await kubectl.ok('logs logs --all-containers --prefix')).toContain('[pod/logs/chatter] line 1');
    expect(await kubectl.refused('logs logs -c nothing')).toContain('container nothing is not valid for pod logs');
    expect(await kubectl.refused('logs logs -c chatter --previous')).toContain(
      'previous terminated container "chatter" in pod "logs" not found',
    );
  });
});

describe.concurrent('exec', () => {
  it('passes input, a terminal and exit codes', async () => {
    const { kubectl } = await test.namespace();
    await kubectl.apply(pod('box', 'sleep 1000'));
    await kubectl.ok('wait pod/box --for=condition=Ready --timeout=300s');
    expect(await kubectl.ok(['exec', '-i', 'box', '--', 'wc', '-c'], { input: 'x'.repeat(300_000) })).toBe('300000');
    const big = await kubectl.ok(['exec', 'box', '--', 'sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" y']);
    expect(big.length).toBe(3_000_000);
    for (const code of [0, 1, 3, 137]) {
      expect((await kubectl.run(['exec', 'box', '--', 'sh', '-c', `exit ${code}`])).code).toBe(code);
    }
    expect(await kubectl.refused(['exec', 'box', '--', 'nothing-like-it'])).toContain('nothing-like-it');
    expect(await kubectl.refused(['exec', 'absent', '--', 'true'])).toContain('pods "absent" not found');
    // A terminal needs one on this side too: script(1) makes it.
    const { runProgram } = await import('../support/kubectl.ts');
    const line = `${kubectl.path} --kubeconfig ${kubectl.kubeconfig} -n ${await kubectl.ok('get pod box -o jsonpath={.metadata.namespace}')} exec -it box -- sh -c 'tty; exit 5'`;
    const terminal = await runProgram('script', ['-qec', line, '/dev/null']);
    expect(terminal.stdout).toContain('/dev/pts/');
    expect(terminal.code).toBe(5);
  });
});

describe.concurrent('the server', () => {
  it('describes itself', async () => {
    const { kubectl } = test;
    expect(await kubectl.ok('version')).toMatch(/Server Version: v1\.36\./);
    expect(await kubectl.ok('cluster-info')).toContain(`is running at ${test.cluster.server}`);
    const resources = await kubectl.ok('api-resources');
    expect(resources).toMatch(/deployments +deploy +apps\/v1 +true +Deployment/);
    expect(resources).toMatch(/pods +po +v1 +true +Pod/);
    expect((await kubectl.ok('api-versions')).split('\n')).toEqual(
      expect.arrayContaining(['apps/v1', 'batch/v1', 'v1']),
    );
    expect(await kubectl.ok('explain pods.spec.containers.livenessProbe')).toContain('initialDelaySeconds');
    expect(await kubectl.ok('explain deployment --recursive')).toContain('maxSurge');
    expect(await kubectl.ok('auth can-i create deployments')).toBe('yes');
    expect(await kubectl.ok('auth whoami')).toContain('kubernetes-admin');
    expect(await kubectl.ok('get --raw /readyz?verbose')).toContain('readyz check passed');
    expect(await kubectl.ok('get --raw /version')).toMatch(/"major": ?"1"/);
    await kubectl.ok(['wait', 'node', '--all', '--for=condition=Ready', '--timeout=30s']);
  });
});
