/** The words after `get`, `delete` and `describe`: kinds, names, and both in one. */
import type { KindDefinition } from '../types/define-kind.ts';
import { builtInKinds } from '../types/kinds/index.ts';
import { Registry } from '../types/registry.ts';
import { Exit, usageError } from './command.ts';
import type { Connection } from './connection.ts';
import { addServerKinds } from './server-kinds.ts';

export interface Wanted {
  readonly kind: KindDefinition;
  /** Empty: all of them. */
  readonly names: readonly string[];
}

function kindsOf(word: string, registry: Registry): readonly KindDefinition[] | undefined {
  if (word === 'all') return [...registry.all()].filter((kind) => kind.categories?.includes('all'));
  const kind = registry.named(word).find(({ virtual }) => !virtual);
  if (kind) return [kind];
  const ofCategory = [...registry.all()].filter((known) => known.categories?.includes(word.toLowerCase()));
  return ofCategory.length > 0 ? ofCategory : undefined;
}

/** `pods`, `pods,services`, `pod web`, `pod/web svc/web`. @throws Exit for what is no kind, here or on the server */
export async function wantedOf(
  words: readonly string[],
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly Wanted[]> {
  const registry = new Registry(builtInKinds);
  let asked = false;
  const resolve = async (word: string): Promise<readonly KindDefinition[]> => {
    const known = kindsOf(word, registry);
    if (known && (word !== 'all' || asked)) return known;
    // Only for words that mean nothing here: the answer takes a while.
    if (!asked) await addServerKinds(connection, registry, signal);
    asked = true;
    const found = kindsOf(word, registry);
    if (!found) throw new Exit(1, `the server doesn't have a resource type "${word}"`);
    return found;
  };
  if (words.some((word) => word.includes('/'))) {
    const wanted: Wanted[] = [];
    for (const word of words) {
      const [type = '', name = '', ...more] = word.split('/');
      const [kind] = await resolve(type);
      if (!kind || name === '' || more.length > 0) throw usageError(`${word}: expected TYPE/NAME`);
      wanted.push({ kind, names: [name] });
    }
    return wanted;
  }
  const [types = '', ...names] = words;
  const kinds: KindDefinition[] = [];
  for (const type of types.split(',')) kinds.push(...(await resolve(type)));
  return kinds.map((kind) => ({ kind, names }));
}
