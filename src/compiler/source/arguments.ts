/**
 * Helpers of packages make objects out of what they were given, in ways that the program's text does not show. What their
 * calls were given does show: the place of a field is the argument that has its value or its name.
 */
import ts from 'typescript';
import type { FieldPath } from '../../types/field-issue.ts';
import { keysOf, valueAt } from '../field-value.ts';
import type { Keys } from '../field-value.ts';
import { isTelling } from './occurrences.ts';
import type { Found, Subject } from './search.ts';
import { literalValue, nameText } from './syntax.ts';
import type { Known, Values } from './values.ts';

/** Something that an argument holds. */
interface Given {
  readonly keys: Keys;
  /** The property, or the argument itself. */
  readonly place: ts.Node;
  readonly value: Known | undefined;
}

const deepest = 10;
const most = 2_000;

/** The argument that a field of the made object comes from; undefined where none is likelier than the others. */
export function argumentOf(
  values: Values,
  given: readonly Known[],
  path: FieldPath,
  subject: Subject,
): Found | undefined {
  const keys = keysOf(path);
  const all: Given[] = [];
  for (const known of given) gather(values, { keys: [], place: known.node, value: known }, all);
  const actual = valueAt(subject.object, path);
  const isPrimitive = actual !== undefined && (typeof actual !== 'object' || actual === null);
  const found =
    subject.isValue && isPrimitive ? byValue(values, all, keys, actual) : (byName(all, keys) ?? byParent(all, keys));
  return found;
}

function gather(values: Values, { keys, place, value }: Given, all: Given[]): void {
  if (all.length > most || keys.length > deepest || !value) return;
  if (keys.length > 0 || values.of(value).every(({ node }) => literalValue(node))) all.push({ keys, place, value });
  for (const known of values.of(value)) {
    if (ts.isObjectLiteralExpression(known.node)) {
      for (const name of namesIn(values, known))
        for (const step of values.step(known, name)) gather(values, { keys: [...keys, name], ...step }, all);
    } else
      for (const [index, item] of values.elementsOf(known).entries())
        gather(values, { keys: [...keys, index], place: item.node, value: item }, all);
  }
}

/** The names that a literal has, those of what is spread into it among them. */
function namesIn(values: Values, { node, env }: Known, depth = 0): ReadonlySet<string> {
  const names = new Set<string>();
  if (!ts.isObjectLiteralExpression(node) || depth > deepest) return names;
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      for (const part of values.of({ node: property.expression, env }))
        for (const name of namesIn(values, part, depth + 1)) names.add(name);
      continue;
    }
    const name = nameText(property.name);
    if (name !== undefined) names.add(name);
  }
  return names;
}

/** How far the ends of two paths agree: a name counts more than an index, part of a name (`port` of `containerPort`) less. */
function likeness(field: Keys, keys: Keys): number {
  let sum = 0;
  for (let back = 1; back <= Math.min(field.length, keys.length); back++) {
    const [a, b] = [field.at(-back), keys.at(-back)];
    if (a === b) sum += typeof a === 'number' ? 0.25 : 1;
    else if (typeof a === 'number' && typeof b === 'number') continue;
    else if (back === 1 && endsAlike(String(a), String(b))) sum += 0.5;
    else break;
  }
  return sum;
}

function endsAlike(a: string, b: string): boolean {
  const [long, short] = a.length > b.length ? [a, b] : [b, a];
  return short.length > 2 && long.toLowerCase().endsWith(short.toLowerCase());
}

function byValue(values: Values, all: readonly Given[], field: Keys, actual: unknown): Found | undefined {
  const rated = all.flatMap((given) => {
    const alike = likeness(field, given.keys);
    return (given.value ? values.of(given.value) : []).flatMap(({ node }) => {
      const agreement = agreementOf(node, actual);
      const rating = agreement === 0 || (alike === 0 && !isTelling(actual)) ? 0 : 10 * agreement + alike;
      return rating > 0 ? [{ given, node, rating }] : [];
    });
  });
  const best = Math.max(0, ...rated.map(({ rating }) => rating));
  const [only, ...others] = rated.filter(({ rating }) => rating === best);
  if (!only || others.some(({ node }) => node !== only.node)) return undefined;
  const { place } = only.given;
  const inside = only.node.getSourceFile() === place.getSourceFile() && only.node.pos >= place.pos;
  return inside && only.node.end <= place.end
    ? { place, whole: true, traced: true }
    : { place, literal: only.node, whole: true, traced: true };
}

/** 2 for the value itself, also as text; 1 for a part of it; 0 for another. */
function agreementOf(node: ts.Node, actual: unknown): number {
  const text = String(actual);
  if (ts.isTemplateExpression(node)) {
    const parts = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
    return parts.some((part) => part.length > 2) && parts.every((part) => text.includes(part)) ? 1 : 0;
  }
  const value = literalValue(node)?.value;
  if (value === undefined) return 0;
  if (value === actual || String(value) === text) return 2;
  return typeof value === 'string' && value.length > 2 && typeof actual === 'string' && text.includes(value) ? 1 : 0;
}

/** A field of the same name, with the most of the same path. */
function byName(all: readonly Given[], field: Keys): Found | undefined {
  const named = all.filter(({ keys }) => keys.at(-1) === field.at(-1) && typeof keys.at(-1) === 'string');
  const best = Math.max(0, ...named.map(({ keys }) => likeness(field, keys)));
  const [only, ...others] = named.filter(({ keys }) => likeness(field, keys) === best);
  return only && others.length === 0 ? { place: only.place, whole: true, traced: true } : undefined;
}

/** Of what is missing, the deepest object that should have had it. */
function byParent(all: readonly Given[], field: Keys): Found | undefined {
  for (let length = field.length - 1; length > 1; length--) {
    const parent = field.slice(0, length);
    const rated = all.map((given) => ({ given, rating: likeness(parent, given.keys) }));
    const best = Math.max(1, ...rated.map(({ rating }) => rating));
    const [only, ...others] = rated.filter(
      ({ given, rating }) => rating >= best && given.keys.at(-1) === parent.at(-1),
    );
    if (only) return others.length === 0 ? { place: only.given.place, whole: true, traced: true } : undefined;
  }
  return undefined;
}
