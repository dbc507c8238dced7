/**
 * Documents as the `yaml` package composes them, for whatever the quick reader is not sure of: it knows all of YAML and says what
 * is wrong. The meaning of its scalars is our own.
 */
import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser, type Document, type ParsedNode } from 'yaml';
import { commentsOf, type YamlComments } from './comments.ts';
import { tooDeep } from './depth.ts';
import { maxExpandedNodes, mergedMap, setOwn } from './reading.ts';
import type { YamlDocument, YamlPosition, YamlProblem, YamlRange, YamlShape } from './read.ts';
import { plainValue } from './scalar.ts';
import { hasTabIndent, refusedTab } from './tabs.ts';

type Json = Record<string, unknown>;

const maxDepth = 1_000;

class Refused extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface Anchored {
  readonly value: unknown;
  readonly nodes: number;
}

function offsetOf(node: ParsedNode | null): number {
  return node?.range[0] ?? 0;
}

function keyText(value: unknown, offset: number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return 'null';
  throw new Refused('a map key must be a text, a number or a boolean', offset);
}

interface Repetition {
  readonly key: string;
  readonly offset: number;
  readonly first: number;
}

/** One document's tree to values. */
class Reading {
  readonly repetitions: Repetition[] = [];
  readonly #anchors = new Map<string, Anchored | undefined>();
  #nodes = 0;
  #expanded = 0;

  value(node: ParsedNode | null, depth = 0): unknown {
    this.#nodes += 1;
    if (node === null) return null;
    if (depth > maxDepth) throw new Refused(`values are nested more than ${maxDepth} deep`, offsetOf(node));
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (!this.#anchors.has(node.source))
        throw new Refused(`unknown anchor '${node.source}' referenced`, offsetOf(node));
      if (!target) throw new Refused(`anchor '${node.source}' value contains itself`, offsetOf(node));
      this.#nodes += target.nodes;
      this.#expanded += target.nodes;
      if (this.#expanded > maxExpandedNodes) throw new Refused('document contains excessive aliasing', offsetOf(node));
      return target.value;
    }
    const anchor = node.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const before = this.#nodes;
    const value = this.#content(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, { value, nodes: this.#nodes - before });
    return value;
  }

  #content(node: ParsedNode, depth: number): unknown {
    if (isScalar(node)) return this.#scalar(node);
    if (isSeq(node)) return node.items.map((item) => this.value(item, depth + 1));
    if (!isMap(node)) throw new Refused('this kind of node is not supported', offsetOf(node));
    const map: Json = {};
    const own = new Map<string, number>();
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<' && key.tag === undefined) {
        this.#mergeInto(map, this.value(value, depth + 1), offsetOf(value));
        continue;
      }
      const name = keyText(this.value(key, depth + 1), offsetOf(key));
      const first = own.get(name);
      if (first === undefined) own.set(name, offsetOf(key));
      else this.repetitions.push({ key: name, offset: offsetOf(key), first });
      setOwn(map, name, this.value(value, depth + 1));
    }
    return map;
  }

  /** As kubectl's reader does it, in the order of the keys: what was there is replaced, what comes later replaces. */
  #mergeInto(map: Json, merged: unknown, offset: number): void {
    const found = mergedMap(merged);
    if (!found) throw new Refused('map merge requires map or sequence of maps as the value', offset);
    for (const [key, value] of Object.entries(found)) setOwn(map, key, value);
  }

  #scalar(node: ParsedNode & { readonly value: unknown }): unknown {
    if (!isScalar(node)) return null;
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    switch (node.tag) {
      case undefined:
        return node.type === 'PLAIN' ? finite(plainValue(node.value === null ? '' : text), node) : text;
      case '!':
      case 'tag:yaml.org,2002:str':
        return text;
      case 'tag:yaml.org,2002:binary':
        return Buffer.from(text, 'base64').toString('utf8');
      case 'tag:yaml.org,2002:int':
      case 'tag:yaml.org,2002:float':
      case 'tag:yaml.org,2002:bool':
      case 'tag:yaml.org,2002:null':
      case 'tag:yaml.org,2002:timestamp':
        return finite(plainValue(text), node);
      default:
        return node.type === 'PLAIN' ? finite(plainValue(text), node) : text;
    }
  }
}

/** JSON has no infinities. */
function finite(value: string | number | boolean | null, node: ParsedNode): string | number | boolean | null {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Refused(`${String(value)} is not a number that JSON knows`, offsetOf(node));
  }
  return value;
}

/** Places are looked for when somebody asks. */
class ReadDocument implements YamlDocument {
  readonly value: unknown;
  readonly partial: unknown;
  readonly problems: readonly YamlProblem[];
  readonly start: YamlPosition;
  readonly #document: Document.Parsed;
  readonly #shift: number;
  readonly #lines: LineCounter;

