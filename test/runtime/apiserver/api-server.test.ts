import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, textOf } from '../../../src/runtime/apiserver/fields.ts';
import { masters, startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';

let server: TestServer;
const maps = '/api/v1/namespaces/default/configmaps';
const mapNamed = (name: string, more: object = {}): object => ({ metadata: { name }, data: { a: '1' }, ...more });

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.failures).toEqual([]);
});

describe('objects', () => {
  it('get an identity on creation, keep it, and go', async () => {
    const created = await server.send('POST', maps, { body: mapNamed('life') });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { namespace: 'default', uid: expect.any(String) },
    });
    expect(await server.send('POST', maps, { body: mapNamed('life') })).toMatchObject({
      status: 409,
      json: { reason: 'AlreadyExists', message: 'configmaps "life" already exists' },
    });
    const updated = await server.send('PUT', `${maps}/life`, { body: mapNamed('life', { data: { a: '2' } }) });
    expect(updated.json).toMatchObject({ data: { a: '2' } });
    const same = await server.send('PUT', `${maps}/life`, { body: mapNamed('life', { data: { a: '2' } }) });
    expect(same.json['metadata']).toEqual(updated.json['metadata']);
    expect(await server.send('DELETE', `${maps}/life`)).toMatchObject({
      status: 200,
      json: { kind: 'Status', status: 'Success' },
    });
    expect(await server.send('GET', `${maps}/life`)).toMatchObject({
      status: 404,
      json: { message: 'configmaps "life" not found', details: { name: 'life', kind: 'configmaps' } },
    });
  });

  it('refuse an update of an older state', async () => {
    const { json } = await server.send('POST', maps, { body: mapNamed('stale') });
    await server.send('PUT', `${maps}/stale`, { body: mapNamed('stale', { data: { a: '2' } }) });
    const refused = await server.send('PUT', `${maps}/stale`, { body: { ...json, data: { a: '3' } } });
    expect(refused).toMatchObject({
      status: 409,
      json: {
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "stale": the object has been modified; please apply your changes to the latest version and try again',
      },
    });
  });

  it('get a name of the alphabet that has no words', async () => {
    const { json } = await server.send('POST', maps, { body: { metadata: { generateName: 'gen-' } } });
    expect(json).toMatchObject({ metadata: { name: expect.stringMatching(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/) } });
  });

  it('are not stored by a dry run', async () => {
    expect((await server.send('POST', `${maps}?dryRun=All`, { body: mapNamed('dry') })).status).toBe(201);
    expect((await server.send('GET', `${maps}/dry`)).status).toBe(404);
  });

  it.each([
    ['application/json-patch+json', [{ op: 'replace', path: '/data/a', value: '9' }]],
    ['application/merge-patch+json', { data: { a: '9' } }],
    ['application/strategic-merge-patch+json', { data: { a: '9' } }],
    [
      'application/apply-patch+yaml',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { a: '9' } },
    ],
  ])('take a patch of type %s', async (type, patch) => {
    await server.send('DELETE', `${maps}/patched`);
    await server.send('POST', maps, { body: mapNamed('patched') });
    const answer = await server.send(
      'PATCH',
      `${maps}/patched?fieldManager=me${type.includes('apply') ? '&force=true' : ''}`,
      { body: patch, headers: { 'content-type': type } },
    );
    expect(answer).toMatchObject({ status: 200, json: { data: { a: '9' } } });
  });

  it('never lose a patch of many at once', async () => {
    await server.send('POST', maps, { body: mapNamed('crowd') });
    const patches = Array.from({ length: 12 }, (_, i) =>
      server.send('PATCH', `${maps}/crowd`, {
        body: { data: { [`k${i}`]: 'v' } },
        headers: { 'content-type': 'application/merge-patch+json' },
      }),
    );
    expect((await Promise.all(patches)).map((answer) => answer.status)).toEqual(patches.map(() => 200));
    const { json } = await server.send('GET', `${maps}/crowd`);
    expect(Object.keys(json['data'] ?? {})).toHaveLength(13);
  });

  it('wait for their finalizers', async () => {
    await server.send('POST', maps, { body: { metadata: { name: 'held', finalizers: ['example.com/x'] } } });
    expect(await server.send('DELETE', `${maps}/held`)).toMatchObject({
      json: { kind: 'ConfigMap', metadata: { deletionTimestamp: expect.any(String) } },
    });
    await server.send('PATCH', `${maps}/held`, {
      body: { metadata: { finalizers: null } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect((await server.send('GET', `${maps}/held`)).status).toBe(404);
  });

  it('need a namespace that exists', async () => {
    expect(await server.send('POST', '/api/v1/namespaces/absent/configmaps', { body: mapNamed('a') })).toMatchObject({
      status: 404,
      json: { message: 'namespaces "absent" not found' },
    });
  });

  it('say which fields are unknown, by what the client wants to hear', async () => {
    const body = mapNamed('unknown', { whoops: 1 });
    const strict = await server.send('POST', `${maps}?fieldValidation=Strict`, { body });
    expect(strict).toMatchObject({
      status: 400,
      json: {
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "whoops"',
      },
    });
    const warned = await server.send('POST', `${maps}?fieldValidation=Warn`, { body });
    expect(warned.status).toBe(201);
    expect(warned.headers['warning']).toContain('299 - "unknown field \\"whoops\\""');
    const twice = await server.send('POST', `${maps}?fieldValidation=Strict`, {
      raw: '{"metadata":{"name":"x"},"data":{"a":"1","a":"2"}}',
    });
    expect(twice.json['message']).toContain('duplicate field "data.a"');
  });

  it('complain in the order of the text, and of nothing that an unknown field holds', async () => {
    const strict = await server.send('POST', `${maps}?fieldValidation=Strict`, {
      raw: '{"u":{"x":1,"x":2},"metadata":{"name":"x","labels":{"a":"1","a":"2"}},"v":1,"v":2,"data":{"a":"1","a":"2"}}',
    });
    expect(strict.json['message']).toMatch(
      /strict decoding error: unknown field "u", duplicate field "metadata.labels.a", unknown field "v", duplicate field "data.a"$/,
    );
  });

  it('complain of patches and of YAML that say something twice', async () => {
    await server.send('POST', maps, { body: mapNamed('twice', {}) });
    const patched = async (
      type: string,
      raw: string,
      query = 'fieldValidation=Strict&fieldManager=t',
    ): Promise<unknown> => {
      const headers = { 'content-type': `application/${type}` };
      const answer = await server.send('PATCH', `${maps}/twice?${query}`, { raw, headers });
      return answer.status < 300 ? answer.json['data'] : answer.json['message'];
    };
    expect(await patched('merge-patch+json', '{"data":{"a":"1","a":"2"},"w":1}')).toContain(
      'strict decoding error: duplicate field "data.a", unknown field "w"',
    );
    const operation = '[{"op":"add","path":"/data","path":"/data","value":{"b":"1"},"f":1}]';
    expect(await patched('json-patch+json', operation)).toContain(
      'strict decoding error: json patch unknown field "[0].f", json patch duplicate field "[0].path"',
    );
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: twice\ndata:\n  c: one\n  c: two\n';
    expect(await patched('apply-patch+yaml', yaml)).toBe(
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "c" already set in map',
    );
    expect(await patched('apply-patch+yaml', yaml, 'fieldManager=t&fieldValidation=Ignore')).toMatchObject({
      c: 'two',
    });
    const posted = await server.send('POST', `${maps}?fieldValidation=Strict`, {
      raw: yaml,
      headers: { 'content-type': 'application/yaml' },
    });
    expect(posted.json['message']).toContain(
      'strict decoding error: yaml: unmarshal errors:\n  line 7: key "c" already set in map',
    );
  });
});

describe('lists', () => {
  it('come in pieces that fit together', async () => {
    for (const name of ['l1', 'l2', 'l3', 'l4', 'l5'])
      await server.send('POST', maps, { body: { metadata: { name, labels: { l: 'y' } } } });
    const first = await server.send('GET', `${maps}?labelSelector=l&limit=2`);
    const token = textOf(first.json, 'metadata', 'continue');
    await server.send('DELETE', `${maps}/l4`);
    const second = await server.send('GET', `${maps}?labelSelector=l&limit=10&continue=${token}`);
    const names = [first, second].flatMap(({ json }) =>
      listOf(json, 'items').map((item) => textOf(item, 'metadata', 'name')),
    );
    expect(names).toEqual(['l1', 'l2', 'l3', 'l4', 'l5']);
  });

  it('offer another token when the old one is too old', async () => {
    const { json } = await server.send('GET', `${maps}?limit=1`);
    const token = textOf(json, 'metadata', 'continue');
    await server.send('POST', maps, { body: mapNamed('later') });
    await server.store.compact(server.store.revision);
    const expired = await server.send('GET', `${maps}?limit=1&continue=${token}`);
    expect(expired).toMatchObject({
      status: 410,
      json: { reason: 'Expired', metadata: { continue: expect.any(String) } },
    });
    const fresh = textOf(expired.json, 'metadata', 'continue');
    expect((await server.send('GET', `${maps}?continue=${fresh}`)).status).toBe(200);
  });

  it('are tables for those who ask', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { json } = await server.send('GET', maps, { headers: { accept } });
    expect(json).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      rows: expect.arrayContaining([
        expect.objectContaining({
          cells: expect.any(Array),
          object: expect.objectContaining({ kind: 'PartialObjectMetadata' }),
        }),
      ]),
    });
  });
});

