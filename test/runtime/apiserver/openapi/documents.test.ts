import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OpenApiDocuments } from '../../../../src/runtime/apiserver/openapi/documents.ts';
import { atPointer, isRecord } from '../../../../src/shared/deep.ts';
import { builtInKinds } from '../../../../src/types/kinds/index.ts';
import { WireReader } from '../../../../src/types/protobuf/wire.ts';
import { Registry } from '../../../../src/types/registry.ts';
import { builtInSchemas } from '../../../../src/types/schema-table.ts';

const documents = new OpenApiDocuments(new Registry(builtInKinds), builtInSchemas);

async function json(path: string): Promise<unknown> {
  const document =
    path === '' ? await documents.v3Root() : path === 'v2' ? await documents.v2Json() : await documents.v3(path);
  const parsed: unknown = JSON.parse(document?.plain().toString('utf8') ?? 'null');
  return parsed;
}

function sorted(list: unknown): string {
  return Array.isArray(list) ? list.map(String).sort().join() : '';
}

function references(value: unknown, found: Set<string>): Set<string> {
  if (Array.isArray(value)) for (const item of value) references(item, found);
  else if (isRecord(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string') found.add(item.slice(1));
      else references(item, found);
    }
  }
  return found;
}

describe('OpenAPI version 3', () => {
  it('lists every served group and version with a hash, and makes each document sound', async () => {
    const root = await json('');
    const paths = atPointer(root, '/paths');
    expect(Object.keys(isRecord(paths) ? paths : {})).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1']));
    for (const path of Object.keys(isRecord(paths) ? paths : {})) {
      const document = await json(path);
      expect(atPointer(root, `/paths/${path.replaceAll('/', '~1')}/serverRelativeURL`)).toMatch(
        /^\/openapi\/v3\/.*\?hash=[0-9A-F]{64}$/,
      );
      for (const reference of references(document, new Set()))
        expect(atPointer(document, reference), reference).toBeDefined();
    }
    expect(await documents.v3('apis/nowhere/v1')).toBeUndefined();
  });
  it('says what kubectl looks for: the patch with fieldValidation, group-version-kind, list and merge markers', async () => {
    const apps = await json('apis/apps/v1');
    const patch = atPointer(apps, '/paths/~1apis~1apps~1v1~1namespaces~1{namespace}~1deployments~1{name}/patch');
    expect(patch).toMatchObject({
      operationId: 'patchAppsV1NamespacedDeployment',
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group: 'apps', kind: 'Deployment', version: 'v1' },
    });
    const names = atPointer(patch, '/parameters');
    expect(Array.isArray(names) ? names.map((parameter: unknown) => atPointer(parameter, '/name')) : []).toEqual([
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'force',
    ]);
    expect(atPointer(apps, '/components/schemas/io.k8s.api.apps.v1.Deployment')).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }],
      properties: { spec: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' }] } },
    });
    expect(atPointer(apps, '/components/schemas/io.k8s.api.core.v1.PodSpec/properties/containers')).toMatchObject({
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
  });
});

/** Fields of a message by number, each a list. */
function message(bytes: Buffer): Map<number, Buffer[]> {
  const reader = new WireReader(bytes);
  const fields = new Map<number, Buffer[]>();
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (wire === 2) fields.set(number, [...(fields.get(number) ?? []), reader.bytes()]);
    else reader.skip(wire);
  }
  return fields;
}

describe('OpenAPI version 2', () => {
  it('has the same content as JSON and as protobuf', async () => {
    const swagger = await json('v2');
    for (const reference of references(swagger, new Set()))
      expect(atPointer(swagger, reference), reference).toBeDefined();
    const bytes = (await documents.v2Protobuf())?.plain() ?? Buffer.alloc(0);
    const document = message(bytes);
    expect(document.get(1)?.[0]?.toString()).toBe('2.0');
    const names = (message(document.get(9)?.[0] ?? Buffer.alloc(0)).get(1) ?? []).map((entry) =>
      message(entry).get(1)?.[0]?.toString(),
    );
    expect(names).toEqual(Object.keys(Object(atPointer(swagger, '/definitions'))));
    const paths = (message(document.get(8)?.[0] ?? Buffer.alloc(0)).get(2) ?? []).map((entry) =>
      message(entry).get(1)?.[0]?.toString(),
    );
    expect(paths).toEqual(Object.keys(Object(atPointer(swagger, '/paths'))));
  });
  const facts = '../shared/facts/definitions-1.36.json';
  it.runIf(existsSync(facts))('agrees with the published definitions', async () => {
    const published: unknown = JSON.parse(readFileSync(facts, 'utf8'));
    const swagger = await json('v2');
    const own = atPointer(swagger, '/definitions');
    const differences: string[] = [];
    for (const [name, definition] of Object.entries(isRecord(own) ? own : {})) {
      const other = atPointer(published, `/definitions/${name}`);
      if (!isRecord(other)) continue;
      const properties = atPointer(definition, '/properties');
      const theirs = atPointer(other, '/properties');
      for (const key of new Set([...Object.keys(Object(properties)), ...Object.keys(Object(theirs))])) {
        const strip = (value: unknown): string => {
          if (!isRecord(value)) return 'absent';
          const { description: _, default: __, enum: ___, ...rest } = value;
          return JSON.stringify(rest, (k, v: unknown) =>
            k === 'default' || k === 'enum' || v === 'granular'
              ? undefined
              : isRecord(v)
                ? Object.fromEntries(Object.entries(v).sort())
                : v,
          );
        };
        const left = strip(atPointer(properties, `/${key}`));
        const right = strip(atPointer(theirs, `/${key}`));
        if (left !== right) differences.push(`${name}.${key}: ${left} ${right}`);
      }
      if (sorted(atPointer(definition, '/required')) !== sorted(other['required']))
        differences.push(`${name} required`);
    }
    expect(differences).toEqual([]);
  });
});
