/** Kinds that only the server knows, as its discovery tells of them: those of custom resources and of newer versions. */
import { isRecord } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { Registry } from '../types/registry.ts';
import { columnsOf } from '../types/table.ts';
import { Exit } from './command.ts';
import type { Connection } from './connection.ts';

export interface DiscoveredResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** A definition that knows where the objects are and nothing of what is in them. */
export function discoveredKind(resource: DiscoveredResource): KindDefinition {
  const { apiVersion, kind, plural, singular, namespaced, shortNames, categories } = resource;
  const slash = apiVersion.indexOf('/');
  return {
    apiVersion,
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural,
    singular: singular === '' ? kind.toLowerCase() : singular,
    shortNames,
    categories,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    subresources: [],
    typeName: `${apiVersion}.${kind}`,
    served: true,
    virtual: false,
    schema: { type: 'object', properties: {}, preserveUnknown: true },
    columns: columnsOf(),
  };
}

function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** One item of an APIResourceList; undefined for subresources. */
export function resourceOf(apiVersion: string, item: Record<string, unknown>): DiscoveredResource | undefined {
  const { name, kind } = item;
  if (typeof name !== 'string' || name.includes('/') || typeof kind !== 'string') return undefined;
  return {
    apiVersion,
    kind,
    plural: name,
    singular: typeof item['singularName'] === 'string' ? item['singularName'] : '',
    namespaced: item['namespaced'] === true,
    shortNames: texts(item['shortNames']),
    categories: texts(item['categories']),
  };
}

async function answer(connection: Connection, path: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const headers = { accept: 'application/json' };
  const { status, body } = await connection.http.fetch({ method: 'GET', path, headers }, signal);
  if (status !== 200) throw new Exit(1, `the API server answered ${path} with ${status}`);
  const value: unknown = JSON.parse(body);
  return isRecord(value) ? value : {};
}

/** Adds what `registry` does not know of every group's preferred version. Groups whose server is down are left out. */
export async function addServerKinds(connection: Connection, registry: Registry, signal: AbortSignal): Promise<void> {
  const groups = records((await answer(connection, '/apis', signal))['groups']);
  const versions = groups.flatMap(({ preferredVersion }) =>
    isRecord(preferredVersion) && typeof preferredVersion['groupVersion'] === 'string'
      ? [preferredVersion['groupVersion']]
      : [],
  );
  const lists = await Promise.allSettled(
    versions.map(async (version) => ({ version, list: await answer(connection, `/apis/${version}`, signal) })),
  );
  for (const result of lists) {
    if (result.status === 'rejected') continue;
    const { version, list } = result.value;
    for (const item of records(list['resources'])) {
      const resource = resourceOf(version, item);
      if (resource && !registry.kind(version, resource.kind)) registry.add(discoveredKind(resource));
    }
  }
}
