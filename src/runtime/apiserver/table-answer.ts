/** Answers as Table or as metadata only, in the way that clients ask for by their Accept header. */
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { ApiRequest, WatchEvent } from './request.ts';
import { badRequest } from './status-error.ts';

export interface TableObject extends KubeObject {
  readonly columnDefinitions: readonly unknown[];
  readonly rows: readonly unknown[];
}

type Include = 'None' | 'Metadata' | 'Object';

/** @throws ApiError BadRequest */
function includeOf(query: URLSearchParams): Include {
  const text = query.get('includeObject') ?? '';
  if (text === '' || text === 'Metadata') return 'Metadata';
  if (text === 'None' || text === 'Object') return text;
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

function isList(object: KubeObject): object is KubeObject & { readonly items: readonly KubeObject[] } {
  return 'items' in object && Array.isArray(object.items);
}

/** The object, or each object of a list, in the form that the request asks for. */
export function presented(object: KubeObject, kind: KindDefinition, request: ApiRequest, now: Date): KubeObject {
  if (object.kind === 'Status' || request.as === undefined) return object;
  const version = `meta.k8s.io/${request.metaVersion ?? 'v1'}`;
  if (request.as === 'Table') return tableOf(object, kind, version, includeOf(request.query), now);
  if (!isList(object)) return metadataOf(object, version);
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: version,
    metadata: object.metadata,
    ...{ items: object.items.map((item) => metadataOf(item, version)) },
  };
}

function metadataOf(object: KubeObject, version: string): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: version, metadata: object.metadata };
}

function tableOf(object: KubeObject, kind: KindDefinition, version: string, include: Include, now: Date): TableObject {
  const list = isList(object);
  const { resourceVersion } = object.metadata;
  const objects = list ? object.items : [object];
  return {
    kind: 'Table',
    apiVersion: version,
    metadata: list ? object.metadata : { ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    columnDefinitions: kind.columns.map((column) => ({
      name: column.name,
      type: column.type,
      format: column.format ?? '',
      description: column.description ?? '',
      priority: column.priority ?? 0,
    })),
    rows: objects.map((item) => rowOf(item, kind, version, include, now)),
  };
}

function rowOf(object: KubeObject, kind: KindDefinition, version: string, include: Include, now: Date): unknown {
  const cells = kind.columns.map((column) => column.cell(object, now));
  if (include === 'None') return { cells };
  return { cells, object: include === 'Object' ? object : metadataOf(object, version) };
}

/** The events of a watch in the form that the request asks for. Only the first Table carries its columns. */
export async function* presentedEvents(
  events: AsyncIterable<WatchEvent>,
  kind: KindDefinition,
  request: ApiRequest,
  now: () => Date,
): AsyncGenerator<WatchEvent, void> {
  let described = false;
  for await (const event of events) {
    if (event.type === 'ERROR') {
      yield event;
      continue;
    }
    const object = presentedInWatch(event, kind, request, now());
    if (!('columnDefinitions' in object) || !described) yield { type: event.type, object };
    else yield { type: event.type, object: withoutColumns(object) };
    described = true;
  }
}

function presentedInWatch(event: WatchEvent, kind: KindDefinition, request: ApiRequest, now: Date): KubeObject {
  if (event.type !== 'BOOKMARK' || request.as !== 'Table') return presented(event.object, kind, request, now);
  // A bookmark is no object with cells, only a revision; its row stays empty.
  const table = tableOf(
    { ...event.object, ...{ items: [] } },
    kind,
    `meta.k8s.io/${request.metaVersion ?? 'v1'}`,
    'None',
    now,
  );
  return { ...table, ...{ rows: [{ cells: [], object: event.object }] } };
}

function withoutColumns(object: KubeObject): KubeObject {
  return { ...object, ...{ columnDefinitions: [] } };
}
