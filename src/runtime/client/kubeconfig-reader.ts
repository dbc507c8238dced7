/**
 * Reads kubeconfig files as kubectl does: several files merged (the first that names something wins), certificates inline
 * or in files beside the kubeconfig, tokens inline or in files, credential plugins.
 */
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { hasCode } from '../../shared/error-code.ts';
import { isRecord } from '../../shared/deep.ts';

export interface KubeconfigCluster {
  readonly server: string;
  readonly certificateAuthority: string | undefined;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName: string | undefined;
}

/** A program that prints an ExecCredential (client.authentication.k8s.io). */
export interface CredentialPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface KubeconfigUser {
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  readonly token: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  readonly impersonate: string | undefined;
  readonly impersonateGroups: readonly string[];
  readonly plugin: CredentialPlugin | undefined;
}

export interface KubeconfigContext {
  readonly name: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
  /** The namespace that commands without `-n` mean. */
  readonly namespace: string;
}

/** Says which file and entry is at fault and what was expected. */
export class KubeconfigError extends Error {}

/** The text of a YAML document as a tree; thrown errors are told with the file's name. */
export type ParseYaml = (text: string) => unknown;

interface Entry {
  readonly value: Record<string, unknown>;
  /** File it came from: relative paths in it start at that file's folder. */
  readonly file: string;
}

/** The files that `KUBECONFIG` names, or `~/.kube/config`. */
export function kubeconfigPaths(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): readonly string[] {
  const named = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return named.length > 0 ? [...new Set(named)] : [join(home, '.kube', 'config')];
}

/** All entries of several kubeconfig files, merged; certificates are read when a context is asked for. */
export class Kubeconfig {
  readonly #clusters = new Map<string, Entry>();
  readonly #users = new Map<string, Entry>();
  readonly #contexts = new Map<string, Entry>();
  #current: string | undefined;

  get currentContext(): string | undefined {
    return this.#current;
  }

