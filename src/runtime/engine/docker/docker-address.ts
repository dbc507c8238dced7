/** Where the Docker socket is: DOCKER_HOST, else the chosen docker context, else the usual path. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isRecord } from '../../../shared/deep.ts';
import { EngineError } from '../container-engine.ts';

const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Path of the socket (or Windows named pipe), in the order of the docker CLI.
 * @throws EngineError Unreachable for an address that is not a local socket, or a context that does not exist
 */
export function dockerSocketPath(env: Readonly<Record<string, string | undefined>>): string {
  const host = env['DOCKER_HOST'];
  if (host) return localSocket(host, 'DOCKER_HOST');
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const context = env['DOCKER_CONTEXT'] || currentContext(join(folder, 'config.json'));
  if (!context || context === 'default') return DEFAULT_SOCKET;
  const digest = createHash('sha256').update(context).digest('hex');
  const file = join(folder, 'contexts', 'meta', digest, 'meta.json');
  const contextHost = endpointHost(readJson(file));
  if (!contextHost) {
    throw new EngineError(
      'Unreachable',
      `the docker context "${context}" has no readable endpoint in ${file}: choose another with "docker context use default", or set DOCKER_HOST`,
    );
  }
  return localSocket(contextHost, `the docker context "${context}"`);
}

function localSocket(host: string, origin: string): string {
  const match = /^(?:unix|npipe):\/\/(.+)$/.exec(host);
  const path = match?.[1] ?? (host.startsWith('/') ? host : undefined);
  if (path) return path;
  throw new EngineError(
    'Unreachable',
    `${origin} is ${host}: only a Docker engine behind a local socket (unix:///path) can be used; unset it or point it at one`,
  );
}

function currentContext(file: string): string | undefined {
  const config = readJson(file);
  return isRecord(config) && typeof config['currentContext'] === 'string' ? config['currentContext'] : undefined;
}

function endpointHost(meta: unknown): string | undefined {
  const endpoints = isRecord(meta) ? meta['Endpoints'] : undefined;
  const docker = isRecord(endpoints) ? endpoints['docker'] : undefined;
  return isRecord(docker) && typeof docker['Host'] === 'string' ? docker['Host'] : undefined;
}

function readJson(file: string): unknown {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new EngineError('Unreachable', `${file} is not JSON (${detail}): repair or remove it, or set DOCKER_HOST`);
  }
}
