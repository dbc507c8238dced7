/** Quantities in expressions (apiserver cel library `quantity`). */
import { formatQuantity, isWholeQuantity, parseQuantity, quantityError, quantitySign } from '../quantity.ts';
import type { ParsedQuantity } from '../quantity.ts';
import { failure } from './library.ts';
import type { Library } from './library.ts';

const NANO = 1_000_000_000n;
const LARGEST = (1n << 63n) - 1n;

class QuantityValue {
  readonly parsed: ParsedQuantity;
  constructor(parsed: ParsedQuantity) {
    this.parsed = parsed;
  }
  toString(): string {
    return formatQuantity(this.parsed);
  }
}

function quantity(text: string): QuantityValue {
  const wrong = quantityError(text);
  if (wrong !== undefined) throw failure(wrong);
  return new QuantityValue(parseQuantity(text));
}

function asInteger({ parsed }: QuantityValue): bigint {
  const value = parsed.nanos / NANO;
  if (parsed.nanos % NANO !== 0n || value > LARGEST) throw failure('cannot convert value to integer');
  return value;
}

function plus(a: QuantityValue, nanos: bigint): QuantityValue {
  return new QuantityValue({ nanos: a.parsed.nanos + nanos, form: a.parsed.form });
}

const Q = 'kubernetes.Quantity';

export const quantities: Library = {
  types: { [Q]: QuantityValue },
  functions: {
    [`quantity(string): ${Q}`]: quantity,
    'isQuantity(string): bool': (text: string) => quantityError(text) === undefined,
    [`${Q}.sign(): int`]: (value: QuantityValue) => BigInt(quantitySign(value.toString())),
    [`${Q}.isInteger(): bool`]: (value: QuantityValue) =>
      isWholeQuantity(value.toString()) && value.parsed.nanos / NANO <= LARGEST,
    [`${Q}.asInteger(): int`]: asInteger,
    [`${Q}.asApproximateFloat(): double`]: (value: QuantityValue) => Number(value.parsed.nanos) / Number(NANO),
    [`${Q}.add(${Q}): ${Q}`]: (a: QuantityValue, b: QuantityValue) => plus(a, b.parsed.nanos),
    [`${Q}.add(int): ${Q}`]: (a: QuantityValue, b: bigint) => plus(a, b * NANO),
    [`${Q}.sub(${Q}): ${Q}`]: (a: QuantityValue, b: QuantityValue) => plus(a, -b.parsed.nanos),
    [`${Q}.sub(int): ${Q}`]: (a: QuantityValue, b: bigint) => plus(a, -b * NANO),
    [`${Q}.isLessThan(${Q}): bool`]: (a: QuantityValue, b: QuantityValue) => a.parsed.nanos < b.parsed.nanos,
    [`${Q}.isGreaterThan(${Q}): bool`]: (a: QuantityValue, b: QuantityValue) => a.parsed.nanos > b.parsed.nanos,
    [`${Q}.compareTo(${Q}): int`]: (a: QuantityValue, b: QuantityValue) =>
      a.parsed.nanos < b.parsed.nanos ? -1n : a.parsed.nanos > b.parsed.nanos ? 1n : 0n,
    [`string(${Q}): string`]: (value: QuantityValue) => value.toString(),
  },
};

/** Equality of this library's type. */
export const quantityEquality: readonly [string, (a: QuantityValue, b: QuantityValue) => boolean] = [
  Q,
  (a, b) => a.parsed.nanos === b.parsed.nanos,
];
