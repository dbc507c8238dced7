/** Tells findings apart across runs: the same while a finding only moves within its file. */
import { createHash } from 'node:crypto';
import type { LintFinding } from './finding.ts';

export function fingerprints(findings: readonly LintFinding[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map(({ file, rule, message }) => {
    const what = JSON.stringify([file, rule, message]);
    const count = seen.get(what) ?? 0;
    seen.set(what, count + 1);
    return createHash('sha256').update(`${what}#${count}`).digest('hex').slice(0, 32);
  });
}
