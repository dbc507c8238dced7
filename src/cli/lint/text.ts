/** One line per finding, and one that sums up. */
import type { LintFinding, LintReport } from './finding.ts';

function line({ file, line: at, column, severity, message, rule }: LintFinding): string {
  return `${file}:${at}:${column}: ${severity}: ${message} [${rule}]\n`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

export function reportText({ findings, summary }: LintReport): string {
  const { documents, unchecked, errors, warnings, infos } = summary;
  const coverage = unchecked === 0 ? '' : ` (${unchecked} not checked)`;
  const counts = [
    counted(errors, 'error'),
    counted(warnings, 'warning'),
    ...(infos === 0 ? [] : [counted(infos, 'info')]),
  ];
  return `${findings.map(line).join('')}${counted(documents, 'object')}${coverage}: ${counts.join(', ')}\n`;
}
