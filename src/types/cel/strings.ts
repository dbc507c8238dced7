/** Texts: what cel-go's extension `strings` has beyond the language, and conversions of times. */
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import type { Duration } from '@marcbachmann/cel-js/evaluator';
import { isRecord } from '../../shared/deep.ts';
import { failure } from './library.ts';
import type { Library } from './library.ts';
import { elementsOf, entriesOf, timeText } from './values.ts';
import type { CelValue } from './values.ts';

/** Results are bounded: `'a'.replace('', text)` in a loop would fill the memory. */
const LONGEST = 1_000_000;

function bounded(text: string): string {
  if (text.length > LONGEST) throw failure(`the text would be longer than ${LONGEST} characters`);
  return text;
}

function replace(text: string, old: string, by: string, times = -1n): string {
  const parts = old === '' ? [...text] : text.split(old);
  if (old === '') parts.unshift('');
  const count = times < 0n ? parts.length - 1 : Math.min(Number(times), parts.length - 1);
  if (count <= 0) return text;
  if (text.length + count * by.length > LONGEST) bounded('x'.repeat(LONGEST + 1));
  return parts.slice(0, count).join(by) + by + parts.slice(count).join(old);
}

function charAt(text: string, index: bigint): string {
  const characters = [...text];
  if (index < 0n || index > BigInt(characters.length)) throw failure(`index out of range: ${index}`);
  return characters[Number(index)] ?? '';
}

/** `%s` of any value. */
function shown(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof Date) return timeText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value) || value instanceof Set) return `[${elementsOf(value).map(shown).join(', ')}]`;
  if (value instanceof Map || (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype)) {
    const entries = entriesOf(value).map(([key, child]) => `${shown(key)}: ${shown(child)}`);
    return `{${entries.sort().join(', ')}}`;
  }
  return String(value);
}

function doubleText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function whole(value: CelValue, verb: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof UnsignedInt) return value.value;
  throw failure(`error during formatting: %${verb} wants an integer`);
}

function fraction(value: CelValue, verb: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw failure(`error during formatting: %${verb} wants a number`);
}

function hexadecimal(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return whole(value, 'x').toString(16);
}

function formatted(value: CelValue, verb: string, precision: number): string {
  switch (verb) {
    case 's':
      return shown(value);
    case 'd':
      return typeof value === 'number' ? doubleText(value) : String(whole(value, verb));
    case 'f':
      return fraction(value, verb).toFixed(precision);
    case 'e':
      return fraction(value, verb)
        .toExponential(precision)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : whole(value, verb).toString(2);
    case 'o':
      return whole(value, verb).toString(8);
    case 'x':
      return hexadecimal(value);
    case 'X':
      return hexadecimal(value).toUpperCase();
    default:
      throw failure(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function format(pattern: string, list: unknown): string {
  const values = elementsOf(list);
  let next = 0;
  const text = pattern.replaceAll(
    /%(?:%|(?:\.(\d{1,2}))?([a-zA-Z])|(.?))/g,
    (all, precision: string | undefined, verb) => {
      if (all === '%%') return '%';
      if (typeof verb !== 'string') throw failure('could not parse formatting clause: unexpected end of string');
      if (next >= values.length) throw failure(`index ${next} out of range`);
      return formatted(values[next++], verb, precision === undefined ? 6 : Number(precision));
    },
  );
  return bounded(text);
}

class Strings {}

const TIME = 'google.protobuf.Timestamp';
const DURATION = 'google.protobuf.Duration';

export const strings: Library = {
  types: { 'kubernetes.Strings': Strings },
  namespaces: { strings: ['kubernetes.Strings', new Strings()] },
  functions: {
    'string.charAt(int): string': charAt,
    'string.replace(string, string): string': (text: string, old: string, by: string) => replace(text, old, by),
    'string.replace(string, string, int): string': replace,
    'string.reverse(): string': (text: string) => [...text].reverse().join(''),
    'string.format(list): string': format,
    'kubernetes.Strings.quote(string): string': (_: unknown, text: string) => JSON.stringify(text),
    [`string(${TIME}): string`]: timeText,
    [`string(${DURATION}): string`]: (duration: Duration) => duration.toString(),
    [`int(${TIME}): int`]: (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
    [`int(${DURATION}): int`]: (duration: Duration) => duration.seconds * 1_000_000_000n + BigInt(duration.nanos),
    [`timestamp(${TIME}): ${TIME}`]: (time: Date) => time,
    [`duration(${DURATION}): ${DURATION}`]: (duration: Duration) => duration,
  },
};
