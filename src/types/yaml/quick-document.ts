/** Documents that the quick reader could read. What is asked for seldom, the `yaml` package is asked for then. */
import type { YamlComments } from './comments.ts';
import { composeDocuments, mostComposed } from './composed-document.ts';
import { NodeForm } from './node-table.ts';
import type { NodeTable } from './node-table.ts';
import { QuickReader } from './quick-reader.ts';
import { Unsure } from './quick-scanner.ts';
import { doubleQuoted, singleQuoted } from './quick-scalar.ts';
import type { YamlDocument, YamlPosition, YamlProblem, YamlRange, YamlShape } from './read.ts';

export interface QuickDocumentText {
  readonly value: unknown;
  readonly nodes: NodeTable;
  readonly anchors: ReadonlyMap<string, number> | undefined;
  /** Where its content starts; of an empty document where it could start. */
  readonly start: number;
}

type Path = readonly (string | number)[];

/** A text of several documents, and where its lines begin. */
class ReadText {
  #lines: readonly number[] | undefined;
  #composed: readonly YamlDocument[] | undefined;

  constructor(readonly text: string) {}

  get composed(): readonly YamlDocument[] {
    // Comments and shapes of more are not worth what they would cost.
    this.#composed ??= this.text.length > mostComposed ? [] : composeDocuments(this.text);
    return this.#composed;
  }

