/** What both readers of YAML keep to. */

/** Values that a document's aliases may stand for; an alias bomb has billions. */
export const maxExpandedNodes = 1_000_000;

export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}

/** What a merge key brings: of several maps the first wins. Undefined for what cannot be merged. */
export function mergedMap(merged: unknown): Readonly<Record<string, unknown>> | undefined {
  const map: Record<string, unknown> = {};
  for (const source of Array.isArray(merged) ? merged : [merged]) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) return undefined;
    for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(map, key)) setOwn(map, key, value);
  }
  return map;
}
