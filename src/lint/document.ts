/**
 * A file cut at its document markers. A marker at the beginning of a line ends a document wherever it stands, so that each
 * piece can be read on its own and, as long as its text stays, need not be read again.
 */
import { isCandidate } from '../compiler/check.ts';
import type { Candidate } from '../compiler/check.ts';
import { nearest } from '../compiler/nearest.ts';
import { isRecord } from '../shared/deep.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { jsonObjectStarts } from '../types/yaml/json-stream.ts';
import { readYamlDocuments } from '../types/yaml/read.ts';
import type { YamlDocument, YamlPosition } from '../types/yaml/read.ts';
import type { PlacedRange, Range, RelatedPlace } from './diagnostics.ts';
import { slippedLine } from './indentation.ts';
import type { Layer, Severity } from './rule.ts';

export interface DocumentText {
  readonly text: string;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
  /** Why nothing in it is looked at, where that is so. */
  readonly refused?: string;
}

/** Of one file. More are data or an attack, and would take gigabytes. */
const mostDocuments = 50_000;

const marker = /^---(?=[ \t\r\n]|$)/gm;

/** Objects of JSON one after the other are documents too, where each begins a line. */
function objectLines(text: string): readonly number[] {
  const starts = jsonObjectStarts(text).slice(1);
  const lines = starts.map((start) => text.lastIndexOf('\n', start) + 1);
  return starts.every((start, index) => text.slice(lines[index], start).trim() === '') ? [0, ...lines] : [0];
}

export function splitDocuments(text: string): readonly DocumentText[] {
  // Directives belong to the document after them; files that have any are read whole.
  if (text.startsWith('%') || text.includes('\n%')) return [{ text, offset: 0, line: 0 }];
  const starts = [...objectLines(text)];
  for (const { index } of text.matchAll(marker)) {
    if (index > 0) starts.push(index);
    if (starts.length <= mostDocuments) continue;
    const refused = `the file has more than ${mostDocuments} documents and is not checked; split it`;
    return [{ text: '', offset: 0, line: 0, refused }];
  }
  const pieces: DocumentText[] = [];
  let line = 0;
  starts.forEach((offset, index) => {
    const piece = text.slice(offset, starts[index + 1]);
    pieces.push({ text: piece, offset, line });
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) line += 1;
  });
  return pieces;
}

/** Something found in one piece; places are counted from where the piece begins. */
export interface Found {
  readonly layer: Layer;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fieldPath: FieldPath;
  readonly range: PlacedRange;
  readonly related?: readonly RelatedPlace[];
}

export type Steps = readonly (string | number)[];

export function stepsOf(path: FieldPath): Steps {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
}

/** A manifest in a piece: the whole document, or an item of a list. */
export interface ReadObject {
  readonly candidate: Candidate;
  readonly yaml: YamlDocument;
  /** Where it stands in the document. */
  readonly base: Steps;
}

/** Of one document: whatever a parser finds after these follows from them. */
const mostProblems = 5;

/** Where a path stands, or what is nearest above it. */
export function rangeIn(yaml: YamlDocument, steps: Steps, part: 'key' | 'value' = 'value'): Range {
  for (let length = steps.length; length >= 0; length--) {
    const range = yaml.rangeOf(steps.slice(0, length), length === steps.length ? part : 'key');
    if (range) return range.end.offset > range.start.offset ? range : { start: range.start, end: range.start };
  }
  return { start: yaml.start, end: yaml.start };
}

export function rangeOfObject({ yaml, base }: ReadObject, path: FieldPath, part?: 'key' | 'value'): Range {
  return rangeIn(yaml, [...base, ...stepsOf(path)], part);
}

function pointRange(at: YamlPosition, length = 1): Range {
  const { line, column, offset } = at;
  return { start: { line, column, offset }, end: { line, column: column + length, offset: offset + length } };
}

/** Kinds that programs read from files and that are never sent to an API server. */
const clientKinds =
  /^(?:builtin \S+|kustomize\.config\.k8s\.io\/\S* \S+|v1 Config|(?:kind\.x-k8s\.io|k3d\.io|kubelet\.config\.k8s\.io|kubeadm\.k8s\.io|kubeproxy\.config\.k8s\.io|kubescheduler\.config\.k8s\.io|apiserver\.config\.k8s\.io|apiserver\.k8s\.io|audit\.k8s\.io|client\.authentication\.k8s\.io|skaffold|minikube)\/?\S* \S+)$/;

