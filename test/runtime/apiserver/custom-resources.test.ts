/** Custom resources as clients see them: real HTTPS, real kubectl. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldOf, listOf, textOf } from '../../../src/runtime/apiserver/fields.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { Reply, TestServer } from '../../support/api-server.ts';
import { Kubectl } from '../../support/kubectl.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['gadgets'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        selectableFields: [{ jsonPath: '.spec.color' }],
        additionalPrinterColumns: [
          { name: 'Color', type: 'string', jsonPath: '.spec.color', description: 'What it looks like' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
          { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1 },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'Widget turns round.',
            properties: {
              spec: {
                type: 'object',
                description: 'What is wanted of the widget.',
                required: ['color'],
                properties: {
                  color: { type: 'string', description: 'The paint.', enum: ['red', 'green', 'blue'] },
                  replicas: { type: 'integer', default: 1, minimum: 0 },
                  maxReplicas: { type: 'integer', default: 5 },
                  port: { 'x-kubernetes-int-or-string': true },
                  note: { type: 'string', nullable: true },
                  serial: {
                    type: 'string',
                    'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'serial is immutable' }],
                  },
                  tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  parts: {
                    type: 'array',
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, size: { type: 'integer' } },
                    },
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                  },
                  anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
                'x-kubernetes-validations': [
                  {
                    rule: 'self.replicas <= self.maxReplicas',
                    messageExpression: '"%d replicas are more than %d".format([self.replicas, self.maxReplicas])',
                    fieldPath: '.replicas',
                    reason: 'FieldValueForbidden',
                  },
                ],
              },
              status: {
                type: 'object',
                properties: {
                  replicas: { type: 'integer' },
                  conditions: {
                    type: 'array',
                    items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  },
                },
              },
            },
          },
        },
      },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        deprecated: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
      {
        name: 'v1alpha1',
        served: false,
        storage: false,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';

let server: TestServer;
let folder: string;
let cli: Kubectl;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-custom-'));
  server = await startTestServer();
  await server.writeKubeconfig(join(folder, 'config'));
  cli = new Kubectl(join(folder, 'config'));
  const created = await server.send('POST', definitions, { body: definition });
  expect(created.status).toBe(201);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
  expect(server.failures).toEqual([]);
});

function kubectl(args: string, input = ''): Promise<string> {
  return cli.ok(args, { input, env: { HOME: folder } });
}

function refused(args: string, input = ''): Promise<string> {
  return cli.refused(args, { input, env: { HOME: folder } });
}

const widget = (name: string, spec: object, more: object = {}): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
  ...more,
});

function create(name: string, spec: object, more: object = {}): Promise<Reply> {
  return server.send('POST', widgets, { body: widget(name, spec, more) });
}

function change(name: string, type: string, body: unknown, query = ''): Promise<Reply> {
  return server.send('PATCH', `${widgets}/${name}${query}`, {
    raw: JSON.stringify(body),
    headers: { 'content-type': `application/${type}` },
  });
}

function causes({ json }: Reply): readonly string[] {
  return listOf(json, 'details', 'causes').map(
    (cause) => `${textOf(cause, 'reason')} ${textOf(cause, 'field')}: ${textOf(cause, 'message')}`,
  );
}

describe('a definition', () => {
  it('is established with its names accepted', async () => {
    const { json } = await server.send('GET', `${definitions}/widgets.example.com`);
    expect(fieldOf(json, 'status', 'acceptedNames')).toEqual({
      plural: 'widgets',
      singular: 'widget',
      shortNames: ['wd'],
      kind: 'Widget',
      listKind: 'WidgetList',
      categories: ['gadgets'],
    });
    expect(
      listOf(json, 'status', 'conditions').map((each) => `${textOf(each, 'type')}=${textOf(each, 'status')}`),
    ).toEqual(['NamesAccepted=True', 'Established=True']);
    expect(listOf(json, 'status', 'storedVersions')).toEqual(['v1']);
    expect(await kubectl('wait --for condition=established crd/widgets.example.com')).toContain('condition met');
  });

  it('appears in discovery, each served version', async () => {
    const { json } = await server.send('GET', '/apis/example.com');
    expect(listOf(json, 'versions').map((version) => textOf(version, 'version'))).toEqual(['v1', 'v1beta1']);
    const list = await server.send('GET', '/apis/example.com/v1');
    expect(listOf(list.json, 'resources').map((resource) => textOf(resource, 'name'))).toEqual([
      'widgets',
      'widgets/scale',
      'widgets/status',
    ]);
    expect((await server.send('GET', '/apis/example.com/v1alpha1/widgets')).status).toBe(404);
    expect(await kubectl('api-resources --api-group=example.com -o name')).toBe('widgets.example.com');
  });

  it('is explained', async () => {
    expect(await kubectl('explain widget.spec.color')).toContain('The paint.');
    expect(await kubectl('explain wd')).toMatch(/Widget turns round\.[\s\S]*spec\s+<Object>\s+What is wanted/);
  });

  it('waits for names that another has, and gets them when that goes', async () => {
    const rival = (plural: string) => ({
      ...definition,
      metadata: { name: `${plural}.example.com` },
      spec: { ...definition.spec, names: { plural, kind: 'Gizmo', shortNames: ['gz'] } },
    });
    expect((await server.send('POST', definitions, { body: rival('gizmos') })).status).toBe(201);
    const { json } = await server.send('POST', definitions, { body: rival('gizmoes') });
    const condition = (reply: unknown, type: string): unknown =>
      listOf(reply, 'status', 'conditions').find((each) => textOf(each, 'type') === type);
    expect(condition(json, 'NamesAccepted')).toMatchObject({
      status: 'False',
      reason: 'ListKindConflict',
      message: '"GizmoList" is already in use',
    });
    expect(condition(json, 'Established')).toMatchObject({ status: 'False', reason: 'NotAccepted' });
    expect((await server.send('GET', '/apis/example.com/v1/gizmoes')).status).toBe(404);
    await kubectl('delete crd gizmos.example.com');
    await kubectl('wait --for condition=established crd/gizmoes.example.com');
    expect((await server.send('GET', '/apis/example.com/v1/gizmoes')).status).toBe(200);
    await kubectl('delete crd gizmoes.example.com');
    expect((await server.send('GET', '/apis/example.com/v1/gizmoes')).status).toBe(404);
  });
});

describe('an object', () => {
  it('gets defaults, and loses what its schema does not know', async () => {
    const { json, status } = await create(
      'plain',
      { color: 'red', nonsense: 1, anything: { goes: 1 }, note: null },
      {
        status: { replicas: 7 },
      },
    );
    expect(status).toBe(201);
    expect(json['spec']).toEqual({ color: 'red', replicas: 1, maxReplicas: 5, anything: { goes: 1 }, note: null });
    expect(json['status']).toBeUndefined();
    expect(fieldOf(json, 'metadata', 'generation')).toBe(1);
  });

  it('is refused by its schema', async () => {
    const reply = await create('bad', { color: 'pink', replicas: -1, tags: ['a', 'a'], parts: [{ size: 'x' }] });
    expect(reply.status).toBe(422);
    expect(causes(reply)).toEqual([
      'FieldValueNotSupported spec.color: Unsupported value: "pink": supported values: "red", "green", "blue"',
      'FieldValueInvalid spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0',
      'FieldValueDuplicate spec.tags[1]: Duplicate value: "a"',
      'FieldValueRequired spec.parts[0].name: Required value',
      'FieldValueTypeInvalid spec.parts[0].size: Invalid value: "string": spec.parts[0].size in body must be of type integer: "string"',
      'FieldValueInvalid <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      'FieldValueInvalid .spec.replicas: Invalid value: -1: should be a non-negative integer',
    ]);
  });

  it('is refused by the rules in its schema', async () => {
    const reply = await create('many', { color: 'red', replicas: 9 });
    expect(causes(reply)).toEqual(['FieldValueForbidden spec.replicas: Forbidden: 9 replicas are more than 5']);
    expect((await create('serial', { color: 'red', serial: 'a' })).status).toBe(201);
    const changed = await change('serial', 'merge-patch+json', { spec: { serial: 'b' } });
    expect(causes(changed)).toEqual(['FieldValueInvalid spec.serial: Invalid value: "string": serial is immutable']);
    expect((await change('serial', 'merge-patch+json', { spec: { serial: null } })).status).toBe(200);
  });

  it('warns of unknown fields, or refuses them', async () => {
    const body = widget('strict', { color: 'red', nonsense: 1 });
    const warned = await server.send('POST', `${widgets}?fieldValidation=Warn&dryRun=All`, { body });
    expect(warned.headers['warning']).toContain('unknown field \\"spec.nonsense\\"');
    const strict = await server.send('POST', `${widgets}?fieldValidation=Strict`, { body });
    expect(strict.status).toBe(400);
    expect(textOf(strict.json, 'message')).toContain('strict decoding error: unknown field "spec.nonsense"');
  });

  it('has a generation that follows the specification, and a status of its own', async () => {
    await create('generations', { color: 'red' });
    const generation = (reply: Reply): unknown => fieldOf(reply.json, 'metadata', 'generation');
    expect(generation(await change('generations', 'merge-patch+json', { metadata: { labels: { a: 'b' } } }))).toBe(1);
    expect(generation(await change('generations', 'merge-patch+json', { spec: { color: 'blue' } }))).toBe(2);
    const status = { metadata: { labels: { a: 'c' } }, spec: { color: 'green' }, status: { replicas: 3 } };
    const written = await server.send('PATCH', `${widgets}/generations/status`, {
      raw: JSON.stringify(status),
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(generation(written)).toBe(2);
    expect(written.json).toMatchObject({
      metadata: { labels: { a: 'b' } },
      spec: { color: 'blue' },
      status: { replicas: 3 },
    });
    const ignored = await change('generations', 'merge-patch+json', { status: { replicas: 4 } });
    expect(ignored.json['status']).toEqual({ replicas: 3 });
  });

  it('is patched in every way but strategically', async () => {
    await create('patched', { color: 'red', parts: [{ name: 'a', size: 1 }] });
    const json = await change('patched', 'json-patch+json', [{ op: 'replace', path: '/spec/color', value: 'blue' }]);
    expect(fieldOf(json.json, 'spec', 'color')).toBe('blue');
    const refusal = await change('patched', 'strategic-merge-patch+json', { spec: {} });
    expect(refusal.status).toBe(415);
    const apply = (manager: string, spec: object, query = ''): Promise<Reply> =>
      change('patched', 'apply-patch+yaml', widget('patched', spec), `?fieldManager=${manager}${query}`);
    const one = await apply('one', { color: 'blue', parts: [{ name: 'b', size: 2 }] });
    expect(fieldOf(one.json, 'spec', 'parts')).toEqual([
      { name: 'a', size: 1 },
      { name: 'b', size: 2 },
    ]);
    const two = await apply('two', { parts: [{ name: 'b', size: 3 }] });
    expect(two.status).toBe(409);
    expect(textOf(two.json, 'message')).toContain('.spec.parts[name="b"].size');
    expect((await apply('two', { color: 'blue', parts: [{ name: 'b', size: 3 }] }, '&force=true')).status).toBe(200);
  });

  it('is scaled', async () => {
    await create('scaled', { color: 'red' });
    expect(await kubectl('scale widget/scaled --replicas 4')).toContain('scaled');
    expect(await kubectl('get widget scaled -o jsonpath={.spec.replicas}')).toBe('4');
    expect(await refused('scale widget/scaled --replicas 40')).toContain('40 replicas are more than 5');
  });

  it('is shown in its version, with a warning where that is deprecated', async () => {
    await create('versions', { color: 'green' });
    const reply = await server.send('GET', '/apis/example.com/v1beta1/namespaces/default/widgets/versions');
    expect(reply.json).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { color: 'green' } });
    expect(reply.headers['warning']).toContain('example.com/v1beta1 Widget is deprecated');
  });
});

describe('kubectl', () => {
  it('lists, selects, watches and deletes', async () => {
    await create('kubectl-a', { color: 'green' });
    await create('kubectl-b', { color: 'blue' });
    const table = await kubectl('get wd --field-selector spec.color=green,metadata.name=kubectl-a');
    expect(table.split('\n').map((line) => line.split(/\s+/).slice(0, 3))).toEqual([
      ['NAME', 'COLOR', 'REPLICAS'],
      ['kubectl-a', 'green', '1'],
    ]);
    expect(await kubectl('get gadgets -o name')).toContain('widget.example.com/kubectl-b');
    expect(await refused('get wd --field-selector spec.replicas=1')).toContain(
      'field label not supported: spec.replicas',
    );
    {
      await using following = cli.follow('get widgets kubectl-b --watch -o name');
      await following.line(/kubectl-b/);
      expect(await kubectl('delete widget kubectl-b')).toContain('deleted');
    }
    expect(await kubectl('label wd kubectl-a gone=yes')).toContain('labeled');
    expect(await kubectl('delete wd -l gone=yes')).toContain('"kubectl-a" deleted');
  });

  it.each(['', ' --server-side'])('applies%s again and again', async (way) => {
    const manifest = `apiVersion: example.com/v1
kind: Widget
metadata: { name: applied${way.trim()} }
spec: { color: red, tags: [a] }
`;
    expect(await kubectl(`apply${way} -f -`, manifest)).toMatch(/created|serverside-applied/);
    expect(await kubectl(`apply${way} -f -`, manifest)).toMatch(/unchanged|serverside-applied/);
    expect(await kubectl(`apply${way} -f -`, manifest.replace('red', 'blue'))).toMatch(/configured|serverside-applied/);
    expect(await refused(`apply${way} -f -`, manifest.replace('red', 'pink'))).toContain(
      'spec.color: Unsupported value',
    );
    expect(await refused(`apply${way} -f -`, manifest.replace('tags', 'togs'))).toMatch(/togs/);
  });
});

describe('a definition that changes', () => {
  const spec = (versions: readonly object[]): object => ({
    ...definition,
    metadata: { name: 'shapes.example.com' },
    spec: { ...definition.spec, names: { plural: 'shapes', kind: 'Shape' }, versions },
  });
  const version = (name: string, storage: boolean, properties: object): object => ({
    name,
    storage,
    served: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
  });
  const put = async (versions: readonly object[]): Promise<Reply> => {
    const { json } = await server.send('GET', `${definitions}/shapes.example.com`);
    const resourceVersion = textOf(json, 'metadata', 'resourceVersion');
    const body = { ...spec(versions), metadata: { name: 'shapes.example.com', resourceVersion } };
    return server.send('PUT', `${definitions}/shapes.example.com`, { body });
  };
  const shapes = (name: string): string => `/apis/example.com/${name}/namespaces/default/shapes`;
  const shape = (sides: unknown): object => ({ metadata: { name: 'a' }, spec: { sides } });

  it('is served as it is from then on', async () => {
    await server.send('POST', definitions, { body: spec([version('v1', true, { sides: { type: 'integer' } })]) });
    expect((await server.send('POST', shapes('v1'), { body: shape(40) })).status).toBe(201);
    await put([version('v1', true, { sides: { type: 'integer', maximum: 9 }, name: { type: 'string' } })]);
    const reply = await server.send('POST', shapes('v1'), { body: { ...shape(10), metadata: { name: 'b' } } });
    expect(causes(reply)).toEqual([
      'FieldValueInvalid spec.sides: Invalid value: 10: spec.sides in body should be less than or equal to 9',
    ]);
    const patch = (body: object): Promise<Reply> =>
      server.send('PATCH', `${shapes('v1')}/a`, {
        raw: JSON.stringify(body),
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    // What was wrong already and stays the same is let be.
    expect((await patch({ spec: { name: 'many' } })).status).toBe(200);
    expect((await patch({ spec: { sides: 41 } })).status).toBe(422);
  });

  it('remembers in which versions objects are stored', async () => {
    const { json, status } = await put([
      version('v1', false, { sides: { type: 'integer' } }),
      version('v2', true, { sides: { type: 'integer' }, filled: { type: 'boolean', default: true } }),
    ]);
    expect(status).toBe(200);
    expect(listOf(json, 'status', 'storedVersions')).toEqual(['v1', 'v2']);
    const two = await server.send('GET', `${shapes('v2')}/a`);
    expect(two.json).toMatchObject({ apiVersion: 'example.com/v2', spec: { sides: 40, filled: true } });
    const gone = await put([version('v2', true, { sides: { type: 'integer' } })]);
    expect(causes(gone)[0]).toContain('FieldValueInvalid status.storedVersions[0]: Invalid value: "v1"');
  });

  it('takes its objects along when it goes, those with finalizers when they let go', async () => {
    await server.send('POST', shapes('v2'), {
      body: { metadata: { name: 'held', finalizers: ['example.com/hold'] }, spec: { sides: 3 } },
    });
    const deleted = await server.send('DELETE', `${definitions}/shapes.example.com`);
    expect(deleted.json).toMatchObject({
      metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
    });
    const create = await server.send('POST', shapes('v2'), { body: { metadata: { name: 'late' }, spec: {} } });
    expect(create.status).toBe(405);
    await kubectl('wait --for=delete shape/a');
    expect((await server.send('GET', `${shapes('v2')}/held`)).status).toBe(200);
    await kubectl('patch shape held --type=json -p [{"op":"remove","path":"/metadata/finalizers"}]');
    await kubectl('wait --for=delete crd/shapes.example.com');
    expect((await server.send('GET', shapes('v2'))).status).toBe(404);
  });
});

describe('a server that starts', () => {
  it('serves what was defined before', async () => {
    await using again = await startTestServer({ store: server.store });
    const { json, status } = await again.send('GET', `${widgets}/plain`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ kind: 'Widget', spec: { color: 'red' } });
  });
});
