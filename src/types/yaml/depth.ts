/** How deep a document is nested: the composer goes down by recursion, and where the stack ends, more than the document is lost. */
import type { CST } from 'yaml';

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (token.type !== 'block-map' && token.type !== 'block-seq' && token.type !== 'flow-collection') return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((one) => one !== undefined && one !== null));
}

/** The offset of a value that lies deeper than `most`, if there is one. */
export function tooDeep(token: CST.Token, most: number): number | undefined {
  let level: readonly CST.Token[] = childrenOf(token);
  for (let depth = 0; level.length > 0; depth++) {
    const [first] = level;
    if (depth > most && first) return first.offset;
    level = level.flatMap(childrenOf);
  }
  return undefined;
}
