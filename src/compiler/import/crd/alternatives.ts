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

/** The members of each alternative; undefined where there is nothing that a type could say. */
export function alternativesOf(
  schema: Json,
  properties: ReadonlyMap<string, Property>,
  typeOf: (property: string) => string,
): readonly (readonly string[])[] | undefined {
  const exclusive = Array.isArray(schema['oneOf']);
  const branches: readonly unknown[] = exclusive
    ? Array.isArray(schema['oneOf'])
      ? schema['oneOf']
      : []
    : Array.isArray(schema['anyOf'])
      ? schema['anyOf']
      : [];
  const wanted = branches.map((branch) => (isNone(branch) ? [] : requiredOf(branch)));
  if (branches.length < 2 || wanted.includes(undefined)) return undefined;
  const sets = wanted.flatMap((names) => (names ? [names] : []));
  const all = [...new Set(sets.flat())];
  if (all.some((name) => !properties.has(name))) return undefined;
  return sets.map((names) => {
    const present = names.map((name) => `readonly ${keyLiteral(name)}: ${typeOf(name)}`);
    // Sets that overlap, such as [a] and [a, b], can both be fulfilled: then only what is asked for is said.
    const disjoint = sets.every((other) => other === names || !other.some((name) => names.includes(name)));
    const absent = exclusive && disjoint ? all.filter((name) => !names.includes(name)) : [];
    return [...present, ...absent.map((name) => `readonly ${keyLiteral(name)}?: undefined`)];
  });
}

/** `head` followed by one of the alternatives, laid out like the rest. */
export function unionText(head: string, alternatives: readonly (readonly string[])[]): string {
  const lines = alternatives.map((members) => `{ ${members.join('; ')} }`);
  const whole = `${head} (${lines.join(' | ')});`;
  if (whole.length <= printWidth) return `${whole}\n`;
  const below = `  (${lines.join(' | ')});`;
  if (below.length <= printWidth) return `${head}\n${below}\n`;
  const texts = alternatives.map((members, index) => {
    const line = `    | ${lines[index] ?? ''}`;
    if (line.length <= printWidth) return `${line}\n`;
    return `    | {\n${members.map((member) => `        ${member};\n`).join('')}      }\n`;
  });
  return `${head}\n  (\n${texts.join('')}  );\n`;
}
