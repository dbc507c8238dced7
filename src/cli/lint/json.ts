/** The report as programs read it: the findings that are told and the summary, nothing else. */
import type { LintFinding, LintReport } from './finding.ts';

function shown({ related: _related, suppression: _suppression, ...finding }: LintFinding): object {
  return finding;
}

export function jsonText({ findings, summary }: LintReport): string {
  return `${JSON.stringify({ findings: findings.map(shown), summary }, undefined, 2)}\n`;
}
