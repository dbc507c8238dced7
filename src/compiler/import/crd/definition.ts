/** What of a CustomResourceDefinition its types are made of. */
import { isRecord } from '../../../shared/deep.ts';
import { pathText } from '../../../types/field-issue.ts';
import type { Json } from '../imported-object.ts';

export interface ResourceVersion {
  readonly name: string;
  readonly storage: boolean;
  readonly deprecation: string | undefined;
  /** JSON schema of the whole object; empty where there is none. */
  readonly schema: Json;
}
export interface ResourceDefinition {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Served ones, the stored one first. */
  readonly versions: readonly ResourceVersion[];
}

type Path = readonly (string | number)[];

/** A definition that no types can be made of; the message says what it lacks, and the path where. */
export class NoDefinition extends Error {
  override readonly name = 'NoDefinition';

  constructor(
    readonly path: Path,
    what: string,
  ) {
    super(`a CustomResourceDefinition is not sound: ${pathText(path)} ${what}`);
  }
}

export function isDefinition(object: Json): boolean {
  const { apiVersion, kind } = object;
  return (
    kind === 'CustomResourceDefinition' &&
    typeof apiVersion === 'string' &&
    apiVersion.startsWith('apiextensions.k8s.io/')
  );
}

function text(holder: Json, field: string, path: Path): string {
  const value = holder[field];
  if (typeof value !== 'string' || value === '') throw new NoDefinition([...path, field], 'must be a text');
  return value;
}

function schemaOf(version: Json, spec: Json): Json {
  // apiextensions.k8s.io/v1beta1 has one schema for all versions.
  const holder = version['schema'] ?? spec['validation'];
  const schema = isRecord(holder) ? holder['openAPIV3Schema'] : undefined;
  return isRecord(schema) ? schema : {};
}

function versionOf(version: Json, spec: Json, path: Path): ResourceVersion | undefined {
  if (version['served'] === false) return undefined;
  const warning = version['deprecationWarning'];
  const deprecation = typeof warning === 'string' ? warning : '';
  return {
    name: text(version, 'name', path),
    storage: version['storage'] === true,
    deprecation: version['deprecated'] === true ? deprecation : undefined,
    schema: schemaOf(version, spec),
  };
}

/** @throws NoDefinition */
export function definitionOf(object: Json): ResourceDefinition {
  const { spec } = object;
  if (!isRecord(spec)) throw new NoDefinition(['spec'], 'must be an object');
  const { names, versions, version } = spec;
  if (!isRecord(names)) throw new NoDefinition(['spec', 'names'], 'must be an object');
  const list: readonly unknown[] = Array.isArray(versions)
    ? versions
    : typeof version === 'string'
      ? [{ name: version, served: true, storage: true }]
      : [];
  const read = list.flatMap((entry, index) => {
    const path = ['spec', 'versions', index];
    if (!isRecord(entry)) throw new NoDefinition(path, 'must be an object');
    return versionOf(entry, spec, path) ?? [];
  });
  if (read.length === 0) throw new NoDefinition(['spec', 'versions'], 'has no version that is served');
  return {
    group: text(spec, 'group', ['spec']),
    kind: text(names, 'kind', ['spec', 'names']),
    namespaced: spec['scope'] !== 'Cluster',
    versions: [...read].sort((a, b) => Number(b.storage) - Number(a.storage)),
  };
}
