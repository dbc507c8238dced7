/** JUnit's XML: a suite per file, a failed case per finding. */
import type { LintFinding, LintReport } from './finding.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function escaped(text: string): string {
  return (
    text
      // What XML 1.0 cannot hold in any form.
      .replace(
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
        '\ufffd',
      )
      .replace(/[&<>"\n]/g, (sign) => entities[sign] ?? sign)
  );
}

function caseText({ file, line, column, severity, rule, message }: LintFinding): string {
  const name = `${rule} ${line}:${column}`;
  const detail = `${file}:${line}:${column}: ${severity}: ${message}`;
  return [
    `    <testcase classname="${escaped(file)}" name="${escaped(name)}">`,
    `      <failure type="${severity}" message="${escaped(message)}">${escaped(detail)}</failure>`,
    '    </testcase>',
  ].join('\n');
}

export function junitText({ findings, summary }: LintReport): string {
  const files = new Map<string, LintFinding[]>();
  for (const finding of findings) files.set(finding.file, [...(files.get(finding.file) ?? []), finding]);
  const suites = [...files].map(([file, own]) =>
    [
      `  <testsuite name="${escaped(file)}" tests="${own.length}" failures="${own.length}" errors="0">`,
      ...own.map(caseText),
      '  </testsuite>',
    ].join('\n'),
  );
  if (suites.length === 0) {
    const name = `${summary.documents} objects`;
    suites.push(
      `  <testsuite name="kubewright lint" tests="1" failures="0" errors="0">\n    <testcase classname="kubewright lint" name="${name}"/>\n  </testsuite>`,
    );
  }
  const tests = Math.max(findings.length, 1);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kubewright lint" tests="${tests}" failures="${findings.length}" errors="0">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}