/** One piece of a file, read. */
export class DocumentPart {
  readonly objects: readonly ReadObject[];
  readonly problems: readonly Found[];
  /** Values that are no manifests. */
  readonly others: readonly { readonly value: unknown; readonly range: Range }[];
  readonly yaml: readonly YamlDocument[];

  constructor(
    readonly text: string,
    refused?: string,
  ) {
    const objects: ReadObject[] = [];
    const problems: Found[] = refused === undefined ? [] : [refusal(refused)];
    const others: { readonly value: unknown; readonly range: Range }[] = [];
    this.yaml = readYamlDocuments(text);
    for (const yaml of this.yaml) {
      problems.push(...problemsOf(yaml, text));
      visit(yaml, yaml.partial, [], undefined);
    }
    this.objects = objects;
    this.problems = problems;
    this.others = others;

    function visit(yaml: YamlDocument, value: unknown, base: Steps, list: Candidate | undefined): void {
      if (value === null || value === undefined) return;
      const typed = list && isRecord(value) ? { ...identityOfItem(list), ...value } : value;
      if (!isCandidate(typed)) {
        const misnamed = isRecord(typed) ? misnamedIdentity(typed, yaml, base) : undefined;
        if (misnamed) problems.push(misnamed);
        else others.push({ value, range: rangeIn(yaml, base, 'key') });
        return;
      }
      if (clientKinds.test(`${typed.apiVersion} ${typed.kind}`)) {
        others.push({ value, range: rangeIn(yaml, base, 'key') });
        return;
      }
      const { items } = typed;
      if (typed.kind.endsWith('List') && Array.isArray(items)) {
        items.forEach((item, index) => visit(yaml, item, [...base, 'items', index], typed));
      } else objects.push({ candidate: typed, yaml, base });
    }
  }
}

function refusal(message: string): Found {
  const range = pointRange({ line: 1, column: 1, offset: 0 });
  return { layer: 'syntax', rule: 'too-many-documents', severity: 'error', message, fieldPath: [], range };
}

/** A quote that nobody closes swallows the rest; the parser notices at the end, the author has to look at its beginning. */
function openQuote(text: string, quote: string): YamlPosition | undefined {
  const opening = quote === '"' ? /(?:^|[:,[{-]\s)\s*"(?:[^"\\]|\\.)*$/ : /(?:^|[:,[{-]\s)\s*'(?:[^']|'')*$/;
  let offset = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const match = opening.exec(line);
    if (match) {
      const column = match.index + match[0].indexOf(quote);
      return { line: index + 1, column: column + 1, offset: offset + column };
    }
    offset += line.length + 1;
  }
  return undefined;
}

/** A bracket that nobody closes is noticed where the indentation ends; the author has to look at where it was opened. */
function openBracket(text: string, end: YamlPosition): YamlPosition | undefined {
  if (text.slice(end.offset).trim() !== '') return undefined;
  const open: YamlPosition[] = [];
  let offset = 0;
  for (const [index, line] of text.split('\n').entries()) {
    // Quoted texts and comments hold no brackets.
    const plain = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?<=^|\s)#.*$/g, (part) => ' '.repeat(part.length));
    for (const { 0: bracket, index: column } of plain.matchAll(/[[\]{}]/g)) {
      if (bracket === '[' || bracket === '{')
        open.push({ line: index + 1, column: column + 1, offset: offset + column });
      else open.pop();
    }
    offset += line.length + 1;
  }
  return open.at(-1);
}

function startOfLine(text: string, line: number): YamlPosition | undefined {
  let offset = 0;
  for (let left = line - 1; left > 0; left -= 1) offset = text.indexOf('\n', offset) + 1;
  const indent = /^ */.exec(text.slice(offset, offset + 500))?.[0].length ?? 0;
  return { line, column: indent + 1, offset: offset + indent };
}

