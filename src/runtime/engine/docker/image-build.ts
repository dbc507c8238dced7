/** Builds an image from a Dockerfile over the Docker API, by the builder that every engine has. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import type { Clock } from '../../../shared/clock.ts';
import { isRecord } from '../../../shared/deep.ts';
import { EngineError } from '../container-engine.ts';
import type { Labels } from '../container-engine.ts';
import { child, text } from './decode.ts';
import { DockerHttp, readBody } from './docker-http.ts';
import { reasonOfImageError } from './image-stream.ts';
import { jsonLines } from './streams.ts';

export interface ContextFile {
  /** In the context, with slashes. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly executable: boolean;
  /** Absolute path of the content of a file. */
  readonly source: string;
  readonly size: number;
  /** Of a link. */
  readonly target: string;
}

export interface ImageBuildRequest {
  readonly reference: string;
  readonly files: readonly ContextFile[];
  /** The path among the files; a text of its own for a Dockerfile that is no part of the context. */
  readonly dockerfile: { readonly path: string } | { readonly text: string };
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly platform: string | undefined;
  readonly labels: Labels;
}

/** Docker removes it before the first instruction, since the context says that it is to be ignored. */
const apart = '.kubewright.Dockerfile';

/** Owners, times and finer permissions differ from machine to machine, so none of them goes into the image. */
async function fill(tar: Pack, { files, dockerfile }: ImageBuildRequest): Promise<void> {
  const common = { mtime: new Date(0), uid: 0, gid: 0 };
  for (const { path, kind, executable, source, size, target } of files) {
    if (kind === 'folder') tar.entry({ ...common, name: path, type: 'directory', mode: 0o755 });
    else if (kind === 'link') tar.entry({ ...common, name: path, type: 'symlink', linkname: target, mode: 0o777 });
    else {
      const entry = tar.entry({ ...common, name: path, mode: executable ? 0o755 : 0o644, size });
      await pipeline(createReadStream(source), entry);
    }
  }
  if ('text' in dockerfile) {
    tar.entry({ ...common, name: apart, mode: 0o644 }, dockerfile.text);
    // Of two entries with one name the later one holds. As docker's own program does, it gets one line more.
    const own = files.find(({ path }) => path === '.dockerignore');
    const ignored = own ? `${await readFile(own.source, 'utf8')}\n${apart}\n` : `${apart}\n.dockerignore\n`;
    tar.entry({ ...common, name: '.dockerignore', mode: 0o644 }, ignored);
  }
  tar.finalize();
}

async function* archive(request: ImageBuildRequest): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const filling = fill(tar, request).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  for await (const chunk of tar) if (chunk instanceof Uint8Array) yield chunk;
  await filling;
}

/** What `docker login` has stored, for images that a Dockerfile builds upon. */
function registryConfig(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const file = join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json');
  if (!existsSync(file)) return {};
  const config: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const auths = isRecord(config) && isRecord(config['auths']) ? config['auths'] : {};
  const known = Object.entries(auths).flatMap(([server, entry]) => {
    const [username, ...password] = Buffer.from(text(entry, 'auth'), 'base64').toString('utf8').split(':');
    return username ? [[server, { username, password: password.join(':'), serveraddress: server }] as const] : [];
  });
  if (known.length === 0) return {};
  const encoded = Buffer.from(JSON.stringify(Object.fromEntries(known))).toString('base64');
  return { 'X-Registry-Config': encoded.replaceAll('+', '-').replaceAll('/', '_') };
}

export interface ImageBuilder {
  readonly socketPath: string;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Resolves when the image is there. `said` gets the lines of Docker's output as they come.
 * @throws EngineError with Docker's own words
 */
export async function buildImage(
  { socketPath, clock, env }: ImageBuilder,
  request: ImageBuildRequest,
  said: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  using http = new DockerHttp(socketPath, clock);
  const { reference, dockerfile, args, target, platform, labels } = request;
  const response = await http.open({
    method: 'POST',
    path: '/build',
    query: {
      t: reference,
      dockerfile: 'path' in dockerfile ? dockerfile.path : apart,
      buildargs: JSON.stringify(args),
      labels: JSON.stringify(labels),
      target,
      platform,
      rm: true,
      forcerm: true,
    },
    headers: registryConfig(env),
    tar: archive(request),
    signal,
  });
  for await (const message of jsonLines(readBody(response, signal))) {
    const detail = text(child(message, 'errorDetail'), 'message') || text(message, 'error');
    if (detail !== '') throw new EngineError(reasonOfImageError(detail), detail);
    for (const line of text(message, 'stream').split('\n')) if (line.trim() !== '') said(line);
  }
}