describe('questions', () => {
  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

  it('have no table, so that who takes nothing else goes without', async () => {
    const body = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
    const refused = await server.send('POST', reviews, { body, headers: { accept: table } });
    expect([refused.status, refused.json['reason']]).toEqual([406, 'NotAcceptable']);
    const accept = `${table},application/json`;
    const answered = await server.send('POST', reviews, { body, headers: { accept } });
    expect(answered).toMatchObject({ status: 201, json: { kind: 'SelfSubjectAccessReview' } });
  });
});

describe('watches', () => {
  async function eventsOf(
    query: string,
    act: () => Promise<unknown>,
    count: number,
  ): Promise<readonly { type: string; name: string | undefined }[]> {
    const stop = new AbortController();
    const answer = await server.api.dispatch({
      method: 'GET',
      path: maps,
      query: new URLSearchParams(query),
      user: masters,
      userAgent: 'test',
      contentType: '',
      body: undefined,
      signal: stop.signal,
    });
    if (!('events' in answer)) throw new Error('no watch');
    const seen: { type: string; name: string | undefined }[] = [];
    const iterator = answer.events[Symbol.asyncIterator]();
    const acting = act();
    while (seen.length < count) {
      const { value, done } = await iterator.next();
      if (done === true) break;
      seen.push({ type: value.type, name: value.object.metadata.name });
    }
    await acting;
    stop.abort();
    return seen;
  }

  it('tell of objects that enter and leave the selection', async () => {
    const label = (value: string | null): Promise<unknown> =>
      server.send('PATCH', `${maps}/moving`, {
        body: { metadata: { labels: { w: value } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    await server.send('POST', maps, { body: mapNamed('moving') });
    const act = async (): Promise<void> => {
      await label('on');
      await label('off');
    };
    expect(await eventsOf(`watch=1&labelSelector=w%3Don&resourceVersion=${server.store.revision}`, act, 2)).toEqual([
      { type: 'ADDED', name: 'moving' },
      { type: 'DELETED', name: 'moving' },
    ]);
  });

  it('mark the end of what was there already', async () => {
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dl1';
    expect(await eventsOf(query, () => Promise.resolve(), 2)).toEqual([
      { type: 'ADDED', name: 'l1' },
      { type: 'BOOKMARK', name: undefined },
    ]);
  });

  it('say so when the past is forgotten', async () => {
    await server.store.compact(server.store.revision);
    expect(await eventsOf('watch=1&resourceVersion=1', () => Promise.resolve(), 1)).toMatchObject([{ type: 'ERROR' }]);
  });
});

describe('Services', () => {
  const services = '/api/v1/namespaces/default/services';

  it('get addresses and node ports that nobody else has', async () => {
    const spec = { type: 'NodePort', ports: [{ port: 80, nodePort: 30100 }] };
    const { json } = await server.send('POST', services, { body: { metadata: { name: 's1' }, spec } });
    expect(json).toMatchObject({ spec: { clusterIP: expect.stringMatching(/^10\.96\./) } });
    expect(await server.send('POST', services, { body: { metadata: { name: 's2' }, spec } })).toMatchObject({
      status: 422,
      json: {
        message: expect.stringContaining(
          'spec.ports[0].nodePort: Invalid value: 30100: provided port is already allocated',
        ),
      },
    });
  });
});

describe('who is calling', () => {
  it('may do what the roles allow', async () => {
    const jane = await server.certificates.client('jane', ['devs']);
    expect(await server.send('GET', maps, { identity: jane })).toMatchObject({
      status: 403,
      json: {
        message:
          'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"',
      },
    });
    expect((await server.send('GET', maps, { identity: 'anonymous' })).json['message']).toContain(
      'User "system:anonymous"',
    );
    expect(
      (await server.send('GET', maps, { identity: 'anonymous', headers: { authorization: 'Bearer nonsense' } })).status,
    ).toBe(401);
  });

  it('may list and watch the one object that a role names', async () => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const rules = [{ verbs: ['list', 'watch'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'one-map' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'joan' }];
    await server.send('POST', `${rbac}/roles`, { body: { metadata: { name: 'one-map' }, rules } });
    await server.send('POST', `${rbac}/rolebindings`, { body: { metadata: { name: 'one-map' }, roleRef, subjects } });
    const joan = await server.certificates.client('joan', []);
    const listing = (selector: string) =>
      server.send('GET', `${maps}?fieldSelector=${encodeURIComponent(selector)}`, { identity: joan });
    expect(await listing('metadata.name=mine')).toMatchObject({ status: 200 });
    expect(await listing('metadata.name=other')).toMatchObject({
      status: 403,
      json: { message: expect.stringContaining('configmaps "other" is forbidden') },
    });
    for (const selector of ['metadata.name!=mine', '', '=,!'])
      expect((await listing(selector)).status, selector).toBe(403);
  });

  it('may be a service account with a token', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const { json } = await server.send('POST', path, { body: { spec: { audiences: [] } } });
    const token = textOf(json, 'status', 'token');
    const answer = await server.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      body: { spec: { token } },
    });
    expect(answer.json).toMatchObject({
      status: { authenticated: true, user: { username: 'system:serviceaccount:default:default' } },
    });
    expect(
      (await server.send('GET', maps, { identity: 'anonymous', headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(403);
  });
});

describe('bad input', () => {
  it('a body of 100 MB is refused without being kept', async () => {
    const answer = await server.send('POST', maps, { raw: Buffer.alloc(100 * 1024 * 1024, 0x20) });
    expect(answer).toMatchObject({ status: 413, json: { reason: 'RequestEntityTooLarge' } });
  });

  it('garbage on the port hurts nobody', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(Buffer.from('\0\xff\x16garbage\r\n\r\n', 'latin1')),
      );
      socket.on('error', () => undefined);
      socket.on('data', () => socket.destroy());
      socket.once('close', () => resolve());
    });
    expect((await server.send('GET', '/readyz')).text).toBe('ok');
  });

  it.each([
    ['{', 'unexpected end of JSON input'],
    ['[]', 'cannot unmarshal array'],
    ['{"metadata":5}', 'cannot unmarshal number'],
  ])('%s is no object', async (raw, text) => {
    const answer = await server.send('POST', maps, { raw });
    expect(answer.status).toBe(400);
    expect(answer.json['message']).toContain(text);
  });

  it.each([
    ['GET', '/apis/none.example.com', 404],
    ['GET', '/api/v1/namespaces/default/whoops', 404],
    ['PATCH', maps, 405],
    ['POST', `${maps}/x`, 405],
  ])('%s %s is %i', async (method, path, status) => {
    expect((await server.send(method, path, { body: {} })).status).toBe(status);
  });
});
