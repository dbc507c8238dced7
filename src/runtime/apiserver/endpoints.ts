/** Everything that is served and is no resource: discovery, OpenAPI, version, health, metrics, keys. */
import { createHash } from 'node:crypto';
import type { Aggregation } from './aggregation/aggregation.ts';
import type { Discovery } from './discovery.ts';
import { isRecord } from '../../shared/deep.ts';
import type { HealthChecks, HealthEndpoint } from './health.ts';
import type { Metrics } from './metrics.ts';
import { openapiV2MediaType } from './openapi/documents.ts';
import type { OpenApiDocuments } from './openapi/documents.ts';
import type { ServerParts } from './request-context.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { acceptedDiscovery } from './negotiation.ts';
import { pathNotFound } from './status-error.ts';
import { versionInfo } from './version.ts';

export interface Document {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  /** True when `body` is compressed already. */
  readonly gzip?: boolean;
  /** Set for documents that clients may keep. */
  readonly etag?: string;
}

export interface EndpointParts {
  readonly parts: ServerParts;
  readonly discovery: Discovery;
  readonly openApi: OpenApiDocuments;
  readonly health: HealthChecks;
  readonly metrics: Metrics;
  readonly aggregation: Pick<Aggregation, 'versions'>;
}

export interface EndpointRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly acceptsGzip: boolean;
}

function json(value: object, contentType = 'application/json'): Document {
  return { status: 200, contentType, body: Buffer.from(JSON.stringify(value)) };
}

function text(status: number, value: string, contentType = 'text/plain; charset=utf-8'): Document {
  return { status, contentType, body: Buffer.from(value) };
}

const ROOT_PATHS = [
  '/.well-known/openid-configuration',
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];

/** @throws ApiError NotFound */
export async function endpoint(request: EndpointRequest, server: EndpointParts): Promise<Document> {
  const path = request.path.length > 1 ? request.path.replace(/\/+$/, '') : request.path;
  const segments = path.split('/').slice(1);
  const [first = '', second = ''] = segments;
  if (first === 'healthz' || first === 'livez' || first === 'readyz')
    return healthOf(first, segments.slice(1).join('/'), request.query, server.health);
  if (first === 'api' || first === 'apis') return discoveryOf(segments, request.accept, server.discovery);
  if (path === '/openapi/v3') return openApiRoot(server);
  if (first === 'openapi') return openApiOf(second, segments.slice(2).join('/'), request, server.openApi);
  switch (path) {
    case '/':
    case '':
      return json({ paths: ROOT_PATHS });
    case '/version':
      return json(versionInfo);
    case '/metrics':
      return text(200, server.metrics.text(server.parts.store), 'text/plain; version=0.0.4; charset=utf-8');
    case '/openid/v1/jwks':
      return json(await server.parts.tokens.keys(), 'application/jwk-set+json');
    case '/.well-known/openid-configuration':
      return json(await openIdConfiguration(server.parts.tokens));
    default:
      return second === '' ? text(404, '404 page not found\n') : notFoundText();
  }
}

function notFoundText(): never {
  throw pathNotFound();
}

function healthOf(name: HealthEndpoint, check: string, query: URLSearchParams, health: HealthChecks): Document {
  const answer = health.answer(name, check, query);
  return answer ? text(answer.status, answer.text) : text(404, '404 page not found\n');
}

function discoveryOf(segments: readonly string[], accept: string, discovery: Discovery): Document {
  const [root, group = '', version] = segments;
  const core = root === 'api';
  if (segments.length === 1) {
    const version = acceptedDiscovery(accept);
    if (version !== undefined) {
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      const document = json(discovery.aggregated(core, version), contentType);
      return { ...document, etag: etagOf(document.body) };
    }
    return json(core ? discovery.coreVersions() : discovery.groups());
  }
  if (!core && version === undefined) {
    const found = discovery.group(group);
    return found ? json(found) : text(404, '404 page not found\n');
  }
  const found = core ? discovery.resources('', group) : discovery.resources(group, version ?? '');
  if (!found) throw pathNotFound();
  return json(found);
}

/** Where the schemas of each version are, those of other servers too. */
async function openApiRoot({ openApi, aggregation }: EndpointParts): Promise<Document> {
  const own = await openApi.v3Root();
  const root: unknown = own && JSON.parse(own.plain().toString('utf8'));
  const paths = { ...(isRecord(root) && isRecord(root['paths']) ? root['paths'] : {}) };
  for (const { group, version, openApi: url } of aggregation.versions())
    if (url !== undefined) paths[`apis/${group}/${version}`] = { serverRelativeURL: url };
  const document = json({ paths });
  return { ...document, etag: etagOf(document.body) };
}

async function openApiOf(
  version: string,
  place: string,
  request: EndpointRequest,
  openApi: OpenApiDocuments,
): Promise<Document> {
  const protobuf = version === 'v2' && request.accept.includes('proto-openapi');
  const made =
    version === 'v3'
      ? openApi.v3(place)
      : version === 'v2' && place === ''
        ? protobuf
          ? openApi.v2Protobuf()
          : openApi.v2Json()
        : undefined;
  const document = await made;
  if (!document) throw pathNotFound();
  const contentType = protobuf ? openapiV2MediaType.replace('@', '.') : 'application/json';
  const etag = etagOf(document.gzip);
  return request.acceptsGzip
    ? { status: 200, contentType, body: document.gzip, gzip: true, etag }
    : { status: 200, contentType, body: document.plain(), etag };
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32).toUpperCase()}"`;
}

async function openIdConfiguration(tokens: ServiceAccountTokens): Promise<object> {
  const { issuer } = tokens;
  const { keys } = await tokens.keys();
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: keys.map(({ alg }) => alg),
  };
}
