/** Reads the objects of YAML and JSON files, with the place of every field. Never throws for what a file holds. */
import { isUtf8 } from 'node:buffer';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { isCandidate } from '../compiler/check.ts';
import type { Candidate, FindingLayer, Severity } from '../compiler/check.ts';
import type { SourcePlace } from '../compiler/problem.ts';
import { isRecord } from '../shared/deep.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { itemsOfList } from '../types/list-items.ts';
import { readManifests } from '../types/yaml/manifests.ts';
import type { YamlComments } from '../types/yaml/comments.ts';
import type { YamlDocument } from '../types/yaml/read.ts';
import type { SourceFile } from './source-files.ts';

export interface DocumentProblem {
  readonly severity: Severity;
  readonly layer: FindingLayer;
  readonly code: string;
  readonly message: string;
  readonly place: SourcePlace;
}

export interface SourceDocument {
  readonly candidate: Candidate;
  /** The key where `part` is `key`, else the value, or the nearest that exists above. */
  place(path: FieldPath, part?: 'key' | 'value'): SourcePlace;
  /** The comments at a path, for those who carry them on. */
  comments(path: readonly (string | number)[]): YamlComments | undefined;
}

export interface FileContent {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly DocumentProblem[];
}

/** No sound manifest comes near: an object in the store has at most 1.5 MiB. */
const largest = 10 * 1024 * 1024;

/** Of one document: whatever a parser finds after these follows from them. */
const mostProblems = 5;

class Unreadable extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function streamBytes(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > largest) throw new Unreadable('too-large', 'has more than 10 MiB, the most that is read');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function fileBytes(path: string): Promise<Buffer> {
  // At once, since a file of this size is read sooner than it is waited for.
  const found = statSync(path);
  // What the shell puts in the place of `<(command)`.
  const substituted = found.isFIFO() && /^\/(?:dev|proc)\//.test(path);
  if (!found.isFile() && !substituted) throw new Unreadable('no-file', 'is no regular file');
  if (substituted) return streamBytes(createReadStream(path));
  const { size } = found;
  if (size > largest) {
    const megabytes = Math.ceil(size / (1024 * 1024));
    throw new Unreadable('too-large', `has ${megabytes} MiB; files of more than 10 MiB are not read`);
  }
  return readFileSync(path);
}

async function textOf(path: string): Promise<string> {
  const bytes = path === '-' ? await streamBytes(process.stdin) : await fileBytes(path);
  if (bytes.subarray(0, 8_192).includes(0)) throw new Unreadable('binary', 'is binary, no YAML or JSON');
  if (!isUtf8(bytes)) throw new Unreadable('encoding', 'is no valid UTF-8');
  return bytes.toString('utf8');
}

function start(file: string): SourcePlace {
  return { file, line: 1, column: 1 };
}

function problem(place: SourcePlace, code: string, message: string): DocumentProblem {
  return { severity: 'error', layer: 'syntax', code, message, place };
}

function failure(file: string, error: unknown): DocumentProblem {
  if (error instanceof Unreadable) return problem(start(file), error.code, `the file ${error.message}`);
  if (error instanceof RangeError)
    return problem(start(file), 'too-deep', 'the file is nested more deeply than can be read');
  const text = error instanceof Error ? error.message : String(error);
  return problem(start(file), 'unreadable', `the file cannot be read: ${text}`);
}

type Steps = readonly (string | number)[];

function steps(path: FieldPath): Steps {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

/** The place of a path, or of what is nearest above it. */
function placeIn(document: YamlDocument, file: string, path: Steps, part: 'key' | 'value'): SourcePlace {
  for (let length = path.length; length >= 0; length--) {
    const range = document.rangeOf(path.slice(0, length), length === path.length ? part : 'key');
    if (!range) continue;
    const { start: from, end } = range;
    const place = { file, line: from.line, column: from.column };
    return end.offset > from.offset ? { ...place, endLine: end.line, endColumn: end.column } : place;
  }
  return { file, line: document.start.line, column: document.start.column };
}

class Reading {
  readonly documents: SourceDocument[] = [];
  readonly problems: DocumentProblem[] = [];

  constructor(readonly source: SourceFile) {}

  take(document: YamlDocument): void {
    const { path: file } = this.source;
    if (document.problems.length > 0) {
      for (const { line, column, message } of document.problems.slice(0, mostProblems))
        this.problems.push(problem({ file, line, column }, 'syntax', message));
      return;
    }
    if (document.value !== null && document.value !== undefined) this.#value(document, document.value, []);
  }

  /** A list object stands for its items. */
  #value(document: YamlDocument, value: unknown, base: Steps): void {
    const { path: file, named } = this.source;
    if (!isCandidate(value)) {
      const place = placeIn(document, file, base, 'key');
      if (named) this.problems.push({ ...problem(place, 'no-manifest', missing(value)), layer: 'identity' });
      return;
    }
    const items = itemsOfList(value);
    if (items) {
      items.forEach((item, index) => this.#value(document, item, [...base, 'items', index]));
      return;
    }
    this.documents.push({
      candidate: value,
      place: (path, part = 'value') => placeIn(document, file, [...base, ...steps(path)], part),
      comments: (path) => document.commentsAt([...base, ...path]),
    });
  }
}

function missing(value: unknown): string {
  if (!isRecord(value)) return 'this is no manifest: it is not an object';
  const lacking = ['apiVersion', 'kind'].filter((field) => typeof value[field] !== 'string');
  return `this is no manifest: it has no ${lacking.join(' and no ')}`;
}

/** The text of a file, or why there is none. */
export async function readText(
  source: SourceFile,
): Promise<{ readonly text: string } | { readonly problem: DocumentProblem }> {
  try {
    return { text: await textOf(source.path) };
  } catch (error) {
    return { problem: failure(source.path, error) };
  }
}

export async function readDocuments(source: SourceFile): Promise<FileContent> {
  const reading = new Reading(source);
  try {
    const text = await textOf(source.path);
    const documents = readManifests(text);
    const broken = documents.some(({ problems }) => problems.length > 0);
    // In a folder stand files that are none of our business: settings with comments in their JSON, values of templates.
    if (broken && !source.named && !(/\bapiVersion\b/.test(text) && /\bkind\b/.test(text)))
      return { documents: [], problems: [] };
    for (const document of documents) reading.take(document);
    if (source.named && documents.length === 0)
      return { documents: [], problems: [problem(start(source.path), 'empty', 'the file is empty')] };
  } catch (error) {
    return { documents: [], problems: [failure(source.path, error)] };
  }
  return reading;
}
