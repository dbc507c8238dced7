/** An object on its way into a program: its builder, the name of its variable, and what others may say of it. */
import { deepEqual, isRecord } from '../../shared/deep.ts';
import { builderOf } from '../../types/builder.ts';
import { builderName } from '../../types/builder-name.ts';
import { kindBases } from '../../types/registry.ts';
import type { YamlComments } from '../../types/yaml/comments.ts';

export type Path = readonly (string | number)[];
export type Json = Readonly<Record<string, unknown>>;

export interface ManifestSource {
  readonly object: Json & { readonly apiVersion: string; readonly kind: string };
  comments?(path: Path): YamlComments | undefined;
  /** Why no builder takes it, where that is known already. */
  readonly misfit?: string | undefined;
}

export interface ImportedObject extends ManifestSource {
  /** Undefined for what only `raw` gives back unchanged. */
  readonly builder: string | undefined;
  /** What the builder is called with, or the whole object for `raw`. */
  readonly input: Json;
  readonly variable: string;
}

/** What a builder makes of an input; undefined where it refuses it. */
function built(apiVersion: string, kind: string, input: Json): unknown {
  try {
    return builderOf(apiVersion, kind)({ metadata: {}, ...input });
  } catch {
    // Whatever the reason is, this object is none for the builder.
    return undefined;
  }
}

function withoutSelector(input: Json): Json | undefined {
  const { spec } = input;
  if (!isRecord(spec) || !('selector' in spec) || !('template' in spec)) return undefined;
  const { selector: _, ...rest } = spec;
  return { ...input, spec: rest };
}

export interface Construction {
  readonly builder: string | undefined;
  readonly input: Json;
  /** Why a kind that has a builder does without. */
  readonly misfit?: string | undefined;
}

/**
 * What an object says that Kubernetes reads but the types of the builders refuse: null for nothing (the builders know
 * that of creationTimestamp), and volumes without a source, which are empty folders.
 */
function beyondTypes(value: unknown, field = '', below = ''): string | undefined {
  if (value === null)
    return field === 'creationTimestamp' && below === 'metadata' ? undefined : `${field || 'an item'} is null`;
  if (Array.isArray(value))
    return firstFound(value, (item: unknown) =>
      field === 'volumes' && isBareVolume(item) ? 'a volume has no source' : beyondTypes(item, field, below),
    );
  return isRecord(value)
    ? firstFound(Object.entries(value), ([key, child]) => beyondTypes(child, key, field))
    : undefined;
}

function firstFound<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isBareVolume(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).every((key) => key === 'name');
}

/** The shortest call that gives exactly this object. `custom` names the builders of custom resources, by `apiVersion.Kind`. */
export function constructionOf(object: ManifestSource['object'], custom: ReadonlyMap<string, string>): Construction {
  const { apiVersion, kind, ...fields } = object;
  const typeName = `${apiVersion}.${kind}`;
  const base = kindBases().get(typeName);
  const builder = custom.get(typeName) ?? (base ? builderName(base) : undefined);
  if (builder === undefined || !isRecord(fields['metadata'])) return { builder: undefined, input: object };
  const beyond = custom.has(typeName) ? undefined : beyondTypes(fields);
  if (beyond !== undefined) return { builder: undefined, input: object, misfit: beyond };
  const shorter = withoutSelector(fields);
  // The derived selector has to come out in the very place where it stood.
  const same = JSON.stringify({ apiVersion, kind, ...fields });
  if (shorter && JSON.stringify(built(apiVersion, kind, shorter)) === same) return { builder, input: shorter };
  const whole = built(apiVersion, kind, fields);
  return deepEqual(whole, object)
    ? { builder, input: fields }
    : { builder: undefined, input: object, misfit: 'its builder would add to it' };
}

export function metadataText(object: Json, field: 'name' | 'namespace'): string | undefined {
  const { metadata } = object;
  const value = isRecord(metadata) ? metadata[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}
