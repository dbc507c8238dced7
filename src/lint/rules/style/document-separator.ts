import type { LintRule } from '../../rule.ts';

export const documentSeparator: LintRule = {
  id: 'style/document-separator',
  severity: 'info',
  recommended: false,
  summary: 'There is a document between two separators.',
  why: 'A separator with nothing after it is left over, or the manifest that belonged there is lost.',
  bad: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n',
  good: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n',
  *checkText(text) {
    // Documents are looked at one by one; what stands between two separators is one of them.
    if (!/^---\s*$/.test(text)) return;
    const fix = { title: 'Remove the separator', edits: [{ start: 0, end: text.length, newText: '' }] };
    yield { start: 0, end: 3, message: 'nothing stands behind this separator', fix };
  },
};
