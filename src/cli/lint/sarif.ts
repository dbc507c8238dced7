/** SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0). */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Severity } from '../../compiler/check.ts';
import { version } from '../version.ts';
import { fingerprints } from './fingerprint.ts';
import type { LintFinding, LintFix, LintReport } from './finding.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** A relative reference needs its signs escaped just as a whole address does. */
function uri(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split('/').map(encodeURIComponent).join('/');
}

function region({ line, column, endLine, endColumn }: LintFinding): object {
  const start = { startLine: line, startColumn: column };
  return endLine > line || endColumn > column ? { ...start, endLine, endColumn } : start;
}

function fixOf(file: string, { title, edits }: LintFix): object {
  const replacements = edits.map(({ start, end, newText }) => ({
    deletedRegion: { charOffset: start, charLength: end - start },
    insertedContent: { text: newText },
  }));
  return {
    description: { text: title },
    artifactChanges: [{ artifactLocation: { uri: uri(file) }, replacements }],
  };
}

export function sarifText({ findings }: LintReport): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const prints = fingerprints(findings);
  const results = findings.map((finding, index) => ({
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    level: levels[finding.severity],
    message: { text: finding.message },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uri(finding.file) }, region: region(finding) },
        ...(finding.path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: finding.path }] }),
      },
    ],
    ...(finding.fix ? { fixes: [fixOf(finding.file, finding.fix)] } : {}),
    partialFingerprints: { 'kubewright/v1': prints[index] },
    properties: { layer: finding.layer },
  }));
  const driver = { name: 'kubewright', version, rules: rules.map((id) => ({ id })) };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}
