/** Files of manifests as kubectl reads them: documents of YAML, objects of JSON one after the other, lists for their items. */
import { isRecord } from '../../shared/deep.ts';
import { jsonObjectStarts } from './json-stream.ts';
import { readYamlDocuments } from './read.ts';
import type { YamlDocument } from './read.ts';

/** Like `readYamlDocuments`, and objects of JSON need no marker between them. */
export function readManifests(text: string): readonly YamlDocument[] {
  const starts = jsonObjectStarts(text);
  if (starts.length < 2) return readYamlDocuments(text);
  // Blanks before each keep its places those of the file.
  return starts.flatMap((start, index) =>
    readYamlDocuments(text.slice(0, start).replace(/[^\n]/g, ' ') + text.slice(start, starts[index + 1])),
  );
}

interface List {
  readonly apiVersion: unknown;
  readonly kind: string;
  readonly items: readonly unknown[];
}

function isList(value: unknown): value is List & Readonly<Record<string, unknown>> {
  return (
    isRecord(value) &&
    typeof value['kind'] === 'string' &&
    value['kind'].endsWith('List') &&
    Array.isArray(value['items'])
  );
}

/** The items of a list, where a value is one. Those of a typed list (`PodList`) may leave out what they are. */
export function itemsOfList(value: unknown): readonly unknown[] | undefined {
  if (!isList(value)) return undefined;
  const { apiVersion, kind, items } = value;
  if (kind === 'List') return items;
  return items.map((item) => (isRecord(item) ? { apiVersion, kind: kind.slice(0, -'List'.length), ...item } : item));
}
