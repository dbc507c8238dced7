/** Exact arithmetic on quantities (apimachinery resource.Quantity): a whole number of nano units and the form it is printed in. */

/** A Kubernetes quantity: `100m`, `1Gi`, `1e3`, or a plain number. */
export type Quantity = string | number;

export type QuantityForm = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

export interface ParsedQuantity {
  /** Thousand-millionths of the unit. */
  readonly nanos: bigint;
  readonly form: QuantityForm;
}

const NANO = 1_000_000_000n;
const LARGEST = ((1n << 63n) - 1n) * NANO;
const binaryExponents: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const quantityFormat = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/s;

export const quantityErrors = {
  format: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  suffix: "unable to parse quantity's suffix",
} as const;

interface Suffix {
  readonly form: QuantityForm;
  readonly decimal: number;
  readonly binary: number;
}

function suffixOf(text: string): Suffix | undefined {
  const binary = binaryExponents[text];
  if (binary !== undefined) return { form: 'BinarySI', decimal: 0, binary };
  const decimal = decimalExponents[text];
  if (decimal !== undefined) return { form: 'DecimalSI', decimal, binary: 0 };
  const exponent = /^[eE]([+-]?\d{1,4})$/.exec(text)?.[1];
  if (exponent !== undefined) return { form: 'DecimalExponent', decimal: Number(exponent), binary: 0 };
  return undefined;
}

/** Numerator and a power of ten -> nanos, rounded away from zero, as upstream does below one nano. */
function scaled(digits: bigint, exponent: number): bigint {
  if (digits === 0n) return 0n;
  const shift = exponent + 9;
  if (shift >= 0) return shift > 60 ? LARGEST : digits * 10n ** BigInt(shift);
  if (shift < -400) return 1n;
  const divisor = 10n ** BigInt(-shift);
  return (digits + divisor - 1n) / divisor;
}

/** What is wrong with the text of a quantity, in upstream's words, or undefined. */
export function quantityError(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : quantityErrors.format;
  if (typeof value !== 'string' || value === '') return quantityErrors.format;
  const match = quantityFormat.exec(value);
  if (!match || ((match[2] ?? '') === '' && (match[3] ?? '') === '')) return quantityErrors.format;
  if (suffixOf(match[4] ?? '')) return undefined;
  return /^[eEinumkKMGTP]*[-+]?\d*$/.test(match[4] ?? '') ? quantityErrors.suffix : quantityErrors.format;
}

const cache = new Map<string, ParsedQuantity>();
const CACHE_LIMIT = 4096;

/** @throws RangeError when the text is no quantity; values from the API have been checked before. */
export function parseQuantity(value: Quantity): ParsedQuantity {
  const text = typeof value === 'number' ? plainNumber(value) : value;
  const known = cache.get(text);
  if (known) return known;
  const parsed = parseText(text);
  // Few distinct quantities exist in a cluster; the bound keeps a hostile client from filling the memory.
  if (cache.size < CACHE_LIMIT) cache.set(text, parsed);
  return parsed;
}

/** JavaScript prints large and small numbers as 1e+21; the sign in the exponent is fine for a quantity. */
function plainNumber(value: number): string {
  return String(value).replace('e+', 'e');
}

function parseText(text: string): ParsedQuantity {
  const problem = quantityError(text);
  const match = quantityFormat.exec(text);
  if (problem !== undefined || !match) throw new RangeError(`${JSON.stringify(text)}: ${problem ?? ''}`);
  const [, sign, whole = '', fraction = '', unit = ''] = match;
  const suffix = suffixOf(unit) ?? { form: 'DecimalSI', decimal: 0, binary: 0 };
  const digits = BigInt(`${whole}${fraction}` || '0');
  const magnitude = scaled(digits << BigInt(suffix.binary), suffix.decimal - fraction.length);
  const capped = magnitude > LARGEST ? LARGEST : magnitude;
  // A binary form below one unit cannot be printed with a binary suffix.
  const form = suffix.form === 'BinarySI' && capped > 0n && capped < 1024n * NANO ? 'DecimalSI' : suffix.form;
  return { nanos: sign === '-' ? -capped : capped, form };
}

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

function formatDecimal(nanos: bigint, form: QuantityForm): string {
  let mantissa = nanos;
  let step = 0;
  while (step < decimalSuffixes.length - 1 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    step += 1;
  }
  if (form === 'DecimalSI') return `${mantissa}${decimalSuffixes[step] ?? ''}`;
  const exponent = step * 3 - 9;
  return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
}

/** The canonical text: no fraction, the largest suffix that keeps the value exact. */
export function formatQuantity(quantity: ParsedQuantity): string {
  if (quantity.nanos === 0n) return '0';
  const negative = quantity.nanos < 0n;
  const magnitude = negative ? -quantity.nanos : quantity.nanos;
  if (quantity.form !== 'BinarySI' || magnitude % NANO !== 0n || magnitude < 1024n * NANO) {
    return (negative ? '-' : '') + formatDecimal(magnitude, quantity.form === 'BinarySI' ? 'DecimalSI' : quantity.form);
  }
  let mantissa = magnitude / NANO;
  let step = 0;
  while (step < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    step += 1;
  }
  return `${negative ? '-' : ''}${mantissa}${binarySuffixes[step] ?? ''}`;
}

export function canonicalQuantity(value: Quantity): string {
  return formatQuantity(parseQuantity(value));
}

/** Negative, zero or positive, as for sorting. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const left = parseQuantity(a).nanos;
  const right = parseQuantity(b).nanos;
  return left < right ? -1 : left > right ? 1 : 0;
}

function combined(a: Quantity, b: Quantity, nanos: (left: bigint, right: bigint) => bigint): string {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  return formatQuantity({
    nanos: nanos(left.nanos, right.nanos),
    form: left.nanos === 0n ? right.form : left.form,
  });
}

/** The sum in canonical text; the form is the first one's unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): string {
  return combined(a, b, (left, right) => left + right);
}

export function subtractQuantities(a: Quantity, b: Quantity): string {
  return combined(a, b, (left, right) => left - right);
}

export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(a, b) >= 0 ? a : b;
}

function roundedUp(nanos: bigint, unit: bigint): bigint {
  const quotient = nanos / unit;
  return nanos % unit > 0n ? quotient + 1n : quotient;
}

/** Whole units, rounded up, as resource.Quantity.Value does. */
export function quantityToNumber(value: Quantity): number {
  return Number(roundedUp(parseQuantity(value).nanos, NANO));
}

/** Thousandths, rounded up: `0.1` CPU is 100. */
export function milliValue(value: Quantity): number {
  return Number(roundedUp(parseQuantity(value).nanos, 1_000_000n));
}

export function isWholeQuantity(value: Quantity): boolean {
  return parseQuantity(value).nanos % NANO === 0n;
}

/** -1, 0 or 1. */
export function quantitySign(value: Quantity): number {
  const { nanos } = parseQuantity(value);
  return nanos < 0n ? -1 : nanos > 0n ? 1 : 0;
}

/** The same amount, or the next thousandth above it. */
export function roundUpToMilli(value: Quantity): Quantity {
  const parsed = parseQuantity(value);
  if (parsed.nanos % 1_000_000n === 0n) return value;
  return formatQuantity({ ...parsed, nanos: roundedUp(parsed.nanos, 1_000_000n) * 1_000_000n });
}
