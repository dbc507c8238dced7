/** Runs the rules that look at how a document is written. */
import type { RuleSettings } from './config.ts';
import type { Position } from './diagnostics.ts';
import type { Found } from './document.ts';
import { mostFindings } from './engine.ts';
import { layerOf } from './rule.ts';
import type { LintedObject, TextFinding } from './rule.ts';

export interface TextFound extends Found {
  readonly textFix?: NonNullable<TextFinding['fix']>;
}

/** Overrides for files hold for texts, those for kinds and names do not. */
function subjectOf(file: string): LintedObject {
  const object = { apiVersion: '', kind: '', metadata: {} };
  return { object, kind: undefined, file, namespace: undefined, pod: undefined };
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n'), offset };
}

export function textFindings(text: string, file: string, settings: RuleSettings): readonly TextFound[] {
  const found: TextFound[] = [];
  for (const rule of settings.textRules) {
    const setting = settings.of(rule, subjectOf(file));
    if (!setting || !rule.checkText) continue;
    const { severity, options } = setting;
    const base = { layer: layerOf(rule.id), rule: rule.id, severity, fieldPath: [] };
    try {
      for (const { start, end, message, fix } of rule.checkText(text, options)) {
        const range = { start: positionAt(text, start), end: positionAt(text, end) };
        found.push({ ...base, message, range, ...(fix ? { textFix: fix } : {}) });
        if (found.length >= mostFindings) return found;
      }
    } catch (error) {
      const message = `the rule ${rule.id} failed on this document: ${error instanceof Error ? error.message : String(error)}`;
      const start = positionAt(text, 0);
      found.push({ ...base, rule: 'rule-failed', severity: 'warning', message, range: { start, end: start } });
    }
  }
  return found;
}
