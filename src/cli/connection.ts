/** Connections of the command line to an API server. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isRecord } from '../shared/deep.ts';
import { HttpConnection, endpointOf } from '../runtime/client/http.ts';
import { Kubeconfig, kubeconfigPaths } from '../runtime/client/kubeconfig-reader.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { KubeObject } from '../types/meta.ts';
import type { Registry } from '../types/registry.ts';
import { readYaml } from '../types/yaml/read.ts';
import { discoveredKind, resourceOf } from './server-kinds.ts';
import { version } from './version.ts';

export interface Connection extends Disposable {
  readonly http: HttpConnection;
  /** The namespace of objects that name none. */
  readonly namespace: string;
  readonly context: string;
}

/** @throws Error that says which file or context is at fault */
export async function connect(
  options: { readonly kubeconfig?: string; readonly context?: string },
  signal: AbortSignal,
): Promise<Connection> {
  const files = options.kubeconfig === undefined ? kubeconfigPaths(process.env, homedir()) : [options.kubeconfig];
  if (options.kubeconfig !== undefined) await readFile(options.kubeconfig);
  const kubeconfig = await Kubeconfig.read(files, readYaml);
  const context = await kubeconfig.context(options.context);
  const http = new HttpConnection(await endpointOf(context, process.env, signal), `kubewright/${version}`);
  return { http, namespace: context.namespace, context: context.name, [Symbol.dispose]: () => http[Symbol.dispose]() };
}

/** A kind that this package knows, else what the server's discovery says of it; undefined when nobody does. */
export async function kindOnServer(
  connection: Connection,
  registry: Registry,
  { apiVersion, kind }: KubeObject,
): Promise<KindDefinition | undefined> {
  const known = registry.kind(apiVersion, kind);
  if (known) return known;
  const path = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const answer = await connection.http.fetch({ method: 'GET', path, headers: { accept: 'application/json' } });
  if (answer.status !== 200) return undefined;
  const list: unknown = JSON.parse(answer.body);
  const resources: unknown = isRecord(list) ? list['resources'] : undefined;
  const resource = (Array.isArray(resources) ? resources : [])
    .flatMap((item: unknown) => (isRecord(item) ? [resourceOf(apiVersion, item)] : []))
    .find((found) => found?.kind === kind);
  if (!resource) return undefined;
  const definition = discoveredKind(resource);
  registry.add(definition);
  return definition;
}
