/** What is not a current Docker behind the socket: a server that answers as each of them would. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dockerSocketPath } from '../../../../src/runtime/engine/docker/docker-address.ts';
import { DockerEngine } from '../../../../src/runtime/engine/docker/docker-engine.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const signal = new AbortController().signal;

async function engineBehind(listener: RequestListener, clock = new ManualClock()): Promise<DockerEngine> {
  const socketPath = join(temporaryDirectory(), 'docker.sock');
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const engine = new DockerEngine({ socketPath, clock });
  onTestFinished(async () => {
    await engine[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });
  return engine;
}

function docker(apiVersion: string, rest: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url !== '/_ping') return rest(request, response);
    response.setHeader('Api-Version', apiVersion);
    response.end('OK');
  };
}

describe('DockerHttp', () => {
  it('refuses an engine that is too old, and what is no engine', async () => {
    const old = await engineBehind(docker('1.40', (_request, response) => void response.end('{}')));
    await expect(old.info(signal)).rejects.toThrow('API 1.40, but 1.41 (Docker 20.10) is the oldest that works');
    const web = await engineBehind((_request, response) => void response.end('hello'));
    await expect(web.info(signal)).rejects.toThrow('is it Docker?');
  });

  it('speaks the older of both versions', async () => {
    const paths: string[] = [];
    const note: RequestListener = (request, response) => {
      paths.push(request.url ?? '');
      response.end('{}');
    };
    expect((await (await engineBehind(docker('1.43', note))).info(signal)).apiVersion).toBe('1.43');
    expect((await (await engineBehind(docker('1.99', note))).info(signal)).apiVersion).toBe('1.51');
    expect(paths).toEqual(['/v1.43/info', '/v1.51/info']);
  });

  it('keeps the words of an error, and sorts it by status', async () => {
    const answers = new Map([
      ['400', 'InvalidSpec'],
      ['401', 'Unauthorized'],
      ['404', 'NotFound'],
      ['409', 'Conflict'],
      ['500', 'Failed'],
    ]);
    const engine = await engineBehind(
      docker('1.41', (request, response) => {
        response.statusCode = Number(request.url?.split('/')[3]);
        response.end(JSON.stringify({ message: `no: ${response.statusCode}` }));
      }),
    );
    for (const [id, reason] of answers) {
      await expect(engine.start(id)).rejects.toMatchObject({ reason, message: `no: ${id}` });
    }
  });

  it('survives garbage', async () => {
    const engine = await engineBehind(docker('1.41', (_request, response) => void response.end('<html>')));
    await expect(engine.info(signal)).rejects.toThrow('which is not JSON');
    const cut = await engineBehind(docker('1.41', (request) => void request.socket.destroy()));
    await expect(cut.create({ name: 'a', image: 'b', labels: {}, network: 'none' })).rejects.toMatchObject({
      reason: 'Unreachable',
    });
    const odd = await engineBehind(docker('1.41', (_request, response) => void response.end('[1, null, {"Id": 7}]')));
    expect((await odd.list({})).map(({ id }) => id)).toEqual(['', '', '']);
  });

  it('does not wait for ever', async () => {
    const clock = new ManualClock();
    const asked: (() => void)[] = [];
    const arrived = new Promise<void>((resolve) => asked.push(resolve));
    const engine = await engineBehind(
      docker('1.41', () => asked[0]?.()),
      clock,
    );
    const waiting = expect(engine.inspect('a')).rejects.toThrow('did not answer GET /containers/a/json within 120 s');
    await arrived;
    clock.advance(120_000);
    await waiting;
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = expect(engine.info(controller.signal)).rejects.toBe(reason);
    controller.abort(reason);
    await aborted;
  });

  it('names the remedy where nothing answers', async () => {
    const engine = new DockerEngine({ socketPath: '/no/such/docker.sock', clock: new ManualClock() });
    await expect(engine.info(signal)).rejects.toThrow(/not running: there is no socket at .*Start Docker/);
  });

  it('finds an error in the stream of a pull', async () => {
    const lines = [{ status: 'Pulling' }, { errorDetail: { message: 'unauthorized: authentication required' } }];
    let header: unknown;
    const engine = await engineBehind(
      docker('1.41', (request, response) => {
        header = request.headers['x-registry-auth'];
        expect(request.url).toBe('/v1.41/images/create?fromImage=r.example%2Fapp&tag=v1');
        for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
        response.end();
      }),
    );
    const credentials = { username: 'me', password: 'ü>?~', serverAddress: 'r.example' };
    await expect(engine.pull('r.example/app:v1', credentials, signal)).rejects.toMatchObject({
      reason: 'Unauthorized',
    });
    expect(JSON.parse(Buffer.from(String(header), 'base64url').toString())).toEqual({
      username: 'me',
      password: 'ü>?~',
      serveraddress: 'r.example',
    });
    expect(String(header)).toMatch(/^[\w-]+=*$/);
  });
});

describe('dockerSocketPath', () => {
  it('follows DOCKER_HOST, then the context, then the usual path', () => {
    const folder = temporaryDirectory();
    expect(dockerSocketPath({ DOCKER_HOST: 'unix:///run/my.sock', DOCKER_CONFIG: folder })).toBe('/run/my.sock');
    expect(dockerSocketPath({ DOCKER_CONFIG: folder })).toBe('/var/run/docker.sock');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'desktop' }));
    expect(() => dockerSocketPath({ DOCKER_CONFIG: folder })).toThrow('the docker context "desktop" has no readable');
    const meta = join(folder, 'contexts/meta', createHash('sha256').update('desktop').digest('hex'));
    mkdirSync(meta, { recursive: true });
    const endpoint = { Endpoints: { docker: { Host: 'unix:///home/me/docker.sock' } } };
    writeFileSync(join(meta, 'meta.json'), JSON.stringify(endpoint));
    expect(dockerSocketPath({ DOCKER_CONFIG: folder })).toBe('/home/me/docker.sock');
    expect(dockerSocketPath({ DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'default' })).toBe('/var/run/docker.sock');
  });

  it('refuses what is not a local socket, and a broken file', () => {
    expect(() => dockerSocketPath({ DOCKER_HOST: 'tcp://10.0.0.1:2375' })).toThrow(
      'only a Docker engine behind a local',
    );
    const folder = temporaryDirectory();
    writeFileSync(join(folder, 'config.json'), '{');
    expect(() => dockerSocketPath({ DOCKER_CONFIG: folder })).toThrow('is not JSON');
  });
});
