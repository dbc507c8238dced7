/** Lists, as files and programs hold them: each stands for the objects in it. */
import { isRecord } from '../shared/deep.ts';

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
  const identity = { apiVersion, kind: kind.slice(0, -'List'.length) };
  return items.map((item) =>
    isRecord(item) && !('apiVersion' in item && 'kind' in item) ? { ...identity, ...item } : item,
  );
}
