/** What strategic merge patches need of the schema: which lists are merged, and by which key. Small, since every program may load it. */
import type { Schema } from '../../src/types/schema.ts';
import type { CollectedType } from './types.ts';

type Facts = Readonly<Record<string, Readonly<Record<string, string>>>>;

function factOf({ type, ref, items, patchStrategy, patchMergeKey }: Schema): string | undefined {
  if (type === 'ref') return `=${ref ?? ''}`;
  if (type !== 'array' || !(patchStrategy ?? []).includes('merge')) return undefined;
  return patchMergeKey === undefined ? '*' : `${patchMergeKey}=${items?.ref ?? ''}`;
}

/** Types below which no list is merged are left out. */
export function mergeKeys(types: ReadonlyMap<string, CollectedType>): Facts {
  const facts = new Map<string, Record<string, string>>();
  for (const [name, { schema }] of types) {
    const own = Object.entries(schema.properties).flatMap(([field, child]): readonly (readonly [string, string])[] => {
      const fact = factOf(child);
      return fact === undefined ? [] : [[field, fact]];
    });
    facts.set(name, Object.fromEntries(own));
  }
  let before: number;
  do {
    before = facts.size;
    for (const [name, own] of facts) {
      for (const [field, fact] of Object.entries(own))
        if (fact.startsWith('=') && !facts.has(fact.slice(1))) Reflect.deleteProperty(own, field);
      if (Object.keys(own).length === 0) facts.delete(name);
    }
  } while (facts.size < before);
  return Object.fromEntries(facts);
}
