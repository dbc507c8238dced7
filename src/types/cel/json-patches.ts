/** Helpers for expressions that make JSON patches (apiserver cel library `jsonpatch`). */
import type { Library } from './library.ts';

class JsonPatches {}

export const jsonPatches: Library = {
  types: { 'kubernetes.JsonPatches': JsonPatches },
  namespaces: { jsonpatch: ['kubernetes.JsonPatches', new JsonPatches()] },
  functions: {
    'kubernetes.JsonPatches.escapeKey(string): string': (_: unknown, key: string) =>
      key.replaceAll('~', '~0').replaceAll('/', '~1'),
  },
};
