/** What every kind has to fulfil, whoever wrote it. */
import { describe, expect, it } from 'vitest';
import { deepClone, isRecord } from '../../src/shared/deep.ts';
import type { KindDefinition } from '../../src/types/define-kind.ts';
import { collectIssues, pathText } from '../../src/types/field-issue.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import type { Draft, KubeObject } from '../../src/types/meta.ts';
import { decodeProtobuf, encodeProtobuf } from '../../src/types/protobuf/codec.ts';
import { kindBases, Registry } from '../../src/types/registry.ts';
import { builtInSchemas } from '../../src/types/schema-table.ts';
import { resolveSchema, type Schema } from '../../src/types/schema.ts';
import { applyDefaults } from '../../src/types/validation/apply-defaults.ts';
import { findDecodeError, findUnknownFields } from '../../src/types/validation/structure.ts';
import { validateObject } from '../../src/types/validation/validate-object.ts';
import { readYaml } from '../../src/types/yaml/read.ts';
import { writeYaml } from '../../src/types/yaml/write.ts';

/** Upstream's selector for jobs has a name that no field has. */
const otherNames = new Map([['status.successful', 'status.succeeded']]);

const registry = new Registry(builtInKinds);

function exampleOf(kind: KindDefinition): Draft<KubeObject> {
  if (!kind.example) throw new Error(`${kind.typeName} has no example`);
  const draft = deepClone(kind.example);
  if (kind.scope === 'Namespaced') draft.metadata.namespace = 'default';
  return draft;
}

const isDraft = (value: unknown): value is Draft<KubeObject> => isRecord(value) && isRecord(value['metadata']);

/** The schema at a path such as `spec.containers[].ports`, or undefined where there is none. */
function schemaAt(kind: KindDefinition, path: string): Schema | undefined {
  let schema: Schema | undefined = kind.schema;
  for (const step of path.split('.')) {
    const own: Schema | undefined = schema && resolveSchema(schema, builtInSchemas);
    schema = own?.type === 'map' ? own.items : own?.properties?.[step.replace('[]', '')];
    if (step.endsWith('[]')) schema = schema?.items;
  }
  return schema;
}

function isThere(kind: KindDefinition, path: readonly unknown[]): boolean {
  let schema: Schema | undefined = kind.schema;
  for (const step of path) {
    schema = schema && resolveSchema(schema, builtInSchemas);
    if (schema?.type === 'json' || schema?.type === 'raw-object') return true;
    schema = typeof step === 'string' ? schema?.properties?.[step] : schema?.items;
  }
  return schema !== undefined;
}

describe('kinds', () => {
  it('are all that are served', () => {
    const defined = new Set(builtInKinds.map(({ typeName }) => typeName));
    const missing = [...kindBases().values()].filter(({ served, typeName }) => served && !defined.has(typeName));
    expect(missing.map(({ typeName }) => typeName)).toEqual([]);
  });

  it('have names that no other has', () => {
    for (const names of [
      builtInKinds.map(({ typeName }) => typeName),
      builtInKinds.map(({ apiVersion, plural }) => `${apiVersion}/${plural}`),
    ]) {
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe.each(builtInKinds.map((kind) => [kind.typeName, kind] as const))('%s', (_name, kind) => {
  it('knows what upstream refuses', () => {
    expect(kind.validated).toBe(true);
  });

  it('has an example that is valid', () => {
    const draft = exampleOf(kind);
    expect(findUnknownFields(kind, draft)).toEqual([]);
    expect(findDecodeError(kind, draft)).toBeUndefined();
    applyDefaults(kind, draft);
    expect(validateObject(kind, draft, { operation: 'create', registry })).toEqual([]);
    if (kind.virtual) return;
    kind.prepareForCreate?.(draft);
    expect(validateObject(kind, draft, { operation: 'update', previous: draft, registry })).toEqual([]);
    expect(validateObject(kind, draft, { operation: 'status', previous: draft, registry })).toEqual([]);
  });

  it('has defaults that settle', () => {
    const once = exampleOf(kind);
    applyDefaults(kind, once);
    expect(findUnknownFields(kind, once)).toEqual([]);
    expect(findDecodeError(kind, once)).toBeUndefined();
    const twice = deepClone(once);
    applyDefaults(kind, twice);
    expect(twice).toEqual(once);
  });

  it('survives an object with nothing in it', () => {
    const draft: Draft<KubeObject> = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: {} };
    applyDefaults(kind, draft);
    const issues = collectIssues((sink) => kind.validate?.(draft, sink));
    for (const issue of issues) expect(isThere(kind, issue.path) || issue.path.length > 0).toBe(true);
    for (const column of kind.columns) column.cell(draft, new Date(0));
    for (const field of kind.selectableFields ?? []) expect(typeof field.value(draft)).toBe('string');
  });

  it('is the same after YAML and after protobuf', () => {
    const draft = exampleOf(kind);
    applyDefaults(kind, draft);
    expect(readYaml(writeYaml(draft))).toEqual(deepClone(draft));
    // Metadata with nothing in it is not on the wire.
    const again: unknown = { metadata: {}, ...decodeProtobuf(encodeProtobuf(draft)) };
    if (isDraft(again)) applyDefaults(kind, again);
    expect(again).toEqual(deepClone(draft));
  });

  it('prints its columns', () => {
    const draft = exampleOf(kind);
    applyDefaults(kind, draft);
    const names = kind.columns.map(({ name }) => name);
    expect(names).toContain('Name');
    expect(new Set(names).size).toBe(names.length);
    for (const column of kind.columns) {
      const cell = column.cell(draft, new Date(0));
      if (column.type === 'integer') expect(Number.isInteger(cell), column.name).toBe(true);
      else if (column.type === 'boolean') expect([true, false, 'True', 'False'], column.name).toContain(cell);
      else if (column.type === 'string') expect(typeof cell, column.name).toBe('string');
    }
  });

  it('names fields that exist', () => {
    for (const path of kind.unrealized ?? []) expect(schemaAt(kind, path), path).toBeDefined();
    for (const { path } of kind.selectableFields ?? []) {
      expect(schemaAt(kind, otherNames.get(path) ?? path), path).toBeDefined();
    }
    const { specReplicas, statusReplicas } = kind.scale ?? {};
    for (const path of [specReplicas, statusReplicas]) {
      if (path !== undefined) expect(schemaAt(kind, path.slice(1)), path).toBeDefined();
    }
  });

  it('points at kinds that exist, from fields that exist', () => {
    for (const reference of kind.references?.(exampleOf(kind)) ?? []) {
      expect(registry.kind(reference.apiVersion, reference.kind), reference.kind).toBeDefined();
      expect(isThere(kind, reference.path), pathText(reference.path)).toBe(true);
    }
  });
});
