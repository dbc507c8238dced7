/** Webhooks and policies that judge connections, asked over real HTTPS before anything is connected. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../../src/runtime/apiserver/fields.ts';
import type { PodStreams } from '../../../src/runtime/apiserver/streams/pod-streams.ts';
import type { UsageSource } from '../../../src/runtime/apiserver/usage/usage-source.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { Kubectl } from '../../support/kubectl.ts';
import { startWebhook } from '../../support/webhook.ts';
import type { TestWebhook } from '../../support/webhook.ts';

const root = '/apis/admissionregistration.k8s.io/v1';
const pods = '/api/v1/namespaces/default/pods';

let server: TestServer;
let hook: TestWebhook;
let clientConfig: object;
let folder: string;
let kubectl: Kubectl;
let asked: Readonly<Record<string, unknown>>[];
let answer: object;
const ran: (readonly string[])[] = [];

const streams: PodStreams = {
  async *logs() {
    yield Buffer.from('nothing\n');
  },
  async exec(_pod, _container, { command }, io) {
    ran.push(command);
    await io.stdout(Buffer.from(`${command.join(' ')}\n`));
    return { exitCode: 0 };
  },
  async attach(_pod, container, _options, io) {
    ran.push(['attach']);
    await io.stdout(Buffer.from(`${container} over\n`));
    return { exitCode: 0 };
  },
  connect: () => Promise.reject(new Error('connection refused')),
};

const usage: UsageSource = {
  pod: () => undefined,
  node: () => undefined,
  document: (node, path) => ({ contentType: 'text/plain', text: `${path} of ${node}` }),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-connect-'));
  server = await startTestServer({ podStreams: streams, usage });
  await server.writeKubeconfig(join(folder, 'config'));
  kubectl = new Kubectl(join(folder, 'config'));
  hook = await startWebhook((request) => {
    asked.push(request);
    return answer;
  });
  clientConfig = { url: `https://localhost:${hook.port}/pods`, caBundle: hook.caBundle };
  await server.send('POST', pods, {
    body: {
      metadata: { name: 'p1', labels: { app: 'p1' } },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    },
  });
  const body = { status: { phase: 'Running' } };
  const headers = { 'content-type': 'application/merge-patch+json' };
  expect((await server.send('PATCH', `${pods}/p1/status`, { body, headers })).status).toBe(200);
});
afterAll(async () => {
  await hook[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  expect(server.failures).toEqual([]);
});
beforeEach(async () => {
  asked = [];
  ran.length = 0;
  answer = { allowed: true };
  for (const plural of [
    'mutatingwebhookconfigurations',
    'validatingwebhookconfigurations',
    'validatingadmissionpolicybindings',
    'validatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
    'mutatingadmissionpolicies',
  ]) {
    await server.send('DELETE', `${root}/${plural}`);
  }
});

async function put(plural: string, body: object): Promise<void> {
  const { json } = await server.send('POST', `${root}/${plural}`, { body });
  expect(textOf(json, 'message')).toBe('');
}

function connects(...resources: readonly string[]): object {
  return { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources };
}

function webhook(name: string, more: object): object {
  const common = { sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig };
  return { metadata: { name: 'hooks' }, webhooks: [{ name, ...common, ...more }] };
}

function denial(message: string): object {
  return { allowed: false, status: { message } };
}

describe('a webhook that is asked about connections', () => {
  it('keeps kubectl from attaching, in its own words', async () => {
    await put(
      'validatingwebhookconfigurations',
      webhook('deny-attaching-pod.example.com', { rules: [connects('pods/attach')] }),
    );
    answer = denial("attaching to pod 'p1' is not allowed");
    const { code, stderr } = await kubectl.run('attach -i p1');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'admission webhook "deny-attaching-pod.example.com" denied the request: attaching to pod \'p1\' is not allowed',
    );
    expect(ran).toEqual([]);
    expect(asked[0]).toMatchObject({
      operation: 'CONNECT',
      kind: { group: '', version: 'v1', kind: 'PodAttachOptions' },
      requestKind: { group: '', version: 'v1', kind: 'PodAttachOptions' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      subResource: 'attach',
      requestSubResource: 'attach',
      namespace: 'default',
      name: 'p1',
      dryRun: false,
      options: null,
      oldObject: null,
      userInfo: { username: 'kubernetes-admin' },
    });
    expect(asked[0]?.['object']).toEqual({
      kind: 'PodAttachOptions',
      apiVersion: 'v1',
      stdin: true,
      stdout: true,
      stderr: true,
      container: 'c',
    });
    expect((await kubectl.run('exec p1 -- date')).code).toBe(0);
  });

  it('is asked however the client connects, and even when it does not upgrade', async () => {
    await put('validatingwebhookconfigurations', webhook('no.example.com', { rules: [connects('pods/*')] }));
    answer = denial('no');
    for (const env of [{}, { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' }]) {
      const { stderr } = await kubectl.run('exec p1 -- date -u', { env });
      expect(stderr).toContain('admission webhook "no.example.com" denied the request: no');
    }
    expect(asked[0]?.['object']).toEqual({
      kind: 'PodExecOptions',
      apiVersion: 'v1',
      stdout: true,
      stderr: true,
      container: 'c',
      command: ['date', '-u'],
    });
    const bare = await server.send('POST', `${pods}/p1/exec?command=date&stdout=1`);
    expect(textOf(bare.json, 'message')).toBe('admission webhook "no.example.com" denied the request: no');
    const forward = await server.send('GET', `${pods}/p1/portforward?ports=80,81`);
    expect(forward.status).toBe(400);
    expect(asked.at(-1)?.['object']).toEqual({ kind: 'PodPortForwardOptions', apiVersion: 'v1', ports: [80, 81] });
    expect(ran).toEqual([]);
  });

  it('is not asked about connections when its rules are about writes, nor where objects are selected by labels', async () => {
    const rules = [{ ...connects('pods/*'), operations: ['CREATE', 'UPDATE', 'DELETE'] }];
    await put('validatingwebhookconfigurations', webhook('writes.example.com', { rules }));
    await put('mutatingwebhookconfigurations', {
      ...webhook('labelled.example.com', {
        rules: [connects('pods/exec')],
        objectSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
      }),
    });
    answer = denial('no');
    expect((await kubectl.run('exec p1 -- date')).stdout).toBe('date\n');
    expect(asked).toEqual([]);
  });

  it('may change what is run', async () => {
    await put('mutatingwebhookconfigurations', webhook('other.example.com', { rules: [connects('pods/exec')] }));
    const operations = [{ op: 'replace', path: '/command', value: ['uptime'] }];
    const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
    answer = { allowed: true, patchType: 'JSONPatch', patch };
    expect((await kubectl.run('exec p1 -- date')).stdout).toBe('uptime\n');
  });

  it('is asked about what is passed on to pods, Services and nodes', async () => {
    const resources = ['pods/proxy', 'services/proxy', 'nodes/proxy'];
    await put('validatingwebhookconfigurations', webhook('proxy.example.com', { rules: [connects(...resources)] }));
    answer = denial('no');
    for (const [path, kind, name] of [
      [`${pods}/p1:80/proxy/a/b/`, 'PodProxyOptions', 'p1:80'],
      ['/api/v1/namespaces/default/services/web/proxy/a/b/', 'ServiceProxyOptions', 'web'],
      ['/api/v1/nodes/n1:10250/proxy/a/b/', 'NodeProxyOptions', 'n1:10250'],
    ] as const) {
      const { status, json } = await server.send('GET', path);
      expect([status, textOf(json, 'message')]).toEqual([
        400,
        'admission webhook "proxy.example.com" denied the request: no',
      ]);
      expect(asked.at(-1)).toMatchObject({ name, operation: 'CONNECT', object: { kind, path: '/a/b/' } });
    }
  });
});

describe('a policy about connections', () => {
  it('refuses by what the options say', async () => {
    await put('validatingadmissionpolicies', {
      metadata: { name: 'no-shells' },
      spec: {
        matchConstraints: { resourceRules: [connects('pods/exec')] },
        validations: [{ expression: "object.command[0] != 'sh'", message: 'no shells' }],
      },
    });
    await put('validatingadmissionpolicybindings', {
      metadata: { name: 'no-shells' },
      spec: { policyName: 'no-shells', validationActions: ['Deny'] },
    });
    const { code, stderr } = await kubectl.run('exec p1 -- sh');
    expect([code, ran]).toEqual([1, []]);
    expect(stderr).toContain(
      "ValidatingAdmissionPolicy 'no-shells' with binding 'no-shells' denied request: no shells",
    );
    expect((await kubectl.run('exec p1 -- date')).stdout).toBe('date\n');
  });

  it('changes options by a patch', async () => {
    await put('mutatingadmissionpolicies', {
      metadata: { name: 'always-uptime' },
      spec: {
        matchConstraints: { resourceRules: [connects('pods/exec')] },
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: { expression: "[JSONPatch{op: 'replace', path: '/command', value: ['uptime']}]" },
          },
        ],
      },
    });
    await put('mutatingadmissionpolicybindings', {
      metadata: { name: 'always-uptime' },
      spec: { policyName: 'always-uptime' },
    });
    expect((await kubectl.run('exec p1 -- date')).stdout).toBe('uptime\n');
  });
});

describe('what is asked of a node', () => {
  it('is what a webhook made of it', async () => {
    await put('mutatingwebhookconfigurations', webhook('lead.example.com', { rules: [connects('nodes/proxy')] }));
    expect((await server.send('GET', '/api/v1/nodes/n1/proxy/stats/summary')).text).toBe('stats/summary of n1');
    const operations = [{ op: 'replace', path: '/path', value: '/other page' }];
    answer = {
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
    };
    expect((await server.send('GET', '/api/v1/nodes/n1/proxy/stats/summary')).text).toBe('other page of n1');
  });
});
