/** JSON patches (RFC 6902) on plain objects. */
import { deepEqual, isRecord } from '../shared/deep.ts';
import { UnmatchedPatch } from './strategic-merge.ts';

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly from: string; readonly path: string };

function steps(pointer: string): readonly string[] {
  if (pointer !== '' && !pointer.startsWith('/'))
    throw new Error(`a path of a JSON patch begins with /: ${JSON.stringify(pointer)}`);
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Index of an item; `-` and the length stand for the place behind the last one where that is allowed. */
function indexIn(list: readonly unknown[], step: string, end: boolean): number | undefined {
  if (end && step === '-') return list.length;
  const index = /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : undefined;
  return index !== undefined && index < list.length + (end ? 1 : 0) ? index : undefined;
}

class Patching {
  constructor(readonly title: string) {}

  unmatched(pointer: string): UnmatchedPatch {
    return new UnmatchedPatch(`patch of ${this.title}: there is no ${pointer}`);
  }

  at(value: unknown, pointer: string): unknown {
    let found = value;
    for (const step of steps(pointer)) {
      if (Array.isArray(found)) found = found[indexIn(found, step, false) ?? -1];
      else found = isRecord(found) && Object.hasOwn(found, step) ? found[step] : undefined;
      if (found === undefined) throw this.unmatched(pointer);
    }
    return found;
  }

  /** A copy in which the value at a path was changed; `change` gets the old value and answers with the new one or undefined. */
  changed(
    value: unknown,
    path: readonly string[],
    pointer: string,
    form: 'add' | 'replace' | 'remove',
    made: unknown,
  ): unknown {
    const [step, ...rest] = path;
    if (step === undefined) return made;
    if (Array.isArray(value)) {
      const index = indexIn(value, step, form === 'add' && rest.length === 0);
      if (index === undefined) throw this.unmatched(pointer);
      if (rest.length > 0) return value.with(index, this.changed(value[index], rest, pointer, form, made));
      return form === 'remove' ? value.toSpliced(index, 1) : value.toSpliced(index, form === 'add' ? 0 : 1, made);
    }
    if (!isRecord(value)) throw this.unmatched(pointer);
    if ((rest.length > 0 || form !== 'add') && !Object.hasOwn(value, step)) throw this.unmatched(pointer);
    if (rest.length > 0) return { ...value, [step]: this.changed(value[step], rest, pointer, form, made) };
    if (form !== 'remove') return { ...value, [step]: made };
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step));
  }

  apply(value: unknown, operation: JsonPatchOperation): unknown {
    const { path } = operation;
    switch (operation.op) {
      case 'test':
        if (!deepEqual(this.at(value, path), operation.value))
          throw new UnmatchedPatch(`patch of ${this.title}: ${path} is not ${JSON.stringify(operation.value)}`);
        return value;
      case 'add':
      case 'replace':
        return this.changed(value, steps(path), path, operation.op, operation.value);
      case 'remove':
        return this.changed(value, steps(path), path, 'remove', undefined);
      case 'copy':
        return this.changed(value, steps(path), path, 'add', this.at(value, operation.from));
      case 'move': {
        const moved = this.at(value, operation.from);
        const without = this.changed(value, steps(operation.from), operation.from, 'remove', undefined);
        return this.changed(without, steps(path), path, 'add', moved);
      }
    }
  }
}

/** @throws UnmatchedPatch for a path that leads nowhere and a test that fails */
export function jsonPatched(value: unknown, operations: readonly JsonPatchOperation[], title: string): unknown {
  const patching = new Patching(title);
  return operations.reduce((patchedSoFar, operation) => patching.apply(patchedSoFar, operation), value);
}
