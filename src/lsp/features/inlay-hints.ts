/** What Kubernetes makes of a value, beside it: modes, quantities, booleans, and how many objects a selector finds. */
import { InlayHintKind } from 'vscode-languageserver/node';
import type { InlayHint } from 'vscode-languageserver/node';
import { plainValue } from '../../types/yaml/scalar.ts';
import { objectsIn } from '../object-view.ts';
import type { OutlineNode } from '../outline.ts';
import type { LineIndex } from '../positions.ts';
import type { Piece, Project } from '../project.ts';
import { isEmptySelector } from '../selector-at.ts';
import { placeOfKind, stepInto } from '../schema-place.ts';
import type { SchemaPlace } from '../schema-place.ts';
import type { Feature } from './feature.ts';

const units = [
  ['Ei', 2 ** 60],
  ['Pi', 2 ** 50],
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/** `134217728` is hard to read. */
function quantityHint(text: string, property: string | number): string | undefined {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || !Number.isFinite(value)) return undefined;
  if (property === 'cpu') return Number.isInteger(value) ? undefined : `${Math.round(value * 1000)}m`;
  const unit = units.find(([, size]) => value >= size && value % (size / 1024 || 1) === 0);
  if (!unit || value < 2 ** 20) return undefined;
  return `${Math.round((value / unit[1]) * 100) / 100}${unit[0]}`;
}

/** Decimal modes are read by few, and octal ones are not what the API shows. */
function modeHint(text: string): string | undefined {
  const value = plainValue(text);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0o777) return undefined;
  return /^0\d/.test(text) ? String(value) : `0${value.toString(8)}`;
}

function hintFor(node: OutlineNode, place: SchemaPlace): string | undefined {
  if (node.form !== 'scalar' || node.style !== 'plain') return undefined;
  const { type } = place.schema;
  if (type === 'int32' && (node.step === 'mode' || node.step === 'defaultMode')) return modeHint(node.text);
  if (type === 'quantity') return quantityHint(node.text, node.step);
  if (type === 'boolean' && !/^(?:true|false)$/.test(node.text)) {
    const value = plainValue(node.text);
    return typeof value === 'boolean' ? String(value) : undefined;
  }
  return undefined;
}

class Hints {
  readonly found: InlayHint[] = [];

  constructor(
    readonly project: Project,
    readonly lines: LineIndex,
    readonly piece: Piece,
  ) {}

  walk(node: OutlineNode, place: SchemaPlace): void {
    for (const child of node.children) {
      const inner = child.unfinished ? undefined : stepInto(place, child.step);
      if (!inner) continue;
      const text = hintFor(child, inner);
      if (text !== undefined) this.#add(child.value.end, `= ${text}`);
      if (child.children.length > 0) this.walk(child, inner);
    }
  }

  /** Behind selectors of others' pods, how many objects they find. */
  selected(): void {
    if (!this.project.loaded) return;
    for (const fact of this.project.facts(this.piece).selectors) {
      if (fact.own) continue;
      // A selector that is empty finds everything: whoever writes that knows.
      if (isEmptySelector(fact.selector)) continue;
      const count = this.project.podsSelected(fact).length;
      const at = fact.flow ? fact.whole.end : fact.span.end + 1;
      this.#add(at, count === 1 ? 'pods of 1 object' : `pods of ${count} objects`);
    }
  }

  #add(offset: number, label: string): void {
    const position = this.lines.positionAt(offset + this.piece.document.offset);
    this.found.push({ position, label, kind: InlayHintKind.Type, paddingLeft: true });
  }
}

export const inlayHints: Feature = {
  name: 'inlay-hints',
  capabilities: () => ({ inlayHintProvider: true }),
  register(connection, session) {
    connection.languages.inlayHint.on(({ textDocument: { uri }, range }) => {
      const view = session.view(uri);
      if (!view || !session.settings.inlayHints) return null;
      const { project, lines, pieces } = view;
      const from = lines.offsetAt(range.start);
      const to = lines.offsetAt(range.end);
      return pieces
        .filter(({ document }) => document.offset <= to && document.offset + document.text.length >= from)
        .flatMap((piece) => {
          const hints = new Hints(project, lines, piece);
          for (const object of objectsIn(project.outline(piece), project.workspace.registry))
            if (object.kind) hints.walk(object.node, placeOfKind(object.kind));
          hints.selected();
          return hints.found;
        })
        .filter(({ position: { line } }) => line >= range.start.line && line <= range.end.line);
    });
  },
};
