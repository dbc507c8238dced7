/** Lists and sets (apiserver cel library `lists`, cel-go extension `sets`). */
import { failure } from './library.ts';
import type { Library } from './library.ts';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { compareValues, elementsOf, equalValues } from './values.ts';
import type { CelValue } from './values.ts';

function ordered(a: CelValue, b: CelValue): number {
  const order = compareValues(a, b);
  if (order === undefined) throw failure('no such overload: the elements of the list have no order');
  return order;
}

function extreme(list: unknown, name: string, sign: 1 | -1): CelValue {
  const [first, ...rest] = elementsOf(list);
  if (first === undefined) throw failure(`${name} called on empty list`);
  return rest.reduce((best, item) => (ordered(item, best) * sign > 0 ? item : best), first);
}

function sum(list: unknown): CelValue {
  let total: bigint | number | Duration = 0n;
  for (const item of elementsOf(list)) {
    if (typeof item === 'bigint' && typeof total === 'bigint') total += item;
    else if (typeof item === 'number' && typeof total !== 'object') total = Number(total) + item;
    else if (item instanceof Duration) total = typeof total === 'object' ? total.addDuration(item) : item;
    else throw failure('no such overload: the elements of the list cannot be added');
  }
  return total;
}

function contains(list: readonly CelValue[], value: CelValue): boolean {
  return list.some((item) => equalValues(item, value));
}

class Sets {}

export const lists: Library = {
  types: { 'kubernetes.Sets': Sets },
  namespaces: { sets: ['kubernetes.Sets', new Sets()] },
  functions: {
    'list.isSorted(): bool': (list: unknown) =>
      elementsOf(list).every((item, index, all) => index === 0 || ordered(all[index - 1], item) <= 0),
    'list.sum(): dyn': sum,
    'list.min(): dyn': (list: unknown) => extreme(list, 'min', -1),
    'list.max(): dyn': (list: unknown) => extreme(list, 'max', 1),
    'list.indexOf(dyn): int': (list: unknown, value: CelValue) =>
      BigInt(elementsOf(list).findIndex((item) => equalValues(item, value))),
    'list.lastIndexOf(dyn): int': (list: unknown, value: CelValue) =>
      BigInt(elementsOf(list).findLastIndex((item) => equalValues(item, value))),
    'kubernetes.Sets.contains(list, list): bool': (_: unknown, a: unknown, b: unknown) =>
      elementsOf(b).every((item) => contains(elementsOf(a), item)),
    'kubernetes.Sets.intersects(list, list): bool': (_: unknown, a: unknown, b: unknown) =>
      elementsOf(b).some((item) => contains(elementsOf(a), item)),
    'kubernetes.Sets.equivalent(list, list): bool': (_: unknown, a: unknown, b: unknown) =>
      elementsOf(b).every((item) => contains(elementsOf(a), item)) &&
      elementsOf(a).every((item) => contains(elementsOf(b), item)),
  },
};
