/** JSON Patch, RFC 6902. */
import { deepClone, deepEqual, isRecord } from '../../../shared/deep.ts';
import { defineKey } from './merge-patch.ts';
import { PatchError } from './patch-error.ts';

/** As upstream, so that copies cannot double a document a hundred times over. */
const maxOperations = 10_000;
const maxCopiedBytes = 3 * 1024 * 1024;

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string;
}

function tokensOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) {
    throw new PatchError(`the JSON pointer ${JSON.stringify(pointer)} must be empty or start with "/"`, 422);
  }
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function arrayIndex(token: string, limit: number): number | undefined {
  if (!/^(0|[1-9]\d*)$/.test(token)) return undefined;
  const index = Number(token);
  return index <= limit ? index : undefined;
}

function child(container: unknown, token: string): unknown {
  if (Array.isArray(container)) {
    const index = arrayIndex(token, container.length - 1);
    return index === undefined ? undefined : container[index];
  }
  return isRecord(container) && Object.hasOwn(container, token) ? container[token] : undefined;
}

/** One run of a patch over a private copy of the document. */
class Patcher {
  #root: unknown;
  #copied = 0;

  constructor(document: unknown) {
    this.#root = deepClone(document);
  }
  get document(): unknown {
    return this.#root;
  }

  apply(operation: Record<string, unknown>): void {
    const op = text(operation, 'op');
    const path = text(operation, 'path');
    switch (op) {
      case 'add':
        return this.#add(path, deepClone(value(operation)));
      case 'remove':
        return this.#remove(path);
      case 'replace':
        this.#get(path, 'replace');
        if (path === '') this.#root = deepClone(value(operation));
        else this.#set(this.#place(path, 'replace'), deepClone(value(operation)));
        return;
      case 'move': {
        const from = text(operation, 'from');
        if (path === from) return void this.#get(from, 'move');
        if (path.startsWith(`${from}/`)) throw new PatchError(`${from} cannot be moved into itself at ${path}`, 422);
        const moved = this.#get(from, 'move');
        this.#remove(from);
        return this.#add(path, moved);
      }
      case 'copy': {
        const source = this.#get(text(operation, 'from'), 'copy');
        this.#copied += JSON.stringify(source).length;
        if (this.#copied > maxCopiedBytes) {
          throw new PatchError('Unable to complete the copy, the accumulated size increase of copy is too large', 422);
        }
        return this.#add(path, deepClone(source));
      }
      case 'test': {
        const actual = this.#lookup(path);
        const expected = Object.hasOwn(operation, 'value') ? operation['value'] : null;
        if (!deepEqual(actual ?? null, expected)) {
          throw new PatchError(`testing value ${path} failed: test failed`, 422);
        }
        return;
      }
      default:
        throw new PatchError(`Unexpected kind: ${op}`, 422);
    }
  }

  #place(pointer: string, op: string): Place {
    const tokens = tokensOf(pointer);
    const key = tokens.at(-1);
    if (key === undefined) throw new PatchError(`${op} operation does not apply to the whole document`, 422);
    let parent = this.#root;
    for (const token of tokens.slice(0, -1)) parent = child(parent, token);
    if (!Array.isArray(parent) && !isRecord(parent)) {
      throw new PatchError(`${op} operation does not apply: doc is missing path: "${pointer}": missing value`, 422);
    }
    return { parent, key };
  }

  #lookup(pointer: string): unknown {
    let found = this.#root;
    for (const token of tokensOf(pointer)) found = child(found, token);
    return found;
  }
  #get(pointer: string, op: string): unknown {
    const found = this.#lookup(pointer);
    if (found === undefined) {
      throw new PatchError(`${op} operation does not apply: doc is missing key: ${pointer}: missing value`, 422);
    }
    return found;
  }

  #add(pointer: string, added: unknown): void {
    if (pointer === '') {
      this.#root = added;
      return;
    }
    const { parent, key } = this.#place(pointer, 'add');
    if (!Array.isArray(parent)) return defineKey(parent, key, added);
    const index = key === '-' ? parent.length : arrayIndex(key, parent.length);
    if (index === undefined) {
      throw new PatchError(
        `add operation does not apply: Unable to access invalid index: ${key}: invalid index referenced`,
        422,
      );
    }
    parent.splice(index, 0, added);
  }

  #set({ parent, key }: Place, replacement: unknown): void {
    if (Array.isArray(parent)) parent[Number(key)] = replacement;
    else defineKey(parent, key, replacement);
  }

  #remove(pointer: string): void {
    this.#get(pointer, 'remove');
    const { parent, key } = this.#place(pointer, 'remove');
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }
}

function text(operation: Record<string, unknown>, name: 'op' | 'path' | 'from'): string {
  const found = operation[name];
  if (typeof found !== 'string') {
    throw new PatchError(`a JSON patch operation needs the text field ${JSON.stringify(name)}`, 422);
  }
  return found;
}

function value(operation: Record<string, unknown>): unknown {
  if (!Object.hasOwn(operation, 'value')) {
    throw new PatchError(`the JSON patch operation ${String(operation['op'])} needs a value`, 422);
  }
  return operation['value'];
}

/**
 * The patched copy of `document`; both arguments stay as they are.
 *
 * @throws PatchError 400 when `operations` is no JSON patch, 422 when an operation does not apply to the document.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    throw new PatchError('json: cannot unmarshal object into Go value of type jsonpatch.Patch', 400);
  }
  if (operations.length > maxOperations) {
    throw new PatchError(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
      422,
    );
  }
  const patcher = new Patcher(document);
  for (const operation of operations) {
    if (!isRecord(operation)) throw new PatchError('a JSON patch operation must be an object', 400);
    patcher.apply(operation);
  }
  return patcher.document;
}
