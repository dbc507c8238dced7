/**
 * Where the author of a file has to look. Upstream's paths lead to what the server saw, after defaults and conversions, and in
 * some places simply astray: the index of a list is left out, a map is named where one of its entries is at fault.
 */
import { isRecord } from '../shared/deep.ts';
import type { FieldPath, PathSegment } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import { valueAt } from './selectors.ts';

type Shown = string | undefined;

function nameOf(segment: PathSegment): string | number {
  return typeof segment === 'object' ? segment.key : segment;
}

/** What a message says the faulty value is, as JSON. */
function shownIn(message: string): Shown {
  return /^(?:Invalid|Unsupported|Duplicate) value: ("(?:[^"\\]|\\.)*"|-?\d[^:]*|\[.*?\]|\{.*?\})(?=: |$)/.exec(
    message,
  )?.[1];
}

function isShown(value: unknown, shown: Shown): boolean {
  if (shown === undefined || value === undefined) return false;
  if (JSON.stringify(value) === shown) return true;
  return (typeof value === 'number' || typeof value === 'boolean') && JSON.stringify(String(value)) === shown;
}

/** A path whose index was left out: the item that has the value at the rest, or that lacks it. */
function inList(list: readonly unknown[], rest: FieldPath, shown: Shown): readonly PathSegment[] {
  const [lacking, empty] = [shown === undefined, shown === '""'];
  const meant = list.findIndex((item) => {
    const value = valueAt(item, rest);
    if (value !== undefined) return !lacking && isShown(value, shown);
    // The one that has the rest of the path, or at least could have it.
    return (lacking || empty) && valueAt(item, rest.slice(0, -1)) !== undefined;
  });
  const deeper = list.findIndex((item) => JSON.stringify(item)?.includes(shown ?? '""') === true);
  const index = meant >= 0 ? meant : deeper;
  return index < 0 ? [] : [index];
}

/** The names under which the server knows what an author may have written otherwise. */
const spellings: readonly (readonly [RegExp, (rest: FieldPath) => readonly FieldPath[]])[] = [
  [/^limits$/, (rest) => [['podFixed', ...rest]]],
  [/^conversionReviewVersions$/, (rest) => [['webhook', 'conversionReviewVersions', ...rest]]],
  [/^webhookClientConfig$/, (rest) => [['webhook', 'clientConfig', ...rest]]],
  [/^metrics$/, () => [['targetCPUUtilizationPercentage']]],
  [/^data$/, (rest) => [['stringData', ...rest]]],
  [/^clusterIPs$/, () => [['clusterIP']]],
  [/^labels$/, (rest) => [['metadata', 'labels', ...rest]]],
  [/^annotations$/, (rest) => [['metadata', 'annotations', ...rest]]],
  [/^taints$/, (rest) => [['spec', 'taints', ...rest]]],
];

/** The only version of a definition is validated as if its schema stood beside the versions. */
function inVersions(object: KubeObject, path: FieldPath): FieldPath | undefined {
  const [spec, field, ...rest] = path;
  if (object.kind !== 'CustomResourceDefinition' || spec !== 'spec' || field === undefined) return undefined;
  if (!['validation', 'additionalPrinterColumns', 'subresources', 'selectableFields'].includes(String(nameOf(field))))
    return undefined;
  const versions = valueAt(object, ['spec', 'versions']);
  if (!Array.isArray(versions)) return undefined;
  const tail = field === 'validation' ? ['schema', ...rest] : [field, ...rest];
  const index = versions.findIndex((version) => valueAt(version, tail.slice(0, 1)) !== undefined);
  return index < 0 ? undefined : ['spec', 'versions', index, ...tail];
}

function otherSpelling(parent: Record<string, unknown>, name: string, rest: FieldPath): FieldPath | undefined {
  const key = Object.keys(parent).find((one) => one.toLowerCase() === name.toLowerCase() || one === `${name}s`);
  if (key !== undefined) return [key, ...rest];
  // The size of a claim is said to stand in its resources.
  if (valueAt(parent, ['requests', { key: name }]) !== undefined) return ['requests', { key: name }, ...rest];
  for (const [pattern, others] of spellings) {
    if (!pattern.test(name)) continue;
    const there = others(rest).find((path) => valueAt(parent, path.slice(0, 2)) !== undefined);
    if (there) return there;
  }
  // Files of the downward API are said to stand beside the list of them.
  return Array.isArray(parent['items']) ? ['items', name, ...rest] : undefined;
}

