/** SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0). */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Severity } from '../../compiler/check.ts';
import { rules as lintRules } from '../../lint/rules/index.ts';
import { version } from '../version.ts';
import { fingerprints } from './fingerprint.ts';
import type { LintFinding, LintFix, LintReport, RelatedFinding, Suppression } from './finding.ts';

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** What the layers below the rules are about; rules say it of themselves. */
const layerTexts: Readonly<Record<LintFinding['layer'], string>> = {
  syntax: 'The text is no YAML or JSON that Kubernetes reads.',
  identity: 'The kind or its version is not one that Kubernetes has.',
  structure: 'The fields are not those of the kind, or not of their types.',
  api: 'The API server refuses the object, or warns of it.',
  lint: 'The object works but is unsafe, fragile or unusual.',
  reference: 'Something that the object refers to is not there.',
};

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

function relatedOf({ file, line, column, message }: RelatedFinding, id: number): object {
  return {
    id,
    message: { text: message },
    physicalLocation: { artifactLocation: { uri: uri(file) }, region: { startLine: line, startColumn: column } },
  };
}

function suppressionOf({ by, reason }: Suppression): object {
  const kind = by === 'author' ? 'inSource' : 'external';
  return { kind, status: 'accepted', ...(reason === undefined ? {} : { justification: reason }) };
}

function ruleOf(id: string, layer: LintFinding['layer']): object {
  const rule = lintRules.find((one) => one.id === id);
  if (!rule) return { id, shortDescription: { text: layerTexts[layer] } };
  return {
    id,
    shortDescription: { text: rule.summary },
    fullDescription: { text: rule.why },
    help: { text: `${rule.why}\n\nWrong:\n${rule.bad.trim()}\n\nRight:\n${rule.good.trim()}` },
    defaultConfiguration: { level: levels[rule.severity] },
  };
}

function resultOf(finding: LintFinding, ruleIndex: number, print: string | undefined): object {
  const { file, rule, severity, message, path, fix, related, suppression, layer } = finding;
  const physicalLocation = { artifactLocation: { uri: uri(file) }, region: region(finding) };
  const logicalLocations = path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path }] };
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: message },
    locations: [{ physicalLocation, ...logicalLocations }],
    ...(related && related.length > 0 ? { relatedLocations: related.map(relatedOf) } : {}),
    ...(fix && fix.edits.length > 0 ? { fixes: [fixOf(file, fix)] } : {}),
    ...(suppression ? { suppressions: [suppressionOf(suppression)] } : {}),
    partialFingerprints: { 'kubewright/v1': print },
    properties: { layer },
  };
}

export function sarifText({ findings, suppressed }: LintReport): string {
  const all = [...findings, ...suppressed];
  const layers = new Map(all.map(({ rule, layer }) => [rule, layer]));
  const ids = [...layers.keys()].sort();
  const indexes = new Map(ids.map((id, index) => [id, index]));
  const prints = fingerprints(all);
  const driver = {
    name: 'kubewright',
    version,
    rules: ids.map((id) => ruleOf(id, layers.get(id) ?? 'lint')),
  };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        columnKind: 'utf16CodeUnits',
        results: all.map((finding, index) => resultOf(finding, indexes.get(finding.rule) ?? -1, prints[index])),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}
