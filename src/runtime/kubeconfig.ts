/** Writes the cluster's context into a kubeconfig file and takes it out again; everything else in the file stays. */
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../shared/error-code.ts';
import { isRecord } from '../shared/deep.ts';
import { readYaml } from '../types/yaml/read.ts';
import { writeYaml } from '../types/yaml/write.ts';

export interface KubeconfigEntry {
  /** Name of cluster, user and context. */
  readonly name: string;
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

type NamedList = 'clusters' | 'users' | 'contexts';

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}

function valuesOf(entry: KubeconfigEntry): Readonly<Record<NamedList, object>> {
  const { name, server } = entry;
  return {
    clusters: { name, cluster: { 'certificate-authority-data': base64(entry.authority), server } },
    users: {
      name,
      user: { 'client-certificate-data': base64(entry.clientCertificate), 'client-key-data': base64(entry.clientKey) },
    },
    contexts: { name, context: { cluster: name, user: name } },
  };
}

/** The text of a file with this one context. */
export function kubeconfigText(entry: KubeconfigEntry): string {
  const { clusters, users, contexts } = valuesOf(entry);
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [clusters],
    users: [users],
    contexts: [contexts],
    'current-context': entry.name,
    preferences: {},
  });
}

const LISTS: readonly NamedList[] = ['clusters', 'users', 'contexts'];

/**
 * Adds or replaces the context and makes it current. The file is created if missing, readable by its owner only.
 * @throws Error when the file is there and is no kubeconfig; it is left as it was.
 */
export async function mergeKubeconfig(path: string, entry: KubeconfigEntry): Promise<void> {
  const config = await readConfig(path);
  const values = valuesOf(entry);
  for (const list of LISTS) {
    const others = namedEntries(config, list, path).filter((item) => !isNamed(item, entry.name));
    config[list] = [...others, values[list]];
  }
  config['apiVersion'] ??= 'v1';
  config['kind'] ??= 'Config';
  config['current-context'] = entry.name;
  await replaceFile(path, writeYaml(config));
}

/** Takes the context out; does nothing when there is none. @throws Error as above */
export async function removeFromKubeconfig(path: string, name: string): Promise<void> {
  const config = await readConfig(path);
  let changed = false;
  for (const list of LISTS) {
    const entries = namedEntries(config, list, path);
    const others = entries.filter((item) => !isNamed(item, name));
    changed ||= others.length < entries.length;
    config[list] = others;
  }
  if (!changed) return;
  if (config['current-context'] === name) config['current-context'] = '';
  await replaceFile(path, writeYaml(config));
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw error;
  }
  const value = text.trim() === '' ? {} : readYaml(text);
  if (!isRecord(value)) throw new Error(`${path} is no kubeconfig: it does not hold a mapping; mend or move it`);
  return value;
}

function namedEntries(config: Record<string, unknown>, list: NamedList, path: string): readonly unknown[] {
  const value = config[list] ?? [];
  if (!Array.isArray(value)) throw new Error(`${path} is no kubeconfig: ${list} is not a list; mend or move it`);
  return value;
}

function isNamed(item: unknown, name: string): boolean {
  return isRecord(item) && item['name'] === name;
}

/** Readers see the old file or the new one, never a part. A link keeps pointing where it does. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  const fresh = `${target}.${randomUUID()}`;
  await writeFile(fresh, text, { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, target);
}
