/** URL and method -> what is asked for. Pure. */
import type { KindDefinition } from '../../types/define-kind.ts';
import type { Registry } from '../../types/registry.ts';
import type { ApiRequest } from './request.ts';
import { badRequest } from './status-error.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A request below /api or /apis that names a resource. Absent parts are empty strings. */
export interface ResourceInfo {
  readonly isResourceRequest: true;
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Path segments behind the subresource, as for proxies. */
  readonly rest: readonly string[];
  /** Undefined when no such resource is served. */
  readonly kind: KindDefinition | undefined;
  readonly path: string;
}

export interface PathInfo {
  readonly isResourceRequest: false;
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

export type RequestInfo = ResourceInfo | PathInfo;

type Addressed = Pick<ApiRequest, 'method' | 'path' | 'query'>;

/** @throws ApiError for a path that is not well-formed. */
export function requestInfo(request: Addressed, registry: Registry): RequestInfo {
  const segments = request.path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded);
  const [root, ...rest] = segments;
  const grouped = root === 'apis';
  const [group, version, ...place] = grouped ? rest : ['', ...rest];
  if ((root !== 'api' && !grouped) || group === undefined || version === undefined || place.length === 0) {
    return { isResourceRequest: false, verb: request.method.toLowerCase(), path: request.path };
  }
  const watchPath = place[0] === 'watch';
  const where = placeOf(watchPath ? place.slice(1) : place);
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const kind = registry.resource(apiVersion, where.resource);
  return {
    isResourceRequest: true,
    verb: verbOf(request, where.name, watchPath),
    group,
    version,
    ...where,
    kind: kind?.served === true ? kind : undefined,
    path: request.path,
  };
}

type Place = Pick<ResourceInfo, 'resource' | 'subresource' | 'namespace' | 'name' | 'rest'>;

// `namespaces/x/status` is a subresource of a namespace, `namespaces/x/pods` a resource in one.
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

function placeOf(segments: readonly string[]): Place {
  const [first = '', second = '', third, ...behind] = segments;
  if (first === 'namespaces' && third !== undefined && !NAMESPACE_SUBRESOURCES.has(third)) {
    const [name = '', subresource = '', ...rest] = behind;
    return { namespace: second, resource: third, name, subresource, rest };
  }
  return { namespace: '', resource: first, name: second, subresource: third ?? '', rest: behind };
}

function verbOf(request: Addressed, name: string, watchPath: boolean): Verb {
  switch (request.method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    case 'GET':
      if (watchPath || isTrue(request.query.get('watch'))) return 'watch';
      return name === '' ? 'list' : 'get';
  }
}

/** Query parameters that are booleans: `watch=1`, `watch=true` and a bare `watch` all mean yes. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0' && value !== 'False';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path segment ${JSON.stringify(segment)} is not valid percent-encoding`);
  }
}
