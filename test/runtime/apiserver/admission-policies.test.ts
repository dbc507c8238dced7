/** Admission policies: what they see, whom they stop and what they say. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listOf, textOf } from '../../../src/runtime/apiserver/fields.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { Reply, TestServer } from '../../support/api-server.ts';

const root = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.failures).toEqual([]);
});
beforeEach(async () => {
  for (const kind of [
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
    'mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
  ]) {
    await server.send('DELETE', `${root}/${kind}`);
  }
  await server.send('DELETE', configMaps);
});

const rule = (resource: string, operations: readonly string[] = ['CREATE', 'UPDATE']) => ({
  apiGroups: ['*'],
  apiVersions: ['*'],
  operations,
  resources: [resource],
});

async function policy(spec: object, binding: object = {}): Promise<void> {
  const created = await server.send('POST', `${root}/validatingadmissionpolicies`, {
    body: {
      metadata: { name: 'rules' },
      spec: { matchConstraints: { resourceRules: [rule('configmaps')] }, ...spec },
    },
  });
  expect(textOf(created.json, 'message')).toBe('');
  const bound = await server.send('POST', `${root}/validatingadmissionpolicybindings`, {
    body: { metadata: { name: 'everywhere' }, spec: { policyName: 'rules', validationActions: ['Deny'], ...binding } },
  });
  expect(textOf(bound.json, 'message')).toBe('');
}

function create(name: string, data: object, labels: object = {}): Promise<Reply> {
  return server.send('POST', configMaps, { body: { metadata: { name, labels }, data } });
}

describe('a validating admission policy', () => {
  it('denies with its message, reason and code', async () => {
    await policy({
      variables: [
        { name: 'size', expression: 'size(object.data)' },
        { name: 'twice', expression: 'variables.size * 2' },
      ],
      validations: [
        {
          expression: 'variables.twice <= 2',
          messageExpression: '"%d keys are too many for %s".format([variables.size, request.name])',
          reason: 'Forbidden',
        },
      ],
    });
    expect((await create('small', { a: '1' })).status).toBe(201);
    const { status, json } = await create('big', { a: '1', b: '2' });
    expect(status).toBe(403);
    expect(json).toMatchObject({
      reason: 'Forbidden',
      message:
        "configmaps \"big\" is forbidden: ValidatingAdmissionPolicy 'rules' with binding 'everywhere' denied request: 2 keys are too many for big",
    });
  });

  it('answers 422 by default, and names the expression without a message', async () => {
    await policy({ validations: [{ expression: "'a' in object.data" }] });
    const { status, json } = await create('none', { b: '1' });
    expect(status).toBe(422);
    expect(textOf(json, 'message')).toContain("denied request: failed expression: 'a' in object.data");
  });

  it('warns where it is only to warn', async () => {
    await policy(
      { validations: [{ expression: 'false', message: 'think again' }] },
      { validationActions: ['Warn', 'Audit'] },
    );
    const { status, headers } = await create('warned', {});
    expect(status).toBe(201);
    expect(headers['warning']).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'rules' with binding 'everywhere': think again",
    );
  });

  it('sees the old object, the namespace, who asks and what they may', async () => {
    await policy({
      validations: [
        { expression: 'oldObject == null || object.data.a == oldObject.data.a', message: 'a is fixed' },
        { expression: "namespaceObject.metadata.name == 'default'" },
        {
          expression: "request.userInfo.username == 'kubernetes-admin' && 'system:masters' in request.userInfo.groups",
        },
        { expression: "authorizer.group('').resource('pods').namespace('default').check('delete').allowed()" },
        {
          expression:
            "!authorizer.serviceAccount('default', 'default').group('').resource('pods').check('delete').allowed()",
        },
        { expression: "authorizer.requestResource.check('update').allowed()" },
        { expression: "request.kind.kind == 'ConfigMap' && request.operation in ['CREATE', 'UPDATE']" },
      ],
    });
    expect((await create('seen', { a: '1' })).json).toMatchObject({ data: { a: '1' } });
    const changed = await server.send('PUT', `${configMaps}/seen`, {
      body: { metadata: { name: 'seen' }, data: { a: '2' } },
    });
    expect(textOf(changed.json, 'message')).toContain('a is fixed');
  });

  it('matches by operation, selector, exclusion and condition', async () => {
    await policy({
      matchConstraints: {
        resourceRules: [rule('*', ['DELETE', 'CREATE'])],
        excludeResourceRules: [rule('configmaps', ['DELETE'])],
        objectSelector: { matchLabels: { strict: 'yes' } },
      },
      matchConditions: [{ name: 'not-for-free', expression: "!has(object.data) || !('free' in object.data)" }],
      validations: [{ expression: 'false' }],
    });
    expect((await create('plain', {})).status).toBe(201);
    expect((await create('free', { free: '1' }, { strict: 'yes' })).status).toBe(201);
    expect((await create('strict', { a: '1' }, { strict: 'yes' })).status).toBe(422);
    expect((await server.send('DELETE', `${configMaps}/free`)).status).toBe(200);
  });

  it('fails closed or open, as it says', async () => {
    const validations = [{ expression: "object.data.missing == 'x'" }];
    await policy({ validations });
    const { status, json } = await create('closed', {});
    expect(status).toBe(422);
    expect(textOf(json, 'message')).toMatch(/resulted in error: no such key: (data|missing)/);
    const fetched = await server.send('GET', `${root}/validatingadmissionpolicies/rules`);
    await server.send('PUT', `${root}/validatingadmissionpolicies/rules`, {
      body: {
        ...fetched.json,
        spec: { matchConstraints: { resourceRules: [rule('configmaps')] }, validations, failurePolicy: 'Ignore' },
      },
    });
    expect((await create('open', {})).status).toBe(201);
  });

  it('takes parameters by name or by label, and tells when there are none', async () => {
    await server.send('POST', configMaps, { body: { metadata: { name: 'limits' }, data: { most: '1' } } });
    await policy(
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConditions: [{ name: 'others', expression: "object.metadata.name != 'limits'" }],
        validations: [{ expression: 'size(object.data) <= int(params.data.most)', message: 'over the limit' }],
      },
      { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } },
    );
    expect((await create('one', { a: '1' })).status).toBe(201);
    expect(textOf((await create('two', { a: '1', b: '2' })).json, 'message')).toContain('over the limit');
    await server.send('DELETE', `${configMaps}/limits`);
    expect(textOf((await create('three', { a: '1' })).json, 'message')).toContain('no params found for policy binding');
  });

  it('is itself refused when its expressions cannot be read', async () => {
    const { status, json } = await server.send('POST', `${root}/validatingadmissionpolicies`, {
      body: {
        metadata: { name: 'broken' },
        spec: {
          matchConstraints: { resourceRules: [rule('configmaps')] },
          validations: [{ expression: 'object.x ==' }, { expression: 'unknown.x' }, { expression: '"text"' }],
        },
      },
    });
    expect(status).toBe(422);
    expect(listOf(json, 'details', 'causes').map((cause) => textOf(cause, 'field'))).toEqual([
      'spec.validations[0].expression',
      'spec.validations[1].expression',
      'spec.validations[2].expression',
    ]);
    expect(textOf(json, 'message')).toContain("undeclared reference to 'unknown'");
    expect(textOf(json, 'message')).toContain('must evaluate to bool');
  });
});

describe('a mutating admission policy', () => {
  const pods = '/api/v1/namespaces/default/pods';
  const mutate = async (spec: object, binding: object = {}): Promise<void> => {
    const created = await server.send('POST', `${root}/mutatingadmissionpolicies`, {
      body: {
        metadata: { name: 'changes' },
        spec: { matchConstraints: { resourceRules: [rule('pods', ['CREATE'])] }, reinvocationPolicy: 'Never', ...spec },
      },
    });
    expect(textOf(created.json, 'message')).toBe('');
    const bound = await server.send('POST', `${root}/mutatingadmissionpolicybindings`, {
      body: { metadata: { name: 'everywhere' }, spec: { policyName: 'changes', ...binding } },
    });
    expect(textOf(bound.json, 'message')).toBe('');
  };
  const pod = (query = '?dryRun=All'): Promise<Reply> =>
    server.send('POST', `${pods}${query}`, {
      body: {
        metadata: { name: 'p', labels: { app: 'web' } },
        spec: { containers: [{ name: 'main', image: 'a:1' }] },
      },
    });

  it('merges what it makes, as server-side apply does', async () => {
    await mutate({
      variables: [{ name: 'image', expression: 'object.spec.containers[0].image' }],
      matchConditions: [{ name: 'web', expression: "object.metadata.labels['app'] == 'web'" }],
      mutations: [
        {
          patchType: 'ApplyConfiguration',
          applyConfiguration: {
            expression: `Object{
              metadata: Object.metadata{labels: {"team": "a", "of": namespaceObject.metadata.name}},
              spec: Object.spec{
                initContainers: [Object.spec.initContainers{name: "first", image: variables.image}],
                containers: [Object.spec.containers{name: "main", imagePullPolicy: "Always"}],
              },
            }`,
          },
        },
      ],
    });
    const { json } = await pod();
    expect(json).toMatchObject({
      metadata: { labels: { app: 'web', team: 'a', of: 'default' } },
      spec: {
        containers: [{ name: 'main', image: 'a:1', imagePullPolicy: 'Always' }],
        initContainers: [{ name: 'first', image: 'a:1' }],
      },
    });
  });

  it('patches, one change after the other', async () => {
    const jsonPatch = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
    await mutate({
      mutations: [
        jsonPatch(`[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "1"}]`),
        jsonPatch(`has(object.metadata.labels) && "a/b" in object.metadata.labels
          ? [JSONPatch{op: "add", path: "/metadata/annotations", value: Object.metadata.annotations{seen: "yes"}}]
          : []`),
      ],
    });
    expect((await pod()).json).toMatchObject({
      metadata: { labels: { app: 'web', 'a/b': '1' }, annotations: { seen: 'yes' } },
    });
  });

  it('that cannot be followed stops the request', async () => {
    const expression = 'Object{spec: Object.spec{nonsense: 1}}';
    await mutate({ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }] });
    const { status, json } = await pod();
    expect(status).toBe(422);
    expect(textOf(json, 'message')).toMatch(
      /policy 'changes' with binding 'everywhere' denied request: .*spec\.nonsense/,
    );
  });

  it('is refused when its expression cannot be read', async () => {
    const applyConfiguration = { expression: 'Object{spec: Object.spec{a: }}' };
    const { status, json } = await server.send('POST', `${root}/mutatingadmissionpolicies`, {
      body: {
        metadata: { name: 'broken' },
        spec: {
          matchConstraints: { resourceRules: [rule('pods', ['CREATE'])] },
          reinvocationPolicy: 'Never',
          mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration }],
        },
      },
    });
    expect(status).toBe(422);
    expect(textOf(json, 'message')).toContain('spec.mutations[0].applyConfiguration.expression: Invalid value');
  });
});
