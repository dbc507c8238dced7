/** One slip makes the server complain several times; who reads a file wants to hear of it once, where it is. */
import type { Finding } from '../compiler/check.ts';
import type { FieldPath, PathSegment } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import { faultPlace } from './fault-place.ts';
import { valueAt } from './selectors.ts';

function same(one: PathSegment | undefined, other: PathSegment | undefined): boolean {
  const [a, b] = [one, other].map((segment) => (typeof segment === 'object' ? segment.key : segment));
  return a === b;
}

function startsWith(path: FieldPath, prefix: FieldPath): boolean {
  return path.length >= prefix.length && prefix.every((segment, index) => same(segment, path[index]));
}

/** A field that is misspelt, or stands at the wrong place, is also missing from the right one. */
function followsFromUnknown(finding: Finding, unknown: Finding, object: KubeObject): boolean {
  const path = finding.fieldPath;
  const parent = unknown.fieldPath.slice(0, -1);
  const absent = valueAt(object, path) === undefined;
  if (absent && path.some((segment) => same(segment, unknown.fieldPath.at(-1)))) return true;
  if (parent.length === 0 || !startsWith(path, parent)) return false;
  return path.length === parent.length || (absent && path.length === parent.length + 1);
}

function isWritten({ fieldPath, message }: Finding, object: KubeObject): boolean {
  return valueAt(object, faultPlace(object, fieldPath, message)) !== undefined;
}

function followsFrom(finding: Finding, other: Finding, object: KubeObject): boolean {
  if (other === finding || other.severity !== 'error') return false;
  const { code, fieldPath: path, message } = finding;
  if (other.code === 'unknown-field') return followsFromUnknown(finding, other, object);
  if (other.layer !== 'api' || code !== 'FieldValueInvalid') return false;
  if (message.endsWith('`selector` does not match template `labels`')) {
    return ['selector', 'labels', 'template'].some((name) => other.fieldPath.includes(name));
  }
  if (path.length < other.fieldPath.length && startsWith(other.fieldPath, path))
    return /: invalid label selector$/.test(message);
  // What defaults have made of a value that is complained of itself.
  if (isWritten(finding, object) || !isWritten(other, object)) return false;
  return path[0] === 'status' || (path.length > 2 && startsWith(other.fieldPath, path.slice(0, -2)));
}

const MOST = 200;

/** Only what the API's rules say is left out, and never all of it. */
export function withoutEchoes(findings: readonly Finding[], object: KubeObject): readonly Finding[] {
  // Each is compared with all others; who has so many slips needs no such care.
  if (findings.length < 2 || findings.length > MOST) return findings;
  const isEcho = (finding: Finding): boolean =>
    finding.layer === 'api' &&
    finding.severity === 'error' &&
    findings.some((other) => followsFrom(finding, other, object));
  const kept = findings.filter((finding) => !isEcho(finding));
  return kept.some(({ severity }) => severity === 'error') ? kept : findings;
}