/** Whatever a parser makes of two versions of a text between the marks of git, it is about the marks. */
function problemsOf({ problems }: YamlDocument, text: string): readonly Found[] {
  const conflict = problems.length > 0 ? /^<{7} .*$/m.exec(text) : null;
  if (!conflict) return problems.slice(0, mostProblems).map((problem) => problemOf(problem, text));
  const line = text.slice(0, conflict.index).split('\n').length;
  const range = pointRange({ line, column: 1, offset: conflict.index }, conflict[0].length);
  const message = 'a merge of git left two versions here; keep one of them, and take the marks away';
  return [{ layer: 'syntax', rule: 'syntax', severity: 'error', message, fieldPath: [], range }];
}

function problemOf({ message, first, ...end }: YamlDocument['problems'][number], text: string): Found {
  const quote = /^Missing closing (["'])/.exec(message)?.[1];
  const unclosed = /^Flow (?:map|sequence) in block collection must be sufficiently indented/.test(message);
  const opened = quote !== undefined ? openQuote(text, quote) : unclosed ? openBracket(text, end) : undefined;
  const slipped = /start at the same column|without - indicator|used as an implicit map key/.test(message);
  const at = opened ?? (slipped ? startOfLine(text, slippedLine(text, end.line)) : undefined) ?? end;
  const repeated = first ? /^key (".*") already/s.exec(message)?.[1] : undefined;
  const range = pointRange(at, repeated === undefined ? 1 : Math.max(1, repeated.length - 2));
  const found: Found = { layer: 'syntax', rule: 'syntax', severity: 'error', message, fieldPath: [], range };
  if (!first || repeated === undefined) return found;
  return {
    ...found,
    rule: 'duplicate-key',
    message: `${repeated} already stands in line ${first.line} of this mapping; Kubernetes takes only one of them`,
    related: [{ file: '', range: pointRange(first, repeated.length - 2), message: 'first here' }],
  };
}

/** Items of a typed list (`PodList`) may leave out what they are. */
function identityOfItem(list: Candidate): { readonly apiVersion?: string; readonly kind?: string } {
  return list.kind === 'List' ? {} : { apiVersion: list.apiVersion, kind: list.kind.slice(0, -'List'.length) };
}

/** What is nearly a manifest: one half of its identity, and metadata or a spec. */
function misnamedIdentity(value: Record<string, unknown>, yaml: YamlDocument, base: Steps): Found | undefined {
  const { apiVersion, kind, metadata, spec } = value;
  const isText = (one: unknown): boolean => typeof one === 'string' && one !== '';
  if (isText(apiVersion) === isText(kind) || !(isRecord(metadata) || isRecord(spec))) return undefined;
  if (isText(kind) && !/^[A-Z][A-Za-z0-9]*$/.test(String(kind))) return undefined;
  const lacking = isText(apiVersion) ? 'kind' : 'apiVersion';
  if (value[lacking] !== undefined && value[lacking] !== null) {
    const range = rangeIn(yaml, [...base, lacking]);
    return { ...identityError(lacking, `${lacking} must be a text`), fieldPath: [lacking], range };
  }
  const known = ['apiVersion', 'kind', 'metadata', 'spec', 'data', 'status'];
  const similar = nearest(
    lacking,
    Object.keys(value).filter((key) => !known.includes(key)),
  );
  // Where nothing stands behind the key, that is where it is missing.
  if (Object.hasOwn(value, lacking)) {
    const range = rangeIn(yaml, [...base, lacking], 'key');
    return { ...identityError(lacking, `${lacking} is missing`), fieldPath: [lacking], range };
  }
  const text = similar === undefined ? `${lacking} is missing` : `${lacking} is missing; is ${similar} meant to be it?`;
  const range = similar === undefined ? rangeIn(yaml, base, 'key') : rangeIn(yaml, [...base, similar], 'key');
  return { ...identityError(lacking, text), fieldPath: similar === undefined ? [] : [similar], range };
}

function identityError(field: string, message: string): Omit<Found, 'fieldPath' | 'range'> {
  return {
    layer: 'identity',
    rule: `missing-${field === 'kind' ? 'kind' : 'api-version'}`,
    severity: 'error',
    message,
  };
}
