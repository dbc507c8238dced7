/** What both readers of YAML keep to. */

/** Values that a document's aliases may stand for; an alias bomb has billions. */
export const maxExpandedNodes = 1_000_000;

export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}
