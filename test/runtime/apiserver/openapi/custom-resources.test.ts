/** What OpenAPI says of custom resources: their schema in version 3, what version 2 can say of it there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../../../src/shared/deep.ts';
import { startTestServer } from '../../../support/api-server.ts';
import type { TestServer } from '../../../support/api-server.ts';

const preserve = { 'x-kubernetes-preserve-unknown-fields': true };
const inner = { type: 'object', properties: { a: { type: 'string' } } };

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server[Symbol.asyncDispose]());

let count = 0;

/** The published definition of a kind with this schema, without what every kind has. */
async function published(schema: object, version: 'v2' | 'v3'): Promise<unknown> {
  const plural = `things${++count}`;
  const kind = `Thing${count}`;
  const created = await server.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      metadata: { name: `${plural}.example.com` },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural, kind },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    },
  });
  expect(created.status, created.text).toBe(201);
  const path = version === 'v2' ? '/openapi/v2' : '/openapi/v3/apis/example.com/v1';
  const { json } = await server.send('GET', path);
  const { components } = json;
  const all = version === 'v2' ? json['definitions'] : isRecord(components) ? components['schemas'] : undefined;
  const definition = isRecord(all) ? all[`com.example.v1.${kind}`] : undefined;
  if (!isRecord(definition)) return definition;
  const { 'x-kubernetes-group-version-kind': _, properties, ...rest } = definition;
  if (!isRecord(properties)) return rest;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...own } = properties;
  return { ...rest, properties: own };
}

describe('OpenAPI of a custom resource', () => {
  it('is only an object in version 2 where everything is kept', async () => {
    const schema = { description: 'anything', ...preserve, ...inner };
    expect(await published(schema, 'v2')).toEqual({ type: 'object' });
    expect(await published(schema, 'v3')).toEqual(schema);
  });

  it('has no type in version 2 where fields are kept, and none where there may be null', async () => {
    const schema = {
      type: 'object',
      required: ['text', 'kept'],
      properties: {
        kept: { description: 'kept', ...preserve, ...inner },
        text: { type: 'string', nullable: true, maxLength: 3 },
        list: { type: 'array', nullable: true, items: { type: 'string' } },
        whole: { type: 'integer' },
        small: { type: 'integer', format: 'int32' },
      },
    };
    expect(await published(schema, 'v2')).toEqual({
      type: 'object',
      required: ['kept'],
      properties: {
        kept: { description: 'kept', ...preserve },
        text: { maxLength: 3 },
        list: {},
        whole: { type: 'integer' },
        small: { type: 'integer', format: 'int32' },
      },
    });
    expect(await published(schema, 'v3')).toEqual(schema);
  });

  it('tells what an embedded object has', async () => {
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: inner } };
    const schema = { type: 'object', properties: { template: embedded } };
    expect(await published(schema, 'v3')).toMatchObject({
      properties: {
        template: {
          required: ['kind', 'apiVersion'],
          properties: {
            apiVersion: { type: 'string' },
            metadata: { $ref: expect.stringMatching(/ObjectMeta$/) },
            spec: inner,
          },
        },
      },
    });
  });
});
