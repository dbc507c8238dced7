/**
 * oneOf and anyOf of required properties -> a union of which TypeScript checks that one, or at least one, is there. Structural
 * schemas allow no more than such conditions there (apiextensions.k8s.io, structural schemas).
 */
import { isRecord } from '../../../shared/deep.ts';
import { printWidth } from '../code.ts';
import type { Json } from '../imported-object.ts';
import { keyLiteral } from '../literals.ts';
import type { Property } from './types.ts';

function requiredOf(branch: unknown): readonly string[] | undefined {
  if (!isRecord(branch)) return undefined;
  const { required } = branch;
  if (!Array.isArray(required) || required.length === 0) return undefined;
  const names: string[] = required.filter((name) => typeof name === 'string');
  return names.length === required.length ? names : undefined;
}

/** `not: { anyOf: [{ required: [a] }, { required: [b] }] }`: none of them. */
function isNone(branch: unknown): boolean {
  if (!isRecord(branch) || !isRecord(branch['not'])) return false;
  const { anyOf } = branch['not'];
  return (
    Object.keys(branch).length === 1 && Array.isArray(anyOf) && anyOf.every((one) => requiredOf(one) !== undefined)
  );
}

/** The members of each of several types. */
export type Alternatives = readonly (readonly string[])[];

function alternativesIn(
  branches: readonly unknown[],
  exclusive: boolean,
  properties: ReadonlyMap<string, Property>,
  typeOf: (property: string) => string,
): Alternatives | undefined {
  const wanted = branches.map((branch) => (isNone(branch) ? [] : requiredOf(branch)));
  if (branches.length < 2 || wanted.includes(undefined)) return undefined;
  const sets = wanted.flatMap((names) => (names ? [names] : []));
  const all = [...new Set(sets.flat())];
  if (all.some((name) => !properties.has(name))) return undefined;
  return sets.map((names) => {
    const present = names.map((name) => `readonly ${keyLiteral(name)}: ${typeOf(name)}`);
    // Sets that overlap, such as [a] and [a, b], can both be fulfilled: then only what is asked for is said.
    const disjoint = sets.every((other) => other === names || !other.some((name) => names.includes(name)));
    const others = all.filter((name) => !names.includes(name) && !(name in Object.prototype));
    const absent = exclusive && disjoint ? others : [];
    return [...present, ...absent.map((name) => `readonly ${keyLiteral(name)}?: undefined`)];
  });
}

/** What oneOf and anyOf say, here and in the parts of allOf; empty where there is nothing that a type could say. */
export function alternativesOf(
  schema: Json,
  properties: ReadonlyMap<string, Property>,
  typeOf: (property: string) => string,
): readonly Alternatives[] {
  const allOf: readonly unknown[] = Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return [schema, ...allOf].filter(isRecord).flatMap((part) =>
    ['oneOf', 'anyOf'].flatMap((field) => {
      const branches: unknown = part[field];
      const found = Array.isArray(branches)
        ? alternativesIn(branches, field === 'oneOf', properties, typeOf)
        : undefined;
      return found ? [found] : [];
    }),
  );
}

function linesOf(alternatives: Alternatives): readonly string[] {
  return alternatives.map((members) => `{ ${members.join('; ')} }`);
}

/** On lines of its own, indented. */
function blockText(alternatives: Alternatives, behind: string): string {
  const lines = linesOf(alternatives);
  const below = `  (${lines.join(' | ')})${behind}`;
  if (below.length <= printWidth) return below;
  const inside = `    ${lines.join(' | ')}`;
  if (inside.length <= printWidth) return `  (\n${inside}\n  )${behind}`;
  const texts = alternatives.map((members, index) => {
    const line = `    | ${lines[index] ?? ''}`;
    if (line.length <= printWidth) return `${line}\n`;
    return `    | {\n${members.map((member) => `        ${member};\n`).join('')}      }\n`;
  });
  return `  (\n${texts.join('')}  )${behind}`;
}

/** `head` followed by one of the alternatives of each group, laid out like the rest. */
export function unionText(head: string, groups: readonly Alternatives[]): string {
  const [only, ...others] = groups;
  const whole = `${head} (${only ? linesOf(only).join(' | ') : ''});`;
  if (others.length === 0 && whole.length <= printWidth) return `${whole}\n`;
  const blocks = groups.map((group, index) => blockText(group, index === groups.length - 1 ? ';' : ' &'));
  return `${head}\n${blocks.join('\n')}\n`;
}
