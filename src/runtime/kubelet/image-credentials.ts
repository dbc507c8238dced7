/** Which of a pod's imagePullSecrets fit an image. Pure. */
import { isRecord } from '../../shared/deep.ts';
import type { Secret } from '../../types/kinds/generated/core-v1.gen.ts';
import type { Credentials } from '../engine/container-engine.ts';

const DOCKER_HUB = 'index.docker.io';

/** The registry that an image name stands for: its first part where that looks like a host, else Docker Hub. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : DOCKER_HUB;
}

/** `[registry][:port][/path][:tag][@digest]` as the distribution project's grammar has it, the repository in lower case. */
export function isImageName(image: string): boolean {
  const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  const host = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::\\d+)?';
  const grammar = new RegExp(
    `^(?:${host}/)?${part}(?:/${part})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][\\w.+-]*:[0-9a-fA-F]{32,})?$`,
  );
  return grammar.test(image) || /^(?:sha256:)?[0-9a-f]{64}$/.test(image);
}

/** In the order of the secrets; what cannot be read counts as absent. */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly Credentials[] {
  const registry = registryOf(image);
  const found: Credentials[] = [];
  for (const secret of secrets) {
    for (const [key, entry] of Object.entries(authsOf(secret))) {
      if (!fits(key, registry, image)) continue;
      const login = loginOf(entry);
      if (login) found.push({ ...login, serverAddress: key });
    }
  }
  return found;
}

function authsOf(secret: Secret): Readonly<Record<string, unknown>> {
  const modern = secret.data?.['.dockerconfigjson'];
  const legacy = secret.data?.['.dockercfg'];
  const config = parsed(modern ?? legacy ?? '');
  const auths = modern === undefined ? config : isRecord(config) ? config['auths'] : undefined;
  return isRecord(auths) ? auths : {};
}

function parsed(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch (error) {
    // A secret that is no JSON holds no credentials; the pull then says what it lacks.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function fits(key: string, registry: string, image: string): boolean {
  const bare = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '');
  const [host = '', ...path] = bare.split('/');
  const same = host === registry || (registry === DOCKER_HUB && /^(?:(?:index|registry-1)\.)?docker\.io$/.test(host));
  const wild =
    host.startsWith('*.') && registry.endsWith(host.slice(1)) && !registry.slice(0, -host.length + 1).includes('.');
  if (!same && !wild) return false;
  const repository = image.startsWith(`${registry}/`) ? image.slice(registry.length + 1) : image;
  return path.length === 0 || repository.startsWith(path.join('/'));
}

function loginOf(entry: unknown): { username: string; password: string } | undefined {
  if (!isRecord(entry)) return undefined;
  const { username, password, auth } = entry;
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  if (typeof auth !== 'string') return undefined;
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