  get contextNames(): readonly string[] {
    return [...this.#contexts.keys()];
  }

  /** Files that do not exist are passed over, as kubectl does. @throws KubeconfigError for one that cannot be understood */
  static async read(paths: readonly string[], parse: ParseYaml): Promise<Kubeconfig> {
    const config = new Kubeconfig();
    for (const path of paths) {
      const text = await readIfThere(path);
      if (text !== undefined) config.#merge(resolve(path), text, parse);
    }
    return config;
  }

  /** @throws KubeconfigError when the context, or what it names, does not exist */
  async context(name: string | undefined = this.#current): Promise<KubeconfigContext> {
    if (name === undefined || name === '') {
      throw new KubeconfigError(
        'no context is chosen: name one with --context, or set current-context in the kubeconfig',
      );
    }
    const entry = this.#contexts.get(name);
    if (!entry) {
      const known = this.contextNames.length === 0 ? 'there is none' : `known: ${this.contextNames.join(', ')}`;
      throw new KubeconfigError(`context "${name}" does not exist in the kubeconfig (${known})`);
    }
    const clusterName = text(entry, 'cluster') ?? '';
    const userName = text(entry, 'user') ?? '';
    const cluster = this.#clusters.get(clusterName);
    if (!cluster)
      throw new KubeconfigError(`cluster "${clusterName}" of context "${name}" does not exist in ${entry.file}`);
    const user = this.#users.get(userName);
    if (userName !== '' && !user) {
      throw new KubeconfigError(`user "${userName}" of context "${name}" does not exist in ${entry.file}`);
    }
    return {
      name,
      clusterName,
      userName,
      cluster: await clusterOf(cluster, clusterName),
      user: await userOf(user ?? { value: {}, file: entry.file }),
      namespace: text(entry, 'namespace') ?? 'default',
    };
  }

  #merge(file: string, content: string, parse: ParseYaml): void {
    let root: unknown;
    try {
      root = parse(content);
    } catch (error) {
      throw new KubeconfigError(`${file} is no valid YAML: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (root === null || root === undefined) return;
    if (!isRecord(root)) throw new KubeconfigError(`${file} is no kubeconfig: expected a mapping with kind: Config`);
    const current = root['current-context'];
    if (typeof current === 'string' && current !== '') this.#current ??= current;
    mergeEntries(this.#clusters, root['clusters'], 'cluster', file);
    mergeEntries(this.#users, root['users'], 'user', file);
    mergeEntries(this.#contexts, root['contexts'], 'context', file);
  }
}

function mergeEntries(into: Map<string, Entry>, list: unknown, field: string, file: string): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw new KubeconfigError(`${file}: ${field}s must be a list`);
  for (const item of list) {
    if (!isRecord(item) || typeof item['name'] !== 'string') {
      throw new KubeconfigError(`${file}: every entry of ${field}s needs a name`);
    }
    const value = item[field];
    if (!into.has(item['name'])) into.set(item['name'], { value: isRecord(value) ? value : {}, file });
  }
}

async function clusterOf(entry: Entry, name: string): Promise<KubeconfigCluster> {
  const server = text(entry, 'server');
  if (server === undefined) throw new KubeconfigError(`cluster "${name}" in ${entry.file} has no server`);
  return {
    server,
    certificateAuthority: await dataOrFile(entry, 'certificate-authority'),
    insecureSkipTlsVerify: entry.value['insecure-skip-tls-verify'] === true,
    tlsServerName: text(entry, 'tls-server-name'),
  };
}

async function userOf(entry: Entry): Promise<KubeconfigUser> {
  const tokenFile = text(entry, 'tokenFile');
  const username = text(entry, 'username');
  const groups = entry.value['as-groups'];
  return {
    clientCertificate: await dataOrFile(entry, 'client-certificate'),
    clientKey: await dataOrFile(entry, 'client-key'),
    token: text(entry, 'token') ?? (tokenFile === undefined ? undefined : (await readBeside(entry, tokenFile)).trim()),
    basic: username === undefined ? undefined : { username, password: text(entry, 'password') ?? '' },
    impersonate: text(entry, 'as'),
    impersonateGroups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
    plugin: pluginOf(entry),
  };
}

function pluginOf(entry: Entry): CredentialPlugin | undefined {
  const exec = entry.value['exec'];
  if (!isRecord(exec)) return undefined;
  const command = exec['command'];
  if (typeof command !== 'string' || command === '') throw new KubeconfigError(`${entry.file}: exec needs a command`);
  const args = Array.isArray(exec['args']) ? exec['args'].map(String) : [];
  const env: Record<string, string> = {};
  for (const item of Array.isArray(exec['env']) ? exec['env'] : []) {
    if (isRecord(item) && typeof item['name'] === 'string') env[item['name']] = String(item['value'] ?? '');
  }
  const apiVersion = exec['apiVersion'];
  return {
    apiVersion: typeof apiVersion === 'string' ? apiVersion : 'client.authentication.k8s.io/v1',
    // A command with a separator is relative to the kubeconfig, a bare name is looked up in PATH.
    command: command.includes('/') && !isAbsolute(command) ? join(dirname(entry.file), command) : command,
    args,
    env,
  };
}

function text(entry: Entry, field: string): string | undefined {
  const value = entry.value[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Inline data wins over a file, as in client-go. */
async function dataOrFile(entry: Entry, field: string): Promise<string | undefined> {
  const data = text(entry, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const path = text(entry, field);
  return path === undefined ? undefined : readBeside(entry, path);
}

async function readBeside(entry: Entry, path: string): Promise<string> {
  const full = isAbsolute(path) ? path : join(dirname(entry.file), path);
  try {
    return await readFile(full, 'utf8');
  } catch (error) {
    throw new KubeconfigError(`${entry.file} names ${full}, which cannot be read: ${String(error)}`);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new KubeconfigError(`${path} cannot be read: ${String(error)}`);
  }
}
