/** Bounds how deep a body nests: what handles it afterwards is recursive, and would run out of stack. */

/** Far beyond any real object, the schemas of CustomResourceDefinitions included. */
export const NESTING_LIMIT = 1000;

export function nestsTooDeep(value: unknown): boolean {
  let level: readonly object[] = isNesting(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > NESTING_LIMIT) return true;
    const next: object[] = [];
    for (const parent of level) for (const child of Object.values(parent)) if (isNesting(child)) next.push(child);
    level = next;
  }
  return false;
}

function isNesting(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
