/** What lint reports. The JSON format prints these objects as they are. */
import type { Severity } from '../../compiler/check.ts';
import type { CompileProblem } from '../../compiler/problem.ts';
import type { Diagnostic, RelatedPlace } from '../../lint/diagnostics.ts';
import { ruleName } from '../../lint/entry.ts';
import type { Layer } from '../../lint/rule.ts';
import { pathText } from '../../types/field-issue.ts';

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
  readonly layer: Layer;
  readonly severity: Severity;
  readonly message: string;
  readonly fix?: LintFix;
  /** Other places that have to do with it; the JSON report names them in the message only. */
  readonly related?: readonly RelatedFinding[];
  readonly suppression?: Suppression;
}

export interface RelatedFinding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Why a finding is not told: its author has silenced it in the file, or the baseline holds it. */
export interface Suppression {
  readonly by: 'author' | 'baseline';
  readonly reason?: string;
}

/** Edits of the file; offsets are counted in UTF-16 units from 0. */
export interface LintFix {
  readonly title: string;
  /** False where it may change what the program can do: `--fix` leaves it to people. */
  readonly safe: boolean;
  readonly edits: readonly { readonly start: number; readonly end: number; readonly newText: string }[];
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
  /** Findings that are not told; only SARIF has a place for them. */
  readonly suppressed: readonly LintFinding[];
  readonly summary: LintSummary;
}

const nowhere = { file: '', line: 1, column: 1 };

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

function relatedOf({ file, range, message }: RelatedPlace): RelatedFinding {
  return { file, line: range.start.line, column: range.start.column, message };
}

function fixOf({ fix }: Diagnostic): { readonly fix?: LintFix } {
  const edits = fix?.edits();
  return fix && edits ? { fix: { title: fix.title, safe: !fix.suggestion, edits } } : {};
}

/** `withFix` is whether the edits are to be worked out, which not every format shows. */
export function findingOfDiagnostic(diagnostic: Diagnostic, withFix: boolean): LintFinding {
  const { file, range, layer, rule, severity, message, object, fieldPath, related, suppressed } = diagnostic;
  const path = pathText(fieldPath);
  return {
    file,
    line: range.start.line,
    column: range.start.column,
    endLine: range.end.line,
    endColumn: range.end.column,
    path,
    rule,
    layer,
    severity,
    message: [object, path === '' ? undefined : path, message].filter((part) => part !== undefined).join(': '),
    ...(withFix ? fixOf(diagnostic) : {}),
    ...(related ? { related: related.map(relatedOf) } : {}),
    ...(suppressed ? { suppression: { by: 'author', ...suppressed } } : {}),
  };
}
