/** What an old project had on the day that it began to lint: told apart from what is new by where and what, not by lines. */
import { createHash } from 'node:crypto';
import { isRecord } from '../shared/deep.ts';
import { pathText } from '../types/field-issue.ts';
import type { Diagnostic } from './diagnostics.ts';

/** Fingerprint -> how often. */
export type Baseline = ReadonlyMap<string, number>;

function fingerprint({ file, rule, object = '', fieldPath, message }: Diagnostic): string {
  const what = JSON.stringify([file, rule, object, pathText(fieldPath), message]);
  return createHash('sha256').update(what).digest('hex').slice(0, 24);
}

export function baselineText(diagnostics: readonly Diagnostic[]): string {
  const counts = new Map<string, { readonly rule: string; readonly file: string; count: number }>();
  for (const diagnostic of diagnostics) {
    const key = fingerprint(diagnostic);
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { rule: diagnostic.rule, file: diagnostic.file, count: 1 });
  }
  const findings = Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ version: 1, findings }, undefined, 2)}\n`;
}

/** @throws Error for a text that is no baseline */
export function readBaseline(text: string): Baseline {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value['version'] !== 1 || !isRecord(value['findings'])) {
    throw new Error('this is no baseline of version 1');
  }
  const entries = Object.entries(value['findings']).map(([key, one]) => {
    const count = isRecord(one) ? one['count'] : undefined;
    return [key, typeof count === 'number' ? count : 1] as const;
  });
  return new Map(entries);
}

/** Only what the baseline does not hold; of several alike the later ones count as new. */
export function beyondBaseline(diagnostics: readonly Diagnostic[], baseline: Baseline): readonly Diagnostic[] {
  const left = new Map(baseline);
  return diagnostics.filter((diagnostic) => {
    const key = fingerprint(diagnostic);
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  });
}
