/** The OpenAPI 2 ("swagger") document of the whole server, for clients that do not find what they want in version 3. */
import type { JsonObject, JsonValue } from '../../../shared/deep.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { Registry } from '../../../types/registry.ts';
import type { SchemaTable } from '../../../types/schema.ts';
import { Definitions, groupVersionKind, type Descriptions } from './definitions.ts';
import { contentTypesOf, type Operation, type Parameter, patchTypesOf, pathItems } from './operations.ts';
import { sharedTypes } from './type-names.ts';
import { servedKinds, typeKind } from './v3.ts';

function parameterObject({ name, in: place, type, description }: Parameter): JsonObject {
  return { name, in: place, description, type, uniqueItems: true, ...(place === 'path' ? { required: true } : {}) };
}

function operationObject(operation: Operation, kind: KindDefinition, definitions: Definitions): JsonObject {
  const own = operation.other === undefined ? definitions.kind(kind) : definitions.type(operation.other);
  const answers = { object: own, status: sharedTypes.status, text: '' };
  const name = operation.answer === 'list' ? definitions.list(kind) : answers[operation.answer];
  const schema = name === '' ? { type: 'string' } : definitions.reference(name);
  const parameters: JsonObject[] = operation.parameters.map(parameterObject);
  if (operation.body !== undefined) {
    const body = { object: own, patch: sharedTypes.patch, 'delete-options': sharedTypes.deleteOptions }[operation.body];
    const required = operation.body === 'delete-options' ? {} : { required: true };
    parameters.unshift({ name: 'body', in: 'body', ...required, schema: definitions.reference(body) });
  }
  const created = operation.action === 'post' || operation.action === 'put' || operation.action === 'patch';
  const responses: Record<string, JsonValue> = {
    '200': { description: 'OK', schema },
    ...(created ? { '201': { description: 'Created', schema } } : {}),
    '401': { description: 'Unauthorized' },
  };
  return {
    description: operation.description,
    operationId: operation.operationId,
    tags: [`${kind.group === '' ? 'core' : (kind.group.split('.')[0] ?? '')}_${kind.version}`],
    schemes: ['https'],
    consumes: operation.body === 'patch' ? patchTypesOf(kind) : ['*/*'],
    produces: operation.answer === 'text' ? ['*/*'] : contentTypesOf(kind),
    parameters,
    responses,
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind':
      operation.other === undefined ? groupVersionKind(kind) : typeKind(operation.other),
  };
}

export function openapiV2Document(registry: Registry, table: SchemaTable, descriptions: Descriptions): JsonObject {
  const definitions = new Definitions(table, descriptions, 'v2', registry.all());
  definitions.addShared();
  const paths: Record<string, JsonObject> = {};
  for (const kind of servedKinds(registry)) {
    for (const item of pathItems(kind)) {
      const operations = item.operations.map(
        (operation) => [operation.method, operationObject(operation, kind, definitions)] as const,
      );
      paths[item.path] = { parameters: item.parameters.map(parameterObject), ...Object.fromEntries(operations) };
    }
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.0' },
    paths,
    definitions: definitions.all(),
    securityDefinitions: {
      BearerToken: { type: 'apiKey', name: 'authorization', in: 'header', description: 'Bearer Token authentication' },
    },
    security: [{ BearerToken: [] }],
  };
}