/** The same path in the object as it is written. */
function asWritten(object: KubeObject, path: FieldPath, shown: Shown): FieldPath {
  const done: PathSegment[] = [];
  let left = inVersions(object, path) ?? path;
  let value: unknown = object;
  for (let steps = 0; left.length > 0 && steps < 200; steps++) {
    const [segment = '', ...rest] = left;
    // Upstream says some names twice.
    if (Array.isArray(value) && typeof segment === 'string' && segment === done.at(-1)) {
      left = rest;
      continue;
    }
    if (Array.isArray(value) && typeof segment !== 'number') {
      const index = inList(value, left, shown);
      if (index.length === 0) return [...done, ...left];
      left = [...index, ...left];
      continue;
    }
    const name = nameOf(segment);
    const next = valueAt(value, [segment]);
    if (next === undefined && isRecord(value)) {
      const other = otherSpelling(value, String(name), rest);
      if (!other || other[0] === segment) {
        // Taints of a node are said to stand in its metadata.
        const outer = done.length === 1 && name === 'taints' ? otherSpelling({ ...object }, name, rest) : undefined;
        if (!outer) return [...done, ...left];
        done.length = 0;
        value = object;
        left = outer;
        continue;
      }
      left = other;
      continue;
    }
    done.push(segment);
    value = next;
    left = rest;
  }
  return done;
}

/** What a message speaks of, below the path that it is said of. */
const spokenOf: readonly (readonly [RegExp, (match: RegExpExecArray) => readonly FieldPath[]])[] = [
  [/cannot set both port name & port number/, () => [['service', 'port']]],
  [/^Required value: port name or number is required/, () => [['service']]],
  [/value must be empty when `operator`/, () => [['value']]],
  [/must be (?:less than or )?equal to (\S+) limit of/, ([, name = '']) => [[{ key: name }]]],
  [/`allowPrivilegeEscalation`/, () => [['allowPrivilegeEscalation']]],
  [/^Invalid value: .*ShareProcessNamespace/, () => [['shareProcessNamespace']]],
  [/^Unsupported value: \{.*supported values: |must be 'RollingUpdate' or 'OnDelete'/, () => [['type']]],
];

/** The second of several fields of which only one may be there. */
function second(value: unknown): readonly PathSegment[] {
  if (Array.isArray(value)) {
    const index = value.findIndex((item) => isRecord(item) && Object.values(item).filter(isRecord).length > 1);
    return index < 0 ? [] : [index, ...second(value[index])];
  }
  const [, other] = isRecord(value) ? Object.keys(value).filter((key) => isRecord(value[key])) : [];
  return other === undefined ? [] : [other];
}

/** The item or entry that a message shows, where only the whole is named. */
function entryShown(value: unknown, shown: Shown): readonly PathSegment[] {
  if (Array.isArray(value)) {
    if (shown === JSON.stringify(value)) return value.length === 1 && !isRecord(value[0]) ? [0] : [];
    const index = value.findIndex(
      (item) => isShown(item, shown) || (isRecord(item) && entryShown(item, shown).length > 0),
    );
    return index < 0 ? [] : [index, ...entryShown(value[index], shown)];
  }
  if (!isRecord(value)) return [];
  const key = Object.keys(value).find((name) => JSON.stringify(name) === shown || isShown(value[name], shown));
  return key === undefined ? [] : [{ key }];
}

/** The field beside the one that is named, where that one has another value than the message shows. */
function besideShown(object: KubeObject, place: FieldPath, shown: Shown): FieldPath | undefined {
  const [parent, value] = [valueAt(object, place.slice(0, -1)), valueAt(object, place)];
  if (shown === undefined || shown === '""' || isShown(value, shown) || !isRecord(parent)) return undefined;
  const key = Object.keys(parent).find((name) => typeof parent[name] === 'string' && isShown(parent[name], shown));
  return key === undefined ? undefined : [...place.slice(0, -1), key];
}

function spokenBelow(object: KubeObject, place: FieldPath, message: string): FieldPath | undefined {
  for (const [pattern, below] of spokenOf) {
    const match = pattern.exec(message);
    if (!match) continue;
    // The field beside the one that is named, or below something that the author has not written.
    for (let length = place.length; length >= 0 && length >= place.length - 2; length--) {
      const from = place.slice(0, length);
      const there = below(match).find((rest) => valueAt(object, [...from, ...rest]) !== undefined);
      if (there) return [...from, ...there];
    }
  }
  return undefined;
}

/** Where in the object, as it is written, that stands which a finding of the API's rules is about. */
export function faultPlace(object: KubeObject, path: FieldPath, message: string): FieldPath {
  const shown = shownIn(message);
  if (message.endsWith('`selector` does not match template `labels`')) {
    const selector = [...path.slice(0, path.lastIndexOf('template')), 'selector'];
    if (valueAt(object, selector) === undefined) return selector;
  }
  const place = asWritten(object, path, shown);
  const spoken = spokenBelow(object, place, message);
  if (spoken) return spoken;
  const value = valueAt(object, place);
  if (value === undefined) return place;
  if (/may not have more than one field specified/.test(message) && Array.isArray(value)) {
    return [...place, ...second(value)];
  }
  const below = entryShown(value, shown);
  return below.length > 0 ? [...place, ...below] : (besideShown(object, place, shown) ?? place);
}
