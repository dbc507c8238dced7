/** Versions of a custom resource that only a webhook knows how to convert: a real HTTPS server. */
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../../../src/shared/deep.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { openCertificates } from '../../../src/runtime/apiserver/certificates.ts';
import { fieldOf, listOf, recordOf, textOf } from '../../../src/runtime/apiserver/fields.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';

type Json = Readonly<Record<string, unknown>>;

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const v1 = '/apis/example.com/v1/namespaces/default/points';
const v2 = '/apis/example.com/v2/namespaces/default/points';

let server: TestServer;
let hook: Server;
/** How many objects each question was about. */
let asked: number[];
/** What the webhook answers instead of what it was asked for. */
let disturb: (response: Json) => Json;

/** v1 has `place: "3,4"`, v2 has `x` and `y`. */
function convert(object: Json, apiVersion: string): Json {
  const { place: _place, x: _x, y: _y, ...rest } = object;
  const [x, y] = textOf(object, 'place').split(',').map(Number);
  const fields = apiVersion.endsWith('v2') ? { x, y } : { place: `${String(object['x'])},${String(object['y'])}` };
  return { ...rest, apiVersion, ...fields };
}

function answer(review: unknown): Json {
  const request = recordOf(review, 'request');
  const objects = listOf(request, 'objects').filter(isRecord);
  asked.push(objects.length);
  const apiVersion = textOf(request, 'desiredAPIVersion');
  const convertedObjects = objects.map((object) => convert(object, apiVersion));
  const response = disturb({ uid: request['uid'], convertedObjects, result: { status: 'Success' } });
  return { kind: 'ConversionReview', apiVersion: fieldOf(review, 'apiVersion'), response };
}

beforeAll(async () => {
  server = await startTestServer();
  const { server: pair, authority } = await openCertificates({ serverNames: ['localhost'], clock: systemClock });
  hook = createServer({ key: pair.key, cert: pair.certificate }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(JSON.stringify(answer(JSON.parse(Buffer.concat(chunks).toString())))));
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', () => resolve()));
  const address = hook.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const schema = (properties: Json): Json => ({ openAPIV3Schema: { type: 'object', properties } });
  const definition = {
    metadata: { name: 'points.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'points', kind: 'Point' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: schema({ place: { type: 'string' } }) },
        {
          name: 'v2',
          served: true,
          storage: false,
          schema: schema({ x: { type: 'number' }, y: { type: 'number', maximum: 100 } }),
          additionalPrinterColumns: [{ name: 'X', type: 'number', jsonPath: '.x' }],
        },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1', 'v1beta1'],
          clientConfig: {
            url: `https://localhost:${port}/convert`,
            caBundle: Buffer.from(authority).toString('base64'),
          },
        },
      },
    },
  };
  expect((await server.send('POST', definitions, { body: definition })).status).toBe(201);
});
afterAll(async () => {
  hook.closeAllConnections();
  await new Promise((resolve) => hook.close(resolve));
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  disturb = (response) => response;
  await server.send('DELETE', v1);
  asked = [];
});

async function storeIn(version: 'v1' | 'v2'): Promise<void> {
  const headers = { 'content-type': 'application/json-patch+json' };
  const body = ['v1', 'v2'].map((name, index) => ({
    op: 'replace',
    path: `/spec/versions/${index}/storage`,
    value: name === version,
  }));
  expect((await server.send('PATCH', `${definitions}/points.example.com`, { body, headers })).status).toBe(200);
}

