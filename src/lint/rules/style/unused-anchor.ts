import type { LintRule } from '../../rule.ts';
import { tokensOf } from '../../../types/yaml/tokens.ts';

/** Most texts have none, and a regular expression says so sooner than a lexer. */
const likely = /(?:^|[\s[{,:-])&[^\s&,\]}]/;

export const unusedAnchor: LintRule = {
  id: 'style/unused-anchor',
  severity: 'info',
  recommended: true,
  summary: 'Every anchor has an alias that refers to it.',
  why: 'An anchor that nothing refers to is left over, or the alias is missing where it was meant to be.',
  bad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: &level info\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: &level info\n  other: *level\n',
  *checkText(text) {
    if (!likely.test(text)) return;
    const tokens = [...tokensOf(text)];
    const used = new Set(tokens.filter(({ kind }) => kind === 'alias').map(({ text: name }) => name.slice(1)));
    for (const { kind, text: name, start } of tokens) {
      if (kind !== 'anchor' || used.has(name.slice(1))) continue;
      const end = start + name.length;
      const after = /^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
      yield {
        start,
        end,
        message: `nothing refers to the anchor ${name.slice(1)}`,
        fix: { title: 'Remove the anchor', edits: [{ start, end: end + after, newText: '' }] },
      };
    }
  },
};
