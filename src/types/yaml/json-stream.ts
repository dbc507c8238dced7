/** Several JSON objects one after the other, which kubectl reads from one file without any marker between them. */

/** Where each object begins; one place at most for everything else. */
export function jsonObjectStarts(text: string): readonly number[] {
  const first = /^\uFEFF?\s*\{/.exec(text);
  if (!first || !/\}\s*\{/.test(text)) return [0];
  const starts: number[] = [];
  let depth = 0;
  for (let at = first[0].length - 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{') {
      if (depth === 0) starts.push(at);
      depth += 1;
    } else if (character === '}') depth -= 1;
    else if (depth === 0 && !/\s/.test(character ?? '')) return [0];
    if (depth < 0) return [0];
  }
  return depth === 0 ? starts : [0];
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