  /** @param tabbed the text, where tabs stand at the beginning of lines */
  constructor(document: Document.Parsed, lines: LineCounter, shift: number, tabbed: string | undefined) {
    this.#document = document;
    this.#lines = lines;
    this.#shift = shift;
    this.start = this.#position(offsetOf(document.contents) || document.range[0]);
    // Where the parser gives up for depth, whatever else it says follows from that.
    const overflow = document.errors.find(({ message }) => message.includes('Maximum call stack'));
    const errors = overflow ? [{ message: 'values are nested too deeply', pos: overflow.pos }] : document.errors;
    const problems = errors.map(({ message, pos }): YamlProblem => ({
      ...this.#position(pos[0]),
      message: message.split(' at line ')[0] ?? message,
    }));
    const [from, , to] = document.range;
    const tab = tabbed === undefined ? undefined : refusedTab(tabbed, document.contents, [from, to]);
    if (tab !== undefined && problems.length === 0)
      problems.push({ ...this.#position(tab), message: 'found a tab character where lines are indented; use spaces' });
    this.partial = problems.length === 0 ? this.#read(problems) : null;
    this.value = problems.length === 0 ? this.partial : null;
    this.problems = problems;
  }

  #read(problems: YamlProblem[]): unknown {
    const reading = new Reading();
    let value: unknown = null;
    let refused: YamlProblem | undefined;
    try {
      value = reading.value(this.#document.contents);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused = { ...this.#position(error.offset), message: error.message };
    }
    for (const { key, offset, first } of reading.repetitions) {
      const message = `key ${JSON.stringify(key)} already set in map`;
      problems.push({ ...this.#position(offset), message, first: this.#position(first) });
    }
    if (refused) problems.push(refused);
    return value;
  }

  positionOf(path: readonly (string | number)[], part: 'key' | 'value' = 'value'): YamlPosition | undefined {
    const { key, node } = this.#find(path) ?? {};
    const found = part === 'key' ? (key ?? node) : node;
    return found ? this.#position(offsetOf(found)) : undefined;
  }

  rangeOf(path: readonly (string | number)[], part: 'key' | 'value'): YamlRange | undefined {
    const { key, node } = this.#find(path) ?? {};
    const found = part === 'value' && isScalar(node) ? node : (key ?? node);
    if (!found) return undefined;
    const start = this.#position(offsetOf(found));
    // A collection is shown by its beginning; the whole of it would colour half a file.
    return { start, end: isScalar(found) ? this.#position(found.range[1]) : start };
  }

  shapeOf(path: readonly (string | number)[]): YamlShape | undefined {
    const found = this.#find(path);
    if (!found?.node) return undefined;
    const { key, node } = found;
    const range = ({ range: [from, to] }: ParsedNode): readonly [number, number] => [
      from + this.#shift,
      to + this.#shift,
    ];
    const starts = (of: ParsedNode | null): readonly (ParsedNode | null)[] =>
      isMap(of) ? of.items.map((item) => item.key) : isSeq(of) ? of.items : [];
    const first = starts(node)[0];
    const around = path.length === 0 ? [] : starts(this.#target(path.slice(0, -1)));
    const next = around[around.indexOf(key ?? node) + 1];
    return {
      form: isMap(node) ? 'map' : isSeq(node) ? 'list' : isAlias(node) ? 'alias' : 'scalar',
      flow: (isMap(node) || isSeq(node)) && node.flow === true,
      key: key && key !== node ? range(key) : undefined,
      value: range(node),
      first: first ? offsetOf(first) + this.#shift : undefined,
      next: next ? offsetOf(next) + this.#shift : undefined,
      siblings: around.length,
    };
  }

  commentsAt(path: readonly (string | number)[]): YamlComments | undefined {
    const found = this.#find(path);
    return found && commentsOf(found, path.length === 0 ? this.#document : undefined);
  }

  #find(
    path: readonly (string | number)[],
  ): { readonly key: ParsedNode | null; readonly node: ParsedNode | null; readonly above?: string } | undefined {
    let node: ParsedNode | null = this.#document.contents;
    let key: ParsedNode | null = null;
    let above: string | null | undefined;
    for (const step of path) {
      if (isAlias(node)) node = this.#aliased(node.source);
      if (isMap(node)) {
        const pair = node.items.findLast((item) => isScalar(item.key) && String(item.key.value) === String(step));
        if (!pair) return undefined;
        above = pair === node.items[0] && key !== null && key !== node ? node.commentBefore : undefined;
        key = pair.key;
        node = pair.value ?? pair.key;
      } else if (isSeq(node)) {
        const item: ParsedNode | undefined = node.items[Number(step)];
        if (!item) return undefined;
        node = key = item;
        above = undefined;
      } else return undefined;
    }
    return { key, node, ...(above ? { above } : {}) };
  }

  /** Without the detour over an alias: what is written there belongs to another place. */
  #target(path: readonly (string | number)[]): ParsedNode | null {
    return this.#find(path)?.node ?? null;
  }

  #aliased(anchor: string): ParsedNode | null {
    let found: ParsedNode | null = null;
    const search = (node: ParsedNode | null): void => {
      if (node === null || isAlias(node)) return;
      if (node.anchor === anchor) found = node;
      if (isSeq(node)) for (const item of node.items) search(item);
      if (isMap(node)) for (const { value } of node.items) search(value);
    };
    search(this.#document.contents);
    return found;
  }

  #position(offset: number): YamlPosition {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), offset: offset + this.#shift };
  }
}

/**
 * Characters of a text that is composed: that takes seconds and hundreds of megabytes for more, and no API server takes an object
 * of this size.
 */
export const mostComposed = 1024 * 1024;

/** Never throws for what the text says: look at `problems`. */
export function composeDocuments(text: string): readonly YamlDocument[] {
  const shift = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const lines = new LineCounter();
  const composer = new Composer({
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    version: '1.1',
    logLevel: 'silent',
  });
  const documents: YamlDocument[] = [];
  const own = shift === 0 ? text : text.slice(1);
  const tabbed = hasTabIndent(own) ? own : undefined;
  const tokens = new Parser(lines.addNewLine).parse(own);
  const add = (composed: Iterable<Document.Parsed>): void => {
    for (const document of composed) documents.push(new ReadDocument(document, lines, shift, tabbed));
  };
  let deep = false;
  for (const token of tokens) {
    const offset = tooDeep(token, maxDepth);
    if (offset === undefined) {
      add(composer.next(token));
      continue;
    }
    add(composer.next({ type: 'error', offset, source: '', message: 'values are nested too deeply' }));
    deep = true;
    break;
  }
  add(composer.end(deep, text.length));
  return documents;
}
