import { plainValue } from '../../../types/yaml/scalar.ts';
import type { LintRule } from '../../rule.ts';
import { tokensOf } from '../../../types/yaml/tokens.ts';

const octal = /^[-+]?0[0-7_]+$/;

export const octalNumber: LintRule = {
  id: 'style/octal',
  severity: 'info',
  recommended: false,
  summary: 'No number is written with a leading zero.',
  why: 'Kubernetes reads 0644 as octal, which is 420; other readers of YAML take it for 644. JSON has no such numbers at all.',
  bad: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  terminationGracePeriodSeconds: 030\n  containers:\n    - name: web\n      image: registry.example.com/web:1.4.2\n',
  good: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  terminationGracePeriodSeconds: 30\n  containers:\n    - name: web\n      image: registry.example.com/web:1.4.2\n',
  *checkText(text) {
    if (!/(?:^|[\s[{,:-])[-+]?0[0-7_]/.test(text)) return;
    for (const { kind, text: source, start } of tokensOf(text)) {
      if (kind !== 'plain' || !octal.test(source)) continue;
      const value = plainValue(source);
      if (typeof value !== 'number') continue;
      const end = start + source.length;
      yield {
        start,
        end,
        message: `${source} is octal and is read as ${value}`,
        fix: { title: `Write ${value}`, edits: [{ start, end, newText: String(value) }] },
      };
    }
  },
};
