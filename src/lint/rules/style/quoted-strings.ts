import { looksTyped } from '../../../types/yaml/scalar.ts';
import type { LintRule } from '../../rule.ts';
import { tokensOf } from '../../../types/yaml/tokens.ts';

/** Texts that mean the same without quotes wherever they stand. */
const simple = /^[A-Za-z0-9_./][A-Za-z0-9_./-]*$/;

export const quotedStrings: LintRule = {
  id: 'style/quoted-strings',
  severity: 'info',
  recommended: false,
  matterOfTaste: true,
  summary: 'Only texts that need quotes have them.',
  why: 'Quotes then show that a text would be read as something else without.',
  bad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "settings"\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  port: "8080"\n',
  *checkText(text) {
    // In JSON all texts have quotes.
    if (/^\s*[{[]/.test(text)) return;
    for (const { kind, text: source, start } of tokensOf(text)) {
      const inner = source.slice(1, -1);
      if (kind !== 'quoted' || !simple.test(inner) || looksTyped(inner)) continue;
      const end = start + source.length;
      yield {
        start,
        end,
        message: `${inner} needs no quotes`,
        fix: { title: 'Take the quotes away', edits: [{ start, end, newText: inner }] },
      };
    }
  },
};
