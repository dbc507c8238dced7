/** What goes over a WebSocket besides kubectl's own protocols: logs, watches, and processes in the protocols of old clients. */
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { PodStreams } from '../../../src/runtime/apiserver/streams/pod-streams.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';

const pods = '/api/v1/namespaces/default/pods';
const configMaps = '/api/v1/namespaces/default/configmaps';

let server: TestServer;

const streams: PodStreams = {
  async *logs(_pod, _container, { tailLines }) {
    yield Buffer.from('one\n');
    if (tailLines === undefined) yield Buffer.from('two\n');
  },
  async exec(_pod, _container, { command }, io) {
    if (command[0] === 'cat') {
      for await (const chunk of io.stdin) {
        await io.stdout(chunk);
        if (chunk.includes(0x0a)) break;
      }
    } else await io.stdout(Buffer.from(`${command.join(' ')}\n`));
    return { exitCode: command[0] === 'false' ? 1 : 0 };
  },
  attach: () => Promise.resolve({ exitCode: 0 }),
  connect: () => Promise.resolve(new PassThrough()),
};

beforeAll(async () => {
  server = await startTestServer({ podStreams: streams });
  await server.send('POST', pods, {
    body: { metadata: { name: 'p1' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'nginx' }] } },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.failures).toEqual([]);
});

interface Message {
  readonly text: string;
  readonly binary: boolean;
}

interface Talk {
  readonly socket: WebSocket;
  readonly messages: Message[];
}

/** Resolves once the server has accepted; rejects with the status of its refusal. */
async function open(path: string, protocols: readonly string[] = [], token?: string): Promise<Talk> {
  const pair = token === undefined ? { cert: server.admin.certificate, key: server.admin.key } : {};
  const address = `wss://127.0.0.1:${server.port}${path}`;
  const socket = new WebSocket(address, [...protocols], { ca: server.certificates.authority, ...pair });
  const messages: Message[] = [];
  socket.on('message', (data, binary) => {
    messages.push({ text: Buffer.isBuffer(data) ? data.toString('utf8') : '', binary });
  });
  await once(socket, 'open');
  return { socket, messages };
}

async function said(path: string, protocols?: readonly string[]): Promise<readonly Message[]> {
  const { socket, messages } = await open(path, protocols);
  await once(socket, 'close');
  return messages;
}

describe('a log over a WebSocket', () => {
  it.each([[[]], [['binary.k8s.io']]])('comes in binary messages for %j', async (protocols) => {
    expect(await said(`${pods}/p1/log`, protocols)).toEqual(
      ['', 'one\n', 'two\n'].map((text) => ({ text, binary: true })),
    );
  });

  it('comes as text in base64', async () => {
    const lines = ['', 'one\n'].map((text) => ({ text: Buffer.from(text).toString('base64'), binary: false }));
    expect(await said(`${pods}/p1/log?tailLines=1`, ['base64.binary.k8s.io'])).toEqual(lines);
  });

  it('is refused with the status that HTTP would have had', async () => {
    await expect(open(`${pods}/nowhere/log`)).rejects.toThrow('404');
    await expect(open(`${pods}/p1/log`, ['v4.channel.k8s.io'])).rejects.toThrow('400');
  });
});

