/** Imports what is named at run time; a place of its own, since scripts (src/cli/script-cache.ts) cannot import by themselves. */
export function importModule(specifier: string): Promise<unknown> {
  return import(specifier);
}
