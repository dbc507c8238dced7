/** JSON Merge Patch, RFC 7386. */
import { isRecord } from '../../../shared/deep.ts';

/** The patched document. Neither argument is changed; untouched parts are shared with them. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const target: Record<string, unknown> = isRecord(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete target[key];
    else defineKey(target, key, applyMergePatch(Object.hasOwn(target, key) ? target[key] : undefined, value));
  }
  return target;
}

/** A key that is called `__proto__` is data like any other. */
export function defineKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}
