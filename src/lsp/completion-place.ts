/** Where in a document something is being written, also where the document makes no sense yet. */
import type { Registry } from '../types/registry.ts';
import { objectAround, pathInObject } from './object-view.ts';
import type { ObjectView } from './object-view.ts';
import { descendants, nodeAt, outlineOf, pathOf } from './outline.ts';
import type { OutlineNode, Span } from './outline.ts';
import { placeAt } from './schema-place.ts';
import type { SchemaPlace } from './schema-place.ts';

export interface CompletionPlace {
  /** The map, list or value that the word will be in, or be. */
  readonly path: readonly (string | number)[];
  readonly object: ObjectView;
  readonly place: SchemaPlace | undefined;
  /** What the schema allows at this place: keys, or a value, or items. */
  readonly role: 'key' | 'value' | 'item';
  /** In the piece: what will be replaced. */
  readonly span: Span;
  /** Keys that the map has already. */
  readonly present: ReadonlySet<string>;
  /** The node that holds the place, in the outline of the text up to it with a word put in. */
  readonly node: OutlineNode;
  /** Whether a colon follows already. */
  readonly colon: boolean;
  /** Whether the word stands in braces. */
  readonly flow: boolean;
  /** Whether the place is on the line of its key: `key: |`. */
  readonly inline: boolean;
  readonly word: string;
  /** The quote that the word begins with. */
  readonly quote: '"' | "'" | '';
}

const placeholder = 'kwcursorkw';

function wordBefore(line: string): string {
  const quoted = /(?:^|[\s:,[{-])(["'][^"']*)$/.exec(line)?.[1];
  if (quoted !== undefined) return quoted;
  return /[^\s,{}[\]"':]*$/.exec(line)?.[0] ?? '';
}

function isInBlockText(node: OutlineNode, offset: number): boolean {
  return node.style === 'block' && offset > node.value.start;
}

/** `root` is the outline of the whole piece as it is. */
export function completionPlace(
  text: string,
  offset: number,
  root: OutlineNode,
  registry: Registry,
): CompletionPlace | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const lineEnd = text.indexOf('\n', offset) < 0 ? text.length : text.indexOf('\n', offset);
  const before = text.slice(lineStart, offset);
  if (/(?:^|\s)#/.test(before)) return undefined;
  const word = valueWord(before) ?? wordBefore(before);
  const start = offset - word.length;
  const after = /^[^\s,{}[\]"':#]*/.exec(text.slice(offset, lineEnd))?.[0] ?? '';
  const closing = /^["']/.test(word) && text[offset + after.length] === word[0] ? 1 : 0;
  const end = offset + after.length + closing;
  const head = outlineOf(`${text.slice(0, start)}${placeholder}`);
  const node = [...descendants(head)].findLast(
    (one) => (one.unfinished && one.step === placeholder) || (one.form === 'scalar' && one.text.endsWith(placeholder)),
  );
  const found = node ?? (head.form === 'scalar' && head.text === placeholder ? head : undefined);
  if (!found || isInBlockText(found, start)) return undefined;
  const isKeyNode = found.unfinished;
  // Continuations of a text in several lines, and a place behind another word.
  if (!isKeyNode && found.text !== placeholder) return undefined;
  const holder = isKeyNode ? found.parent : found;
  if (!holder) return undefined;
  const object = objectOf(root, head, holder, registry);
  const path = pathInObject(object, holder);
  const place = object.kind ? placeAt(object.kind, path) : undefined;
  const inline = !isKeyNode && found.key !== undefined && !text.slice(found.key.end, start).includes('\n');
  const role = roleOf(isKeyNode, place, path);
  const own = nodeAt(root, pathOf(holder));
  return {
    path,
    object,
    place,
    role,
    span: { start, end },
    present: presentKeys(own, start, end),
    node: found,
    colon: /^\s*:(?:\s|$)/.test(text.slice(end, lineEnd)),
    flow: found.flow,
    inline,
    word: word.replace(/^["']/, ''),
    quote: word.startsWith('"') ? '"' : word.startsWith("'") ? "'" : '',
  };
}

/** Values may hold colons: images, times. */
function valueWord(before: string): string | undefined {
  return /(?:^|[\s{,])[\w./"'-]+:[ \t]+([^\s,{}[\]"'#]+)$/.exec(before)?.[1];
}

function roleOf(isKey: boolean, place: SchemaPlace | undefined, path: readonly unknown[]): CompletionPlace['role'] {
  if (isKey) return 'key';
  if (!place) return path.length === 0 ? 'key' : 'value';
  const { type } = place.schema;
  if (type === 'object' || type === 'map') return 'key';
  return type === 'array' ? 'item' : 'value';
}

/** What the object is may be said after the place too: `kind` as the last line. */
function objectOf(root: OutlineNode, head: OutlineNode, holder: OutlineNode, registry: Registry): ObjectView {
  const view = objectAround(holder, registry);
  const whole = nodeAt(root, pathOf(view.node));
  if (!whole || whole.form !== 'map') return view;
  const known = objectAround(whole, registry);
  return known.kindName === undefined ? view : { ...known, node: view.node === head ? head : view.node };
}

function presentKeys(node: OutlineNode | undefined, start: number, end: number): ReadonlySet<string> {
  const others = (node?.children ?? []).filter(
    ({ key, unfinished }) => key && !unfinished && !(key.start <= end && key.end >= start),
  );
  return new Set(others.map(({ step }) => String(step)));
}
