/** Which types of beta and alpha versions are the types of the stable version under another name. */
import { tagRules, unionRules } from './input-rules.ts';
import type { InputTypes } from './inputs.ts';
import type { CollectedType } from './types.ts';

/** Beta and alpha types that are as their stable ones are, in what they refer to as well: they are the same interface. */
export function unchangedTypes(
  types: ReadonlyMap<string, CollectedType>,
  kinds: ReadonlySet<string>,
  inputs: InputTypes,
): ReadonlySet<string> {
  const textOf = (typeName: string): string => {
    const input = inputs.get(typeName);
    const text = JSON.stringify([
      types.get(typeName)?.schema,
      [...(input?.fields ?? [])],
      input?.parameters,
      unionRules[typeName],
      tagRules[typeName],
    ]);
    // The packages know the values of some fields of stable versions alone.
    return text.replaceAll(/,"enum":\[[^\]]*\]/g, '').replaceAll(/[\w.-]+\/v\d+(?:alpha|beta)\d+\.\w+/g, stableName);
  };
  const refersTo = (typeName: string): readonly string[] =>
    JSON.stringify(types.get(typeName)?.schema).match(/[\w.-]+\/v\d+(?:alpha|beta)\d+\.\w+/g) ?? [];
  const unchanged = new Set(
    [...types.keys()].filter(
      (typeName) =>
        stableName(typeName) !== '' && !kinds.has(typeName) && textOf(typeName) === textOf(stableName(typeName)),
    ),
  );
  for (let before = -1; before !== unchanged.size;) {
    before = unchanged.size;
    for (const typeName of unchanged)
      if (!refersTo(typeName).every((other) => unchanged.has(other))) unchanged.delete(typeName);
  }
  return unchanged;
}

/** The stable type that a type of a beta or alpha version has become, whose description holds for both; else no name. */
export function stableName(typeName: string): string {
  return /v\d+(?:alpha|beta)\d+\./.test(typeName) ? typeName.replace(/(v\d+)(?:alpha|beta)\d+\./, '$1.') : '';
}
