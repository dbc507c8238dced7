/** What lint reports. The JSON format prints these objects as they are. */
import type { FindingLayer, Severity } from '../../compiler/check.ts';
import type { CompileProblem } from '../../compiler/problem.ts';

export interface LintFinding {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** The column after the last character. */
  readonly endColumn: number;
  /** `spec.template.spec.containers[0].ports[1].name`; empty for a whole object or file. */
  readonly path: string;
  readonly rule: string;
  readonly layer: FindingLayer;
  readonly severity: Severity;
  readonly message: string;
}

export interface LintSummary {
  readonly documents: number;
  readonly checked: number;
  readonly unchecked: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly summary: LintSummary;
}

const nowhere = { file: '', line: 1, column: 1 };

/** Upstream's causes are written `FieldValueRequired`; rules are named as `field-value-required`. */
function ruleName(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

export function findingOf({
  place = nowhere,
  code,
  layer,
  severity,
  message,
  object,
  path,
}: CompileProblem): LintFinding {
  const { file, line, column } = place;
  return {
    file,
    line,
    column,
    endLine: place.endLine ?? line,
    endColumn: place.endColumn ?? column,
    path: path ?? '',
    rule: ruleName(code),
    layer,
    severity,
    message: [object, path === '' ? undefined : path, message].filter((part) => part !== undefined).join(': '),
  };
}

export function summaryOf(
  findings: readonly LintFinding[],
  coverage: { readonly objects: number; readonly unchecked: number },
): LintSummary {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    documents: coverage.objects,
    checked: coverage.objects - coverage.unchecked,
    unchecked: coverage.unchecked,
    errors: count('error'),
    warnings: count('warning'),
    infos: count('info'),
  };
}
