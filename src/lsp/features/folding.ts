/** What can be folded: documents, maps, lists, texts of several lines, comments. */
import { FoldingRangeKind } from 'vscode-languageserver/node';
import type { FoldingRange } from 'vscode-languageserver/node';
import { descendants } from '../outline.ts';
import type { Feature } from './feature.ts';

function commentRanges(text: string): readonly FoldingRange[] {
  const ranges: FoldingRange[] = [];
  let start = -1;
  const lines = text.split('\n');
  lines.push('');
  lines.forEach((line, index) => {
    if (/^\s*#/.test(line)) {
      if (start < 0) start = index;
    } else {
      if (start >= 0 && index - start > 1)
        ranges.push({ startLine: start, endLine: index - 1, kind: FoldingRangeKind.Comment });
      start = -1;
    }
  });
  return ranges;
}

export const folding: Feature = {
  name: 'folding',
  capabilities: () => ({ foldingRangeProvider: true }),
  register(connection, session) {
    connection.onFoldingRanges(({ textDocument: { uri } }) => {
      const view = session.view(uri);
      if (!view) return null;
      const { project, lines, pieces } = view;
      const ranges: FoldingRange[] = [...commentRanges(lines.text)];
      for (const piece of pieces) {
        const { offset } = piece.document;
        const root = project.outline(piece);
        for (const node of [root, ...descendants(root)]) {
          if (node.form === 'missing') continue;
          const startLine = lines.positionAt(offset + (node === root ? 0 : node.start)).line;
          const endLine = lines.positionAt(offset + node.value.end).line;
          if (endLine > startLine) ranges.push({ startLine, endLine });
        }
      }
      ranges.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
      const limit = session.client.textDocument?.foldingRange?.rangeLimit;
      return limit === undefined ? ranges : ranges.slice(0, limit);
    });
  },
};
