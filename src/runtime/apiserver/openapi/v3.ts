/** OpenAPI 3 documents, one per group and version: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3 */
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { Registry } from '../../../types/registry.ts';
import type { SchemaTable } from '../../../types/schema.ts';
import { Definitions, groupVersionKind, type Descriptions } from './definitions.ts';
import { contentTypesOf, type Operation, type Parameter, patchTypesOf, pathItems } from './operations.ts';
import { openApiName, sharedTypes } from './type-names.ts';

/** `api/v1`, `apis/apps/v1`. */
export function openApiPath(kind: { readonly group: string; readonly apiVersion: string }): string {
  return kind.group === '' ? `api/${kind.apiVersion}` : `apis/${kind.apiVersion}`;
}

export function servedKinds(registry: Registry): readonly KindDefinition[] {
  return [...registry.all()].filter(({ served }) => served);
}

function byPath(registry: Registry): ReadonlyMap<string, readonly KindDefinition[]> {
  const groups = new Map<string, KindDefinition[]>();
  for (const kind of servedKinds(registry)) {
    const path = openApiPath(kind);
    const group = groups.get(path) ?? [];
    group.push(kind);
    groups.set(path, group);
  }
  return groups;
}

/** Identifies the content without making it: built-in types never change, custom ones are their schema. */
function hashOf(kinds: readonly KindDefinition[], table: SchemaTable): string {
  const builtIn = new Set(table.names());
  const hash = createHash('sha256').update('1.36');
  for (const kind of kinds) {
    const { typeName, plural, scope, subresources } = kind;
    hash.update(JSON.stringify([typeName, plural, scope, subresources]));
    if (!builtIn.has(typeName)) hash.update(JSON.stringify(kind.schema));
  }
  return hash.digest('hex').toUpperCase();
}

/** The document at /openapi/v3: where the others are. */
export function openapiV3Root(registry: Registry, table: SchemaTable): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const [path, kinds] of [...byPath(registry)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(kinds, table)}` };
  }
  return { paths };
}

function parameterObject({ name, in: place, type, description }: Parameter): JsonObject {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}

function content(types: readonly string[], schema: JsonObject): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function operationObject(operation: Operation, kind: KindDefinition, definitions: Definitions): JsonObject {
  const own = operation.other === undefined ? definitions.kind(kind) : definitions.type(operation.other);
  const names = { object: own, list: '', status: sharedTypes.status, text: '' };
  if (operation.answer === 'list') names.list = definitions.list(kind);
  const answer =
    operation.answer === 'text'
      ? content(['*/*'], { type: 'string' })
      : content(contentTypesOf(kind), definitions.reference(names[operation.answer]));
  const codes =
    operation.action === 'post'
      ? ['200', '201', '202']
      : operation.action === 'put' || operation.action === 'patch'
        ? ['200', '201']
        : ['200'];
  const responses: Record<string, JsonValue> = {};
  for (const code of codes) {
    responses[code] = { description: code === '200' ? 'OK' : code === '201' ? 'Created' : 'Accepted', content: answer };
  }
  responses['401'] = { description: 'Unauthorized' };
  return {
    description: operation.description,
    operationId: operation.operationId,
    tags: [`${kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? '')}_${kind.version}`],
    parameters: operation.parameters.map(parameterObject),
    ...(operation.body === undefined ? {} : { requestBody: bodyObject(operation.body, kind, own, definitions) }),
    responses,
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind':
      operation.other === undefined ? groupVersionKind(kind) : typeKind(operation.other),
  };
}

function bodyObject(
  body: NonNullable<Operation['body']>,
  kind: KindDefinition,
  own: string,
  definitions: Definitions,
): JsonObject {
  if (body === 'object') return { required: true, content: content(['*/*'], definitions.reference(own)) };
  if (body === 'patch')
    return { required: true, content: content(patchTypesOf(kind), definitions.reference(sharedTypes.patch)) };
  return { content: content(['*/*'], definitions.reference(openApiName('meta/v1.DeleteOptions'))) };
}

/** `autoscaling/v1.Scale` as group, version and kind. */
export function typeKind(typeName: string): JsonObject {
  const slash = typeName.indexOf('/');
  const dot = typeName.indexOf('.', slash + 1);
  return {
    group: slash < 0 ? '' : typeName.slice(0, slash),
    kind: typeName.slice(dot + 1),
    version: typeName.slice(slash + 1, dot),
  };
}

/** The document of one group and version, or undefined when nothing is served there. */
export function openapiV3Document(
  registry: Registry,
  table: SchemaTable,
  path: string,
  descriptions: Descriptions,
): JsonObject | undefined {
  const kinds = byPath(registry).get(path);
  if (!kinds) return undefined;
  const definitions = new Definitions(table, descriptions, 'v3', registry.all());
  definitions.addShared();
  const paths: Record<string, JsonObject> = {};
  for (const kind of kinds) {
    for (const item of pathItems(kind)) {
      const operations = item.operations.map(
        (operation) => [operation.method, operationObject(operation, kind, definitions)] as const,
      );
      paths[item.path] = { parameters: item.parameters.map(parameterObject), ...Object.fromEntries(operations) };
    }
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths,
    components: {
      schemas: definitions.all(),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          name: 'authorization',
          in: 'header',
          description: 'Bearer Token authentication',
        },
      },
    },
  };
}
