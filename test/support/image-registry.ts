/** An image registry on 127.0.0.1 (which Docker trusts without TLS) with one small image, open or behind a password. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

export class ImageRegistry implements AsyncDisposable {
  readonly #server: Server;
  readonly #blobs: ReadonlyMap<string, Buffer>;
  readonly #manifest: Buffer;
  readonly #login: RegistryLogin | undefined;

  private constructor(blobs: ReadonlyMap<string, Buffer>, manifest: Buffer, login: RegistryLogin | undefined) {
    this.#blobs = blobs;
    this.#manifest = manifest;
    this.#login = login;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(login?: RegistryLogin): Promise<ImageRegistry> {
    const tar = pack();
    // Unlike any other image, so that removing it takes nothing from another.
    tar.entry({ name: 'made' }, `${process.pid} ${performance.now()}`);
    tar.finalize();
    const parts: Uint8Array[] = [];
    for await (const chunk of tar) if (chunk instanceof Uint8Array) parts.push(chunk);
    const plain = Buffer.concat(parts);
    const layer = gzipSync(plain);
    const config = Buffer.from(
      JSON.stringify({
        architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
        os: 'linux',
        config: { Cmd: ['/made'], User: '7' },
        rootfs: { type: 'layers', diff_ids: [digest(plain)] },
      }),
    );
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: part('application/vnd.docker.container.image.v1+json', config),
        layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
      }),
    );
    const blobs = new Map([config, layer].map((blob) => [digest(blob), blob]));
    const registry = new ImageRegistry(blobs, manifest, login);
    registry.#server.listen(0, '127.0.0.1');
    await once(registry.#server, 'listening');
    return registry;
  }

  /** As in "127.0.0.1:40123". */
  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the registry does not listen');
    return `127.0.0.1:${address.port}`;
  }

  /** The one image there is. */
  get image(): string {
    return `${this.address}/made:v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    if (!this.#allowed(request)) {
      response.setHeader('WWW-Authenticate', 'Basic realm="test"');
      return refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
    }
    if (path === '/v2/') return send(request, response, 'application/json', Buffer.from('{}'));
    const [, kind, name = ''] = /^\/v2\/made\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
    if (kind === 'manifests' && [digest(this.#manifest), 'v1'].includes(name)) {
      return send(request, response, MANIFEST, this.#manifest);
    }
    const blob = this.#blobs.get(name);
    if (kind === 'blobs' && blob) return send(request, response, 'application/octet-stream', blob);
    return refuse(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  }

  #allowed(request: IncomingMessage): boolean {
    if (!this.#login) return true;
    const expected = Buffer.from(`${this.#login.username}:${this.#login.password}`).toString('base64');
    return request.headers.authorization === `Basic ${expected}`;
  }
}

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function part(mediaType: string, bytes: Uint8Array): object {
  return { mediaType, size: bytes.length, digest: digest(bytes) };
}

function send(request: IncomingMessage, response: ServerResponse, type: string, body: Buffer): void {
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Docker-Content-Digest': digest(body),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