describe('a watch over a WebSocket', () => {
  it('has a message of text for each event, and ends with its time', async () => {
    const { socket, messages } = await open(`${configMaps}?watch=true&timeoutSeconds=60`);
    await server.send('POST', configMaps, { body: { metadata: { name: 'seen' }, data: { a: '1' } } });
    await once(socket, 'message');
    await server.send('DELETE', `${configMaps}/seen`);
    await once(socket, 'message');
    socket.terminate();
    const events: unknown[] = messages.map(({ text }): unknown => JSON.parse(text));
    expect(events).toMatchObject([
      { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'seen' }, data: { a: '1' } } },
      { type: 'DELETED', object: { metadata: { name: 'seen' } } },
    ]);
    expect(messages.some(({ binary }) => binary)).toBe(false);
    expect(await said(`${configMaps}?watch=true&timeoutSeconds=1`, ['any'])).toEqual([]);
  });

  it('is for those who may watch', async () => {
    await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata: { name: 'reader' } } });
    const path = '/api/v1/namespaces/default/serviceaccounts/reader/token';
    const { json } = await server.send('POST', path, { body: { spec: { audiences: [] } } });
    const status = json['status'];
    const token = typeof status === 'object' && status !== null && 'token' in status ? String(status.token) : '';
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
    const asked = `${configMaps}?watch=true`;
    await expect(open(asked, ['any', protocol], token)).rejects.toThrow('403');
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['watch'] }];
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    await server.send('POST', `${rbac}/roles`, { body: { metadata: { name: 'reader' }, rules } });
    await server.send('POST', `${rbac}/rolebindings`, {
      body: {
        metadata: { name: 'reader' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
      },
    });
    const { socket } = await open(asked, ['any', protocol], token);
    expect(socket.protocol).toBe('any');
    socket.terminate();
    const wrong = `base64url.bearer.authorization.k8s.io.${Buffer.from('nobody').toString('base64url')}`;
    await expect(open(asked, ['any', wrong], token)).rejects.toThrow('401');
  });
});

describe('a process over a WebSocket in old protocols', () => {
  const echo = `${pods}/p1/exec?command=echo&command=hello&stdout=1&stderr=1`;

  it.each([[[]], [['channel.k8s.io']]])('has binary channels and says nothing of success for %j', async (protocols) => {
    expect(await said(echo, protocols)).toEqual(['\x01', '\x01echo hello\n'].map((text) => ({ text, binary: true })));
    const failed = await said(`${pods}/p1/exec?command=false&stdout=1`, protocols);
    expect(failed.at(-1)?.text).toBe('\x03command terminated with non-zero exit code: exit status 1');
  });

  it('has digits and base64 in messages of text', async () => {
    const { socket, messages } = await open(`${pods}/p1/exec?command=cat&stdin=1&stdout=1`, ['base64.channel.k8s.io']);
    socket.send(`0${Buffer.from('there\n').toString('base64')}`);
    await once(socket, 'close');
    expect(messages).toEqual(
      ['1', `1${Buffer.from('there\n').toString('base64')}`].map((text) => ({ text, binary: false })),
    );
    const [, , last] = await said(echo, ['v4.base64.channel.k8s.io']);
    expect(last?.text.startsWith('3')).toBe(true);
    expect(Buffer.from(last?.text.slice(1) ?? '', 'base64').toString('utf8')).toContain('"status":"Success"');
  });
});

describe('a reader that offers an upgrade nobody needs', () => {
  it('is answered as without it', async () => {
    await expect(open(`${pods}/p1`)).rejects.toThrow('200');
    await expect(open(`${pods}/nowhere`)).rejects.toThrow('404');
  });
});

describe('a port over a WebSocket', () => {
  it.each([[[]], [['v4.channel.k8s.io']], [['v4.base64.channel.k8s.io']]])(
    'is two channels for %j',
    async (protocols) => {
      const { socket, messages } = await open(`${pods}/p1/portforward?ports=80`, protocols);
      const isText = protocols[0] === 'v4.base64.channel.k8s.io';
      const message = (channel: number, text: string): string =>
        isText ? `${channel}${Buffer.from(text).toString('base64')}` : `${String.fromCharCode(channel)}${text}`;
      socket.send(isText ? message(0, 'ping') : Buffer.from(message(0, 'ping')));
      while (messages.length < 3) await once(socket, 'message');
      socket.terminate();
      expect(messages).toEqual(
        [message(0, 'P\0'), message(1, 'P\0'), message(0, 'ping')].map((text) => ({ text, binary: !isText })),
      );
    },
  );
});
