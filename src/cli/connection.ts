/** Connections of the command line to an API server. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isRecord } from '../shared/deep.ts';
import { HttpConnection, endpointOf } from '../runtime/client/http.ts';
import { Kubeconfig, kubeconfigPaths } from '../runtime/client/kubeconfig-reader.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { KubeObject } from '../types/meta.ts';
import type { Registry } from '../types/registry.ts';
import { columnsOf } from '../types/table.ts';
import { readYaml } from '../types/yaml/read.ts';
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
  const resource: unknown = Array.isArray(resources)
    ? resources.find((item: unknown) => isRecord(item) && item['kind'] === kind && !String(item['name']).includes('/'))
    : undefined;
  if (!isRecord(resource)) return undefined;
  const slash = apiVersion.indexOf('/');
  const definition: KindDefinition = {
    apiVersion,
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural: String(resource['name']),
    singular: String(resource['singularName'] ?? kind.toLowerCase()),
    scope: resource['namespaced'] === true ? 'Namespaced' : 'Cluster',
    subresources: [],
    typeName: `${apiVersion}.${kind}`,
    served: true,
    virtual: false,
    schema: { type: 'object', properties: {}, preserveUnknown: true },
    columns: columnsOf(),
  };
  registry.add(definition);
  return definition;
}
