/** An object as a person reads it: field by field with words instead of braces, its events below. Pure. */
import { isRecord } from '../shared/deep.ts';
import type { Event } from '../types/kinds/core/event.ts';
import type { Persisted } from '../types/meta.ts';
import { byTime, eventHead, eventRow } from './event-rows.ts';
import { tableText } from './output.ts';

/** Told in the first lines, or of no interest to a person. */
const headFields: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'labels',
  'annotations',
  'managedFields',
  'uid',
  'resourceVersion',
  'selfLink',
]);
/** Maps whose keys are somebody's own words. */
const ownKeys =
  /^(?:data|binaryData|matchLabels|labels|annotations|nodeSelector|selector|limits|requests|capacity|allocatable|hard|used|parameters)$/;
const column = 16;

/** `containerPort` -> `Container Port`; abbreviations stay together: `podIPs` -> `Pod IPs`. */
function title(key: string): string {
  return /^[a-z][A-Za-z0-9]*$/.test(key)
    ? key
        .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
        .replace(/([A-Z]+)([A-Z][a-z](?!$|[A-Z]))/g, '$1 $2')
        .replace(/^./, (first) => first.toUpperCase())
    : key;
}

function scalar(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function pairs(value: unknown, separator: string, indent: string): string {
  const entries = isRecord(value) ? Object.entries(value) : [];
  if (entries.length === 0) return '<none>';
  return entries.map(([key, text]) => `${key}${separator}${scalar(text)}`).join(`\n${indent}`);
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function linesOf(key: string, value: unknown, indent: string, own = false): readonly string[] {
  const head = `${indent}${own ? key : title(key)}:`;
  if (typeof value === 'string' && value.includes('\n'))
    return [
      head,
      ...value
        .trimEnd()
        .split('\n')
        .map((line) => `${indent}  ${line}`),
    ];
  if (isPlain(value)) return [`${`${head} `.padEnd(indent.length + column)}${scalar(value)}`];
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${`${head} `.padEnd(indent.length + column)}<none>`];
    if (value.every(isPlain)) return [head, ...value.map((item) => `${indent}  ${scalar(item)}`)];
    return [head, ...value.flatMap((item: unknown) => itemLines(item, `${indent}  `))];
  }
  const entries = Object.entries(value ?? {});
  return entries.length === 0
    ? [`${`${head} `.padEnd(indent.length + column)}<none>`]
    : [head, ...entries.flatMap(([inner, field]) => linesOf(inner, field, `${indent}  `, ownKeys.test(key)))];
}

/** Items of lists are told apart by a dash, as in YAML. */
function itemLines(item: unknown, indent: string): readonly string[] {
  if (!isRecord(item)) return [`${indent}- ${scalar(item)}`];
  const lines = Object.entries(item).flatMap(([key, value]) => linesOf(key, value, `${indent}  `));
  return lines.map((line, index) => (index === 0 ? `${indent}- ${line.slice(indent.length + 2)}` : line));
}

/** Secrets tell how much there is, not what. */
function body(object: Persisted): Readonly<Record<string, unknown>> {
  const { apiVersion: _version, kind, metadata, ...rest } = object;
  const fields: Record<string, unknown> = { ...rest };
  if (kind === 'Secret' && isRecord(fields['data']))
    fields['data'] = Object.fromEntries(
      Object.entries(fields['data']).map(([key, value]) => [
        key,
        `${typeof value === 'string' ? Buffer.from(value, 'base64').length : 0} bytes`,
      ]),
    );
  const more = Object.entries(metadata).filter(([key]) => !headFields.has(key));
  return { metadata: Object.fromEntries(more), ...fields };
}

export function description(object: Persisted, events: readonly Persisted<Event>[], now: Date): string {
  const { name, namespace, labels, annotations } = object.metadata;
  const indent = ' '.repeat(column);
  const line = (key: string, text: string): string => `${`${key}:`.padEnd(column)}${text}`;
  const lines = [
    line('Name', name),
    ...(namespace === undefined ? [] : [line('Namespace', namespace)]),
    line('Labels', pairs(labels, '=', indent)),
    line('Annotations', pairs(annotations, ': ', indent)),
    line('API Version', object.apiVersion),
    line('Kind', object.kind),
    ...Object.entries(body(object)).flatMap(([key, value]) => linesOf(key, value, '')),
  ];
  const rows = byTime(events).map((event) => eventRow(event, now));
  if (rows.length === 0) return [...lines, line('Events', '<none>'), ''].join('\n');
  const table = tableText(eventHead, rows)
    .trimEnd()
    .split('\n')
    .map((text) => `  ${text}`);
  return [...lines, 'Events:', ...table, ''].join('\n');
}
