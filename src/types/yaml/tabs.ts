/**
 * Tabs where lines are indented. go-yaml takes them only in what goes on over several lines, JSON's brackets and quoted texts,
 * and in a block's text behind its indentation; the `yaml` package is more patient.
 */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';

/** Whether there is anything to look at. */
export function hasTabIndent(text: string): boolean {
  return /^ *\t/m.test(text) && !/^\uFEFF?\s*\{/.test(text);
}

type Span = readonly [number, number];

/** Of the text of a block, whose first line says how it is indented: where a tab stands for that. */
function tabInBlock(source: string): number | undefined {
  const [header = '', ...lines] = source.split('\n');
  // Then it counts from the indentation of what holds it.
  if (/[1-9]/.test(header)) return undefined;
  let indent = 0;
  let offset = header.length + 1;
  for (const line of lines) {
    const spaces = /^ */.exec(line)?.[0].length ?? 0;
    if ((indent === 0 || spaces < indent) && line[spaces] === '\t') return offset + spaces;
    if (indent === 0 && line.slice(spaces).trim() !== '') indent = spaces;
    offset += line.length + 1;
  }
  return undefined;
}

function spansOf(node: ParsedNode | null, text: string, spans: Span[]): number | undefined {
  if (node === null || isAlias(node)) return undefined;
  const [from, to] = node.range;
  if (isScalar(node)) {
    const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
    spans.push([from, to]);
    const at = isBlock ? tabInBlock(text.slice(from, to)) : undefined;
    return at === undefined ? undefined : from + at;
  }
  if ((isMap(node) || isSeq(node)) && node.flow === true) {
    spans.push([from, to]);
    return undefined;
  }
  const inside = isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : isSeq(node) ? node.items : [];
  for (const one of inside) {
    const found = spansOf(one, text, spans);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first tab of a document that go-yaml refuses. */
export function refusedTab(text: string, contents: ParsedNode | null, [from, to]: Span): number | undefined {
  const spans: Span[] = [];
  const inBlock = spansOf(contents, text, spans);
  if (inBlock !== undefined) return inBlock;
  // Behind spaces it depends on what stands before.
  for (const { index } of text.slice(from, to).matchAll(/^\t/gm)) {
    const at = from + index;
    if (!spans.some(([start, end]) => start < at && at < end)) return at;
  }
  return undefined;
}
