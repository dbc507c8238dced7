/** GitLab's Code Quality report (docs.gitlab.com/ci/testing/code_quality). */
import type { Severity } from '../../compiler/check.ts';
import { fingerprints } from './fingerprint.ts';
import type { LintReport } from './finding.ts';

const severities: Readonly<Record<Severity, string>> = { error: 'major', warning: 'minor', info: 'info' };

export function gitlabText({ findings }: LintReport): string {
  const prints = fingerprints(findings);
  const entries = findings.map(({ file, line, endLine, severity, rule, message }, index) => ({
    description: message,
    check_name: rule,
    fingerprint: prints[index],
    severity: severities[severity],
    location: { path: file, lines: { begin: line, end: endLine } },
  }));
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
