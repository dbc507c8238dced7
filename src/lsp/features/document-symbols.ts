/** The outline of a file: its objects, their fields, their containers and keys. */
import { SymbolKind } from 'vscode-languageserver/node';
import type { DocumentSymbol, SymbolInformation } from 'vscode-languageserver/node';
import { objectsIn, textAt } from '../object-view.ts';
import type { OutlineNode } from '../outline.ts';
import type { LineIndex } from '../positions.ts';
import type { Piece } from '../project.ts';
import type { Feature } from './feature.ts';

const deepest = 6;
const mostSymbols = 5_000;

class SymbolTree {
  #count = 0;

  constructor(
    readonly lines: LineIndex,
    readonly piece: Piece,
  ) {}

  object(node: OutlineNode, name: string, detail: string): DocumentSymbol {
    const first = node.children[0]?.start ?? node.start;
    const whole = { start: Math.min(node.start, first), end: Math.max(node.value.end, first) };
    return this.#symbol(name, detail, SymbolKind.Class, whole, { start: first, end: first }, this.#children(node, 1));
  }

  #symbol(
    name: string,
    detail: string,
    kind: SymbolKind,
    whole: { start: number; end: number },
    selection: { start: number; end: number },
    children: DocumentSymbol[],
  ): DocumentSymbol {
    const { offset } = this.piece.document;
    const end = Math.max(whole.end, selection.end);
    return {
      name: name === '' ? '-' : name,
      ...(detail === '' ? {} : { detail }),
      kind,
      range: this.lines.range({ start: whole.start, end }, offset),
      selectionRange: this.lines.range(selection, offset),
      ...(children.length > 0 ? { children } : {}),
    };
  }

  #children(node: OutlineNode, depth: number): DocumentSymbol[] {
    if (depth > deepest) return [];
    const symbols: DocumentSymbol[] = [];
    for (const child of node.children) {
      if (child.unfinished || this.#count > mostSymbols) continue;
      this.#count += 1;
      const isItem = typeof child.step === 'number';
      const name = isItem ? (textAt(child, 'name') ?? child.text.slice(0, 60)) : String(child.step);
      if (isItem && child.form !== 'map' && child.form !== 'scalar') continue;
      const detail = !isItem && child.form === 'scalar' && child.style !== 'block' ? child.text.slice(0, 80) : '';
      const whole = { start: child.start, end: child.value.end };
      const selection = child.key ?? { start: child.start, end: child.start };
      const label = isItem && name === '' ? `[${child.step}]` : name;
      symbols.push(this.#symbol(label, detail, kindOf(child), whole, selection, this.#children(child, depth + 1)));
    }
    return symbols;
  }
}

function kindOf({ form, step, style, text }: OutlineNode): SymbolKind {
  if (form === 'list') return SymbolKind.Array;
  if (form === 'map') return typeof step === 'number' ? SymbolKind.Object : SymbolKind.Module;
  if (style === 'plain' && /^[-\d.]+$/.test(text)) return SymbolKind.Number;
  return style === 'plain' && /^(?:true|false)$/.test(text) ? SymbolKind.Boolean : SymbolKind.String;
}

export const documentSymbols: Feature = {
  name: 'document-symbols',
  capabilities: () => ({ documentSymbolProvider: true }),
  register(connection, session) {
    connection.onDocumentSymbol(({ textDocument: { uri } }) => {
      const view = session.view(uri);
      if (!view) return null;
      const { project, lines, pieces } = view;
      const symbols = pieces.flatMap((piece) => {
        const tree = new SymbolTree(lines, piece);
        return objectsIn(project.outline(piece), project.workspace.registry).map(
          ({ node, kindName, name, namespace }) =>
            tree.object(node, `${kindName ?? 'document'}${name === undefined ? '' : ` ${name}`}`, namespace ?? ''),
        );
      });
      if (session.client.textDocument?.documentSymbol?.hierarchicalDocumentSymbolSupport === true) return symbols;
      const flat = ({ name, kind, range }: DocumentSymbol): SymbolInformation => ({
        name,
        kind,
        location: { uri, range },
      });
      return symbols.map(flat);
    });
  },
};