describe('conversion by a webhook', () => {
  it('writes and reads an object in each version', async () => {
    const created = await server.send('POST', v2, {
      body: { metadata: { name: 'a', labels: { l: '1' } }, x: 3, y: 4 },
    });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ apiVersion: 'example.com/v2', kind: 'Point', x: 3, y: 4 });
    const stored = await server.store.get('example.com/points/default/a');
    expect(stored?.value).toMatchObject({ apiVersion: 'example.com/v1', place: '3,4' });
    expect((await server.send('GET', `${v1}/a`)).json).toMatchObject({ apiVersion: 'example.com/v1', place: '3,4' });
    expect((await server.send('GET', `${v2}/a`)).json).toEqual(created.json);

    const headers = { 'content-type': 'application/merge-patch+json' };
    const patched = await server.send('PATCH', `${v2}/a`, { body: { x: 9 }, headers });
    expect(patched.json).toMatchObject({ x: 9, y: 4, metadata: { generation: 2, labels: { l: '1' } } });
    expect((await server.send('GET', `${v1}/a`)).json).toMatchObject({ place: '9,4' });
    expect((await server.send('DELETE', `${v2}/a`)).status).toBe(200);
  });

  it('validates in the version that was asked for', async () => {
    const { status, json } = await server.send('POST', v2, { body: { metadata: { name: 'a' }, x: 1, y: 101 } });
    expect(status).toBe(422);
    expect(textOf(json, 'message')).toContain('y: Invalid value: 101');
  });

  it('asks about a list at once, and about nothing twice', async () => {
    for (let x = 0; x < 20; x++)
      await server.send('POST', v1, { body: { metadata: { name: `p${x}` }, place: `${x},1` } });
    asked = [];
    const { json } = await server.send('GET', v2);
    expect(
      listOf(json, 'items')
        .map((item) => fieldOf(item, 'x'))
        .sort(),
    ).toHaveLength(20);
    await server.send('GET', v2);
    expect(asked).toEqual([20]);
    const table = await server.send('GET', v2, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
    expect(fieldOf(listOf(table.json, 'rows')[3], 'cells')).toEqual(['p11', 11]);
  });

  it('shows a list of what was stored in several versions', async () => {
    await server.send('POST', v1, { body: { metadata: { name: 'old' }, place: '1,2' } });
    await storeIn('v2');
    await server.send('POST', v2, { body: { metadata: { name: 'young' }, x: 5, y: 6 } });
    const places = listOf((await server.send('GET', v1)).json, 'items').map((item) => fieldOf(item, 'place'));
    expect(places).toEqual(['1,2', '5,6']);
    const xs = listOf((await server.send('GET', v2)).json, 'items').map((item) => fieldOf(item, 'x'));
    expect(xs).toEqual([1, 5]);
    await storeIn('v1');
  });

  it('tells watchers in their version', async () => {
    const { json } = await server.send('GET', v2);
    const from = textOf(recordOf(json, 'metadata'), 'resourceVersion');
    await server.send('POST', v1, { body: { metadata: { name: 'seen' }, place: '7,8' } });
    let text = '';
    // Nothing is missed from one watch to the next, and on a machine under load the first one may be over too soon.
    while (text === '') {
      ({ text } = await server.send('GET', `${v2}?watch=1&timeoutSeconds=1&resourceVersion=${from}`));
    }
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ type: 'ADDED', object: { x: 7, y: 8 } });
  });

  it.each<[string, (response: Json) => Json, RegExp]>([
    ['refuses', () => ({ result: { status: 'Failure', message: 'no such point' } }), /no such point/],
    ['answers something else', () => ({}), /expected response.uid/],
    ['loses objects', (response) => ({ ...response, convertedObjects: [] }), /returned 0 objects, expected 1/],
    [
      'does not convert',
      (response) => ({
        ...response,
        convertedObjects: [{ apiVersion: 'example.com/v1', kind: 'Point', metadata: {} }],
      }),
      /expected to be of version example.com\/v2/,
    ],
    [
      'renames',
      (response) => ({
        ...response,
        convertedObjects: [{ apiVersion: 'example.com/v2', kind: 'Point', metadata: { name: 'other' } }],
      }),
      /metadata.name may not be changed/,
    ],
  ])('says so when the webhook %s', async (_, change, message) => {
    await server.send('POST', v1, { body: { metadata: { name: 'a' }, place: '1,1' } });
    disturb = (response) => {
      const changed = change(response);
      return 'result' in changed && !('uid' in changed) ? { uid: response['uid'], ...changed } : changed;
    };
    const { status, json } = await server.send('GET', `${v2}/a`);
    expect(status).toBe(500);
    expect(textOf(json, 'message')).toMatch(
      /^(Internal error occurred: )?conversion webhook for example.com\/v1, Kind=Point failed: /,
    );
    expect(textOf(json, 'message')).toMatch(message);
    // Those who read what is stored need nobody.
    expect((await server.send('GET', `${v1}/a`)).status).toBe(200);
  });
});
