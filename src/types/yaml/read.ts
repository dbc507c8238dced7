/**
 * YAML as Kubernetes reads it (sigs.k8s.io/yaml over go-yaml v2): YAML 1.1 scalars, keys that are texts whatever they look
 * like, duplicate keys refused. What manifests are written in is read quickly; the `yaml` package reads the rest.
 */
import type { YamlComments } from './comments.ts';
import { composeDocuments, mostComposed } from './composed-document.ts';
import { documentTexts, shiftedDocument } from './document-texts.ts';
import { readQuickly, unreadDocument } from './quick-document.ts';
import { hasTabIndent } from './tabs.ts';

/** Counted from 1, as editors do. */
export interface YamlPosition {
  readonly line: number;
  readonly column: number;
  /** Index into the text, counted from 0. */
  readonly offset: number;
}

export interface YamlProblem extends YamlPosition {
  readonly message: string;
  /** Of a key that stands there twice: where it stands first. */
  readonly first?: YamlPosition;
}

/** How the value at a path is written; offsets are indexes into the text. */
export interface YamlShape {
  readonly form: 'map' | 'list' | 'scalar' | 'alias';
  /** Written with braces or brackets. */
  readonly flow: boolean;
  /** The key in front of the value; none for items and for the whole document. */
  readonly key: readonly [number, number] | undefined;
  readonly value: readonly [number, number];
  /** Where the first key or item starts; undefined for scalars and empty collections. */
  readonly first: number | undefined;
  /** Where the next key or item after this one starts. */
  readonly next: number | undefined;
  /** How many keys or items stand where this one stands, itself included. */
  readonly siblings: number;
}

export interface YamlDocument {
  /** Null for an empty document, and for one with problems. */
  readonly value: unknown;
  /** The value also where keys stand twice (the last one wins), for tools that say more than the first thing that is wrong. */
  readonly partial: unknown;
  readonly problems: readonly YamlProblem[];
  /** Where the document starts. */
  readonly start: YamlPosition;
  /** Where the value at a path stands, or its key; undefined where there is none. */
  positionOf(path: readonly (string | number)[], part?: 'key' | 'value'): YamlPosition | undefined;
  /** Where the key at a path, or the list's item, starts and ends; with `value` the value, if it is a scalar. */
  rangeOf(path: readonly (string | number)[], part: 'key' | 'value'): YamlRange | undefined;
  shapeOf(path: readonly (string | number)[]): YamlShape | undefined;
  /** The comments at a path, or undefined where there are none. */
  commentsAt(path: readonly (string | number)[]): YamlComments | undefined;
}

export interface YamlRange {
  readonly start: YamlPosition;
  readonly end: YamlPosition;
}

export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly line: number;
  readonly column: number;

  constructor(problem: YamlProblem) {
    super(`yaml: line ${problem.line}: ${problem.message}`);
    this.line = problem.line;
    this.column = problem.column;
  }
}

/** go-yaml takes none anywhere but for tabs, ends of lines and NEL; JSON has its own rules. */
function controlCharacter(text: string): YamlProblem | undefined {
  const offset = text.search(/[^\P{Cc}\t\n\r\u0085]/u);
  if (offset < 0 || /^\uFEFF?\s*\{/.test(text)) return undefined;
  const before = text.slice(0, offset).split('\n');
  const code = text.charCodeAt(offset).toString(16).toUpperCase().padStart(4, '0');
  const message = `control characters are not allowed, and here is U+${code}`;
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, offset, message };
}

/** All documents of a text. Never throws for what the text says: look at `problems`. */
export function readYamlDocuments(text: string): readonly YamlDocument[] {
  const parts = text.length > mostComposed ? documentTexts(text) : [];
  if (parts.length > 1)
    return parts.flatMap((part) => readYamlDocuments(part.text).map((document) => shiftedDocument(document, part)));
  const control = controlCharacter(text);
  if (control) return [unreadDocument(control)];
  if (text.length <= mostComposed && hasTabIndent(text)) return composeDocuments(text);
  const quick = readQuickly(text);
  if (quick.documents) return quick.documents;
  if (text.length <= mostComposed) return composeDocuments(text);
  const message = 'here is a mistake, or something that is read only in documents of at most 1 MiB';
  return [unreadDocument({ ...quick.reached, message })];
}

/**
 * The value of the first document; null for an empty text.
 *
 * @throws YamlError with line and column.
 */
export function readYaml(text: string): unknown {
  const [first] = readYamlDocuments(text);
  const problem = first?.problems[0];
  if (problem) throw new YamlError(problem);
  return first?.value ?? null;
}
