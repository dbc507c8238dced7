/** Semantic versions in expressions (apiserver cel library `semver`). */
import { failure } from './library.ts';
import type { Library } from './library.ts';

class SemverValue {
  constructor(
    readonly numbers: readonly [bigint, bigint, bigint],
    readonly prerelease: readonly string[],
    readonly text: string,
  ) {}
  toString(): string {
    return this.text;
  }
}

const identifier = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const form = new RegExp(
  `^(0|[1-9]\\d{0,18})\\.(0|[1-9]\\d{0,18})\\.(0|[1-9]\\d{0,18})(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9a-zA-Z.-]+)?$`,
);

/** A `v` in front, a missing minor or patch and leading zeros are forgiven when asked for. */
function normal(text: string): string {
  const [, major = '0', minor = '0', patch = '0', rest = ''] =
    /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(text) ?? [];
  return `${[major, minor, patch].map((part) => part.replace(/^0+(?=\d)/, '')).join('.')}${rest}`;
}

function parse(text: string, normalize: boolean): SemverValue | undefined {
  if (text.length > 256) return undefined;
  const found = form.exec(normalize ? normal(text) : text);
  if (!found || (normalize && !/^v?\d/.test(text))) return undefined;
  const [whole, major = '0', minor = '0', patch = '0', prerelease] = found;
  return new SemverValue([BigInt(major), BigInt(minor), BigInt(patch)], prerelease?.split('.') ?? [], whole);
}

function semver(text: string, normalize = false): SemverValue {
  const parsed = parse(text, normalize);
  if (!parsed) throw failure(`Invalid semver: ${JSON.stringify(text)}`);
  return parsed;
}

/** Precedence (semver.org, 11): numbers before words, fewer parts before more. */
function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left = '', right = ''] = [a[index], b[index]];
    if (left === right) continue;
    const [leftNumber, rightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (leftNumber !== rightNumber) return leftNumber ? -1 : 1;
    if (leftNumber) return BigInt(left) < BigInt(right) ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

function compare(a: SemverValue, b: SemverValue): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  return comparePrerelease(a.prerelease, b.prerelease);
}

const S = 'kubernetes.Semver';

export const semvers: Library = {
  types: { [S]: SemverValue },
  functions: {
    [`semver(string): ${S}`]: (text: string) => semver(text),
    [`semver(string, bool): ${S}`]: semver,
    'isSemver(string): bool': (text: string) => parse(text, false) !== undefined,
    'isSemver(string, bool): bool': (text: string, normalize: boolean) => parse(text, normalize) !== undefined,
    [`${S}.isLessThan(${S}): bool`]: (a: SemverValue, b: SemverValue) => compare(a, b) < 0,
    [`${S}.isGreaterThan(${S}): bool`]: (a: SemverValue, b: SemverValue) => compare(a, b) > 0,
    [`${S}.compareTo(${S}): int`]: (a: SemverValue, b: SemverValue) => BigInt(Math.sign(compare(a, b))),
    [`${S}.major(): int`]: ({ numbers }: SemverValue) => numbers[0],
    [`${S}.minor(): int`]: ({ numbers }: SemverValue) => numbers[1],
    [`${S}.patch(): int`]: ({ numbers }: SemverValue) => numbers[2],
    [`string(${S}): string`]: (version: SemverValue) => version.text,
  },
};

/** Equality of this library's type. */
export const semverEquality: readonly [string, (a: SemverValue, b: SemverValue) => boolean] = [
  S,
  (a, b) => compare(a, b) === 0,
];