  position(offset: number): YamlPosition {
    const lines = (this.#lines ??= this.#lineStarts());
    let low = 0;
    let high = lines.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((lines[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (lines[low] ?? 0) + 1, offset };
  }

  /** A byte order mark is no part of the first line. */
  #lineStarts(): readonly number[] {
    const { text } = this;
    const starts = [text.charCodeAt(0) === 0xfeff ? 1 : 0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    return starts;
  }
}

interface Place {
  /** -1 where there is none. */
  readonly key: number;
  readonly node: number;
}

const noProblems: readonly YamlProblem[] = [];

/** Collections whose nodes take more numbers than this are not gone through from the front for each question. */
const wide = 4_000;

class QuickDocument implements YamlDocument {
  readonly value: unknown;
  readonly #source: ReadText;
  readonly #index: number;
  readonly #nodes: NodeTable;
  readonly #anchors: ReadonlyMap<string, number> | undefined;
  readonly #start: number;
  readonly #keys = new Map<number, Map<string, number>>();
  readonly #items = new Map<number, number[]>();

  constructor(source: ReadText, index: number, { value, nodes, anchors, start }: QuickDocumentText) {
    this.value = value;
    this.#source = source;
    this.#index = index;
    this.#nodes = nodes;
    this.#anchors = anchors;
    this.#start = start;
  }

  get partial(): unknown {
    return this.value;
  }

  get problems(): readonly YamlProblem[] {
    return noProblems;
  }

  get start(): YamlPosition {
    return this.#source.position(this.#start);
  }

  positionOf(path: Path, part: 'key' | 'value' = 'value'): YamlPosition | undefined {
    const place = this.#find(path);
    if (!place) return undefined;
    const found = part === 'key' && place.key >= 0 ? place.key : place.node;
    return this.#source.position(this.#nodes.start(found));
  }

  rangeOf(path: Path, part: 'key' | 'value'): YamlRange | undefined {
    const place = this.#find(path);
    if (!place) return undefined;
    const { key, node } = place;
    const nodes = this.#nodes;
    const found = (part === 'value' && nodes.form(node) <= NodeForm.block) || key < 0 ? node : key;
    const start = this.#source.position(nodes.start(found));
    // A collection is shown by its beginning; the whole of it would colour half a file.
    return { start, end: nodes.form(found) <= NodeForm.block ? this.#source.position(nodes.end(found)) : start };
  }

  shapeOf(path: Path): YamlShape | undefined {
    return this.#source.composed[this.#index]?.shapeOf(path);
  }

  commentsAt(path: Path): YamlComments | undefined {
    return this.#source.composed[this.#index]?.commentsAt(path);
  }

  #find(path: Path): Place | undefined {
    const nodes = this.#nodes;
    if (nodes.isEmpty) return undefined;
    let node = 0;
    let key = -1;
    for (const step of path) {
      if (nodes.form(node) === NodeForm.alias) {
        const name = this.#source.text.slice(nodes.start(node) + 1, nodes.end(node));
        node = this.#anchors?.get(name) ?? node;
      }
      const form = nodes.form(node);
      if (form === NodeForm.map) {
        key = this.#keyNode(node, String(step));
        if (key < 0) return undefined;
        node = nodes.after(key);
      } else if (form === NodeForm.list) {
        node = key = this.#itemNode(node, Number(step));
        if (node < 0) return undefined;
      } else return undefined;
    }
    return { key, node };
  }

  #keyNode(map: number, name: string): number {
    const nodes = this.#nodes;
    const behind = nodes.after(map);
    if (behind - map > wide) return this.#keysOf(map).get(name) ?? -1;
    for (let key = nodes.firstChild(map); key < behind; key = nodes.after(nodes.after(key)))
      if (this.#isKey(key, name)) return key;
    return -1;
  }

  #keysOf(map: number): ReadonlyMap<string, number> {
    let keys = this.#keys.get(map);
    if (!keys) {
      keys = new Map();
      const nodes = this.#nodes;
      const behind = nodes.after(map);
      for (let key = nodes.firstChild(map); key < behind; key = nodes.after(nodes.after(key)))
        keys.set(this.#textOfKey(key), key);
      this.#keys.set(map, keys);
    }
    return keys;
  }

  #textOfKey(key: number): string {
    const { text } = this.#source;
    const start = this.#nodes.start(key);
    const end = this.#nodes.end(key);
    if (this.#nodes.form(key) === NodeForm.plain) return text.slice(start, end);
    const content = text.slice(start + 1, end - 1);
    return (text.startsWith('"', start) ? doubleQuoted(content) : singleQuoted(content)) ?? '';
  }

  #isKey(key: number, name: string): boolean {
    if (this.#nodes.form(key) !== NodeForm.plain) return this.#textOfKey(key) === name;
    const start = this.#nodes.start(key);
    return this.#nodes.end(key) - start === name.length && this.#source.text.startsWith(name, start);
  }

  #itemNode(list: number, index: number): number {
    const nodes = this.#nodes;
    const behind = nodes.after(list);
    if (behind - list > wide) return this.#itemsOf(list)[index] ?? -1;
    let item = nodes.firstChild(list);
    for (let at = 0; at < index && item < behind; at += 1) item = nodes.after(item);
    return item < behind && index >= 0 ? item : -1;
  }

  #itemsOf(list: number): readonly number[] {
    let items = this.#items.get(list);
    if (!items) {
      items = [];
      const nodes = this.#nodes;
      const behind = nodes.after(list);
      for (let item = nodes.firstChild(list); item < behind; item = nodes.after(item)) items.push(item);
      this.#items.set(list, items);
    }
    return items;
  }
}

export interface QuickReading {
  /** Undefined where the `yaml` package has to read all of it. */
  readonly documents: readonly YamlDocument[] | undefined;
  /** How far the reader came. */
  readonly reached: YamlPosition;
}

export function readQuickly(text: string): QuickReading {
  const source = new ReadText(text);
  const reader = new QuickReader(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  let documents: readonly YamlDocument[] | undefined;
  try {
    // A mark in the middle of a file begins a document.
    if (!text.includes('\ufeff', 1))
      documents = reader.documents().map((document, index) => new QuickDocument(source, index, document));
  } catch (error) {
    if (!(error instanceof Unsure)) throw error;
  }
  return {
    documents,
    get reached() {
      return source.position(reader.reached);
    },
  };
}

/** What is left of a text that nobody is going to read. */
export function unreadDocument(problem: YamlProblem): YamlDocument {
  return {
    value: null,
    partial: null,
    problems: [problem],
    start: problem,
    positionOf: () => undefined,
    rangeOf: () => undefined,
    shapeOf: () => undefined,
    commentsAt: () => undefined,
  };
}
