/** The generated schema against the published definitions of 1.36, wherever those are at hand beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kindBases } from '../../src/types/registry.ts';
import { builtInSchemas } from '../../src/types/schema-table.ts';
import type { Schema } from '../../src/types/schema.ts';

interface Published {
  readonly properties?: Readonly<Record<string, Published>>;
  readonly required?: readonly string[];
  readonly items?: Published;
  readonly additionalProperties?: Published;
  readonly $ref?: string;
  readonly default?: unknown;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

const file = resolve(import.meta.dirname, '../../../shared/facts/definitions-1.36.json');
const published: { readonly definitions: Readonly<Record<string, Published>> } = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { definitions: {} };

function definitionOf(group: string, version: string, kind: string): string | undefined {
  return Object.entries(published.definitions).find(([, definition]) =>
    definition['x-kubernetes-group-version-kind']?.some(
      (id) => id.group === group && id.version === version && id.kind === kind,
    ),
  )?.[0];
}

/** The types that properties refer to, without lists and maps around them. */
function ownRef(schema: Schema): string | undefined {
  return schema.items ? ownRef(schema.items) : schema.ref;
}
function publishedRef(schema: Published): string | undefined {
  const inner = schema.items ?? schema.additionalProperties;
  return inner ? publishedRef(inner) : schema.$ref?.replace('#/definitions/', '');
}

function sorted(values: Iterable<string>): readonly string[] {
  return [...values].sort();
}

function compareProperty(name: string, own: Schema, theirs: Published): readonly string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['list type', own.listType, theirs['x-kubernetes-list-type']],
    ['list keys', own.listMapKeys, theirs['x-kubernetes-list-map-keys']],
    ['merge key', own.patchMergeKey, theirs['x-kubernetes-patch-merge-key']],
    ['patch strategy', own.patchStrategy?.join(','), theirs['x-kubernetes-patch-strategy']],
  ];
  return pairs
    .filter(([, mine, other]) => JSON.stringify(mine) !== JSON.stringify(other))
    .map(([what, mine, other]) => `${name}: ${what} is ${JSON.stringify(mine)}, published ${JSON.stringify(other)}`);
}

function compareTypes(): { readonly differences: readonly string[]; readonly compared: number } {
  const differences: string[] = [];
  const seen = new Set<string>();
  const pending = [...kindBases().values()].flatMap(({ typeName, group, version, kind }) => {
    const definition = definitionOf(group, version, kind);
    return definition === undefined ? [] : [[typeName, definition] as const];
  });
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [typeName, definition] = next;
    if (seen.has(typeName)) continue;
    seen.add(typeName);
    const own = builtInSchemas.resolve(typeName);
    const theirs = published.definitions[definition] ?? {};
    if (
      JSON.stringify(sorted(Object.keys(own.properties))) !==
      JSON.stringify(sorted(Object.keys(theirs.properties ?? {})))
    ) {
      differences.push(`${typeName}: properties differ from ${definition}`);
    }
    if (JSON.stringify(sorted(own.required ?? [])) !== JSON.stringify(sorted(theirs.required ?? []))) {
      differences.push(`${typeName}: required properties differ from ${definition}`);
    }
    for (const [name, property] of Object.entries(own.properties)) {
      const other = theirs.properties?.[name];
      if (!other) continue;
      differences.push(...compareProperty(`${typeName}.${name}`, property, other));
      const [mine, their] = [ownRef(property), publishedRef(other)];
      if (mine !== undefined && their !== undefined) pending.push([mine, their]);
    }
  }
  return { differences, compared: seen.size };
}

describe('the generated schema', () => {
  it('knows the kinds of 1.36, those of stable versions as served', () => {
    const kinds = [...kindBases().values()];
    expect(kinds.length).toBeGreaterThan(90);
    expect(kindBases().get('apps/v1.Deployment')).toMatchObject({
      plural: 'deployments',
      scope: 'Namespaced',
      served: true,
    });
    expect(kinds.filter(({ served, version }) => served !== /^v\d+$/.test(version))).toEqual([]);
  });

  it('has protobuf numbers, list keys and defaults', () => {
    const { properties } = builtInSchemas.resolve('v1.Container');
    expect(properties['ports']).toMatchObject({
      proto: 6,
      listType: 'map',
      listMapKeys: ['containerPort', 'protocol'],
      patchMergeKey: 'containerPort',
    });
    expect(builtInSchemas.resolve('v1.ContainerPort').properties['protocol']).toMatchObject({ default: 'TCP' });
    expect(builtInSchemas.resolve('v1.Volume').properties['emptyDir']).toMatchObject({ protoVia: [2], proto: 2 });
  });

  it('agrees with the published definitions where they are at hand', () => {
    const { differences, compared } = compareTypes();
    if (existsSync(file)) {
      expect(compared).toBeGreaterThan(600);
      console.log(`compared ${compared} types with the published definitions`);
    } else {
      console.log('the published definitions are not beside the repository: only its own cases were checked');
    }
    expect(differences).toEqual([]);
  });
});
