/** Workflow commands of GitHub Actions (docs.github.com, "Workflow commands for GitHub Actions"). */
import type { Severity } from '../../compiler/check.ts';
import type { LintReport } from './finding.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

function escapedMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
function escapedProperty(text: string): string {
  return escapedMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

export function githubText({ findings }: LintReport): string {
  return findings
    .map(({ file, line, column, endLine, endColumn, severity, rule, message }) => {
      const properties = { file, line, col: column, endLine, endColumn, title: `kubewright ${rule}` };
      const words = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
      return `::${commands[severity]} ${words.join(',')}::${escapedMessage(message)}\n`;
    })
    .join('');
}
