/** Every rule's examples are its tests: it finds something in the bad one, nothing in the good one, and its fix heals. */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../src/lint/diagnostics.ts';
import { applyEdits } from '../../src/lint/fixes.ts';
import type { LintRule } from '../../src/lint/rule.ts';
import { rules } from '../../src/lint/rules/index.ts';
import { Workspace } from '../../src/lint/workspace.ts';

/** Rules that need to be told something find nothing without. */
const told: Readonly<Record<string, Record<string, string[]>>> = {
  'images/registry-not-allowed': { registries: ['registry.example.com'] },
  'style/required-labels': { labels: ['team'] },
  'style/required-annotations': { annotations: ['owner'] },
};

function diagnose(rule: LintRule, text: string): readonly Diagnostic[] {
  const options = told[rule.id];
  const setting = { severity: rule.severity, ...(options ? { options } : {}) };
  const workspace = new Workspace({ config: { extends: 'none', rules: { [rule.id]: setting } } });
  workspace.setFile('example.yaml', text);
  return workspace.diagnostics('example.yaml');
}

function own(rule: LintRule, text: string): readonly Diagnostic[] {
  return diagnose(rule, text).filter((found) => found.rule === rule.id);
}

function messages(found: readonly Diagnostic[]): readonly string[] {
  return found.map(({ rule, message }) => `${rule}: ${message}`);
}

function fixed(rule: LintRule, text: string): string {
  let result = text;
  for (let round = 0; round < 5; round += 1) {
    const groups = own(rule, result).flatMap(({ fix }) => {
      const edits = fix?.edits();
      return edits ? [edits] : [];
    });
    if (groups.length === 0) return result;
    result = applyEdits(result, groups).text;
  }
  return result;
}

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_id, rule) => {
  it('finds its bad example', () => {
    expect(own(rule, rule.bad).length).toBeGreaterThan(0);
  });

  it('has nothing to say about its good example, nor has Kubernetes', () => {
    const found = diagnose(rule, rule.good).filter(({ rule: id, severity }) => id === rule.id || severity === 'error');
    expect(messages(found)).toEqual([]);
  });

  it('heals what it offers to heal', () => {
    const offered = own(rule, rule.bad).filter(({ fix }) => fix !== undefined);
    for (const { fix, message } of offered) expect(fix?.edits(), message).toBeDefined();
    if (offered.length === 0) return;
    const before = diagnose(rule, rule.bad).filter(({ rule: id }) => id !== rule.id);
    const after = diagnose(rule, fixed(rule, rule.bad));
    const left = after.filter(({ rule: id, fix }) => id === rule.id && fix !== undefined);
    expect(messages(left)).toEqual([]);
    expect(after.filter(({ layer }) => layer !== 'lint' && layer !== 'reference').length).toBeLessThanOrEqual(
      before.length,
    );
  });
});

describe('THE table', () => {
  it('names every rule once', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});
