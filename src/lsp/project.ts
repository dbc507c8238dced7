/** One folder of the editor: its files with what was found in them, and who declares and names what. */
import { Workspace } from '../lint/workspace.ts';
import type { WorkspaceOptions } from '../lint/workspace.ts';
import type { DocumentPart, DocumentText } from '../lint/document.ts';
import type { Registry } from '../types/registry.ts';
import { FactReader, selects } from './facts.ts';
import type { Fact, Facts, ObjectFact, PortFact, SelectorFact } from './facts.ts';
import { fitsLabels } from './selector-at.ts';
import type { ObjectView } from './object-view.ts';
import { outlineOf } from './outline.ts';
import type { OutlineNode, Span } from './outline.ts';
import { LineIndex } from './positions.ts';

export interface Piece {
  readonly path: string;
  readonly part: DocumentPart;
  readonly document: DocumentText;
}

/** Characters. No API server takes objects of this size, and to work on their text would take seconds. */
const largestWorkable = 1024 * 1024;

function isWorkable({ part }: Piece): boolean {
  return part.text.length <= largestWorkable;
}

export interface Placed<T> {
  readonly fact: T;
  readonly piece: Piece;
}

interface SymbolTable {
  readonly bySymbol: ReadonlyMap<string, readonly Placed<Fact>[]>;
  readonly objects: readonly Placed<ObjectFact>[];
  readonly ports: readonly Placed<PortFact>[];
  readonly selectors: readonly Placed<SelectorFact>[];
}

export class Project {
  #workspace: Workspace;
  #options: WorkspaceOptions;
  readonly #outlines = new WeakMap<DocumentPart, OutlineNode>();
  #facts = new WeakMap<DocumentPart, Facts>();
  #factsRegistry: Registry | undefined;
  #table: SymbolTable | undefined;
  readonly #lines = new WeakMap<object, LineIndex>();
  /** Whether all files of the folder have been read: before, nobody can say that something is nowhere. */
  loaded = false;

  constructor(
    /** Undefined for documents that belong to no folder. */
    readonly root: string | undefined,
    options: WorkspaceOptions = {},
  ) {
    this.#options = options;
    this.#workspace = new Workspace(options);
  }

  get workspace(): Workspace {
    return this.#workspace;
  }

  /** Starts anew with other rules. @throws ConfigError */
  configure(options: WorkspaceOptions): void {
    const fresh = new Workspace(options);
    for (const { path, text, context } of this.#workspace.files())
      if (text !== undefined) fresh.setFile(path, text, { context });
    this.#options = options;
    this.#workspace = fresh;
    this.#changed();
  }

  get options(): WorkspaceOptions {
    return this.#options;
  }

  setFile(path: string, text: string): void {
    this.#workspace.setFile(path, text);
    this.#changed();
  }

  removeFile(path: string): void {
    this.#workspace.removeFile(path);
    this.#changed();
  }

  has(path: string): boolean {
    return this.#workspace.file(path) !== undefined;
  }

  #changed(): void {
    this.#table = undefined;
  }

  /** Documents that can be worked on. */
  pieces(path: string): readonly Piece[] {
    return this.#allPieces(path).filter(isWorkable);
  }

  /** The first lines of documents that are only checked. */
  linesOfLargePieces(path: string): readonly number[] {
    return this.#allPieces(path).flatMap((piece) => (isWorkable(piece) ? [] : [piece.document.line]));
  }

  #allPieces(path: string): readonly Piece[] {
    const state = this.#workspace.file(path);
    if (!state || state.template) return [];
    return state.parts.flatMap((part, index) => {
      const document = state.pieces[index];
      return document ? [{ path, part, document }] : [];
    });
  }

  pieceAt(path: string, offset: number): Piece | undefined {
    const piece = this.#allPieces(path).findLast(({ document }) => document.offset <= offset);
    return piece && isWorkable(piece) ? piece : undefined;
  }

  outline({ part }: Piece): OutlineNode {
    let outline = this.#outlines.get(part);
    if (!outline) {
      outline = outlineOf(part.text);
      this.#outlines.set(part, outline);
    }
    return outline;
  }

  facts({ part, path }: Piece): Facts {
    const { registry, kustomizations } = this.#workspace;
    if (this.#factsRegistry !== registry) {
      this.#facts = new WeakMap();
      this.#factsRegistry = registry;
    }
    let facts = this.#facts.get(part);
    if (!facts) {
      const outline = this.#outlines.get(part) ?? outlineOf(part.text);
      facts = new FactReader(registry, kustomizations.namespaceOf(path)).read(outline);
      this.#facts.set(part, facts);
    }
    return facts;
  }

  /** As in facts: the empty text for the default one, `*` for objects of the whole cluster. */
  namespaceOf(path: string, object: ObjectView): string {
    const { registry, kustomizations } = this.#workspace;
    return new FactReader(registry, kustomizations.namespaceOf(path)).namespaceOf(object);
  }

  lines(path: string): LineIndex | undefined {
    const state = this.#workspace.file(path);
    if (state?.text === undefined) return undefined;
    let lines = this.#lines.get(state);
    if (!lines) {
      lines = new LineIndex(state.text);
      this.#lines.set(state, lines);
    }
    return lines;
  }

  get symbols(): SymbolTable {
    if (!this.#table) {
      const bySymbol = new Map<string, Placed<Fact>[]>();
      const objects: Placed<ObjectFact>[] = [];
      const ports: Placed<PortFact>[] = [];
      const selectors: Placed<SelectorFact>[] = [];
      for (const { path } of this.#workspace.files()) {
        for (const piece of this.pieces(path)) {
          const read = this.facts(piece);
          for (const fact of read.facts) {
            if (fact.local) continue;
            const list = bySymbol.get(fact.symbol);
            if (list) list.push({ fact, piece });
            else bySymbol.set(fact.symbol, [{ fact, piece }]);
          }
          for (const fact of read.objects) objects.push({ fact, piece });
          for (const fact of read.ports) ports.push({ fact, piece });
          for (const fact of read.selectors) selectors.push({ fact, piece });
        }
      }
      this.#table = { bySymbol, objects, ports, selectors };
    }
    return this.#table;
  }

  /** All places of a symbol; a local one is looked for in its own document only. */
  placesOf(fact: Pick<Fact, 'symbol' | 'local'>, piece: Piece): readonly Placed<Fact>[] {
    if (!fact.local) return this.symbols.bySymbol.get(fact.symbol) ?? [];
    return this.facts(piece)
      .facts.filter(({ symbol }) => symbol === fact.symbol)
      .map((one) => ({ fact: one, piece }));
  }

  /** Ports of one name that Services and the pods they select share. */
  portsLike(port: PortFact): readonly Placed<PortFact>[] {
    return this.symbols.ports.filter(({ fact: other }) => {
      if (other.name !== port.name || other.namespace !== port.namespace) return false;
      if (other.role === port.role) return other.span === port.span;
      return other.role === 'names' ? selects(other.labels, port.labels) : selects(port.labels, other.labels);
    });
  }

  objectsOf(group: string, kind: string): readonly Placed<ObjectFact>[] {
    return this.symbols.objects.filter(({ fact }) => fact.group === group && fact.kind === kind);
  }

  /** Objects whose pods a selector of a namespace fits. */
  podsSelected({ selector, namespace }: Pick<SelectorFact, 'selector' | 'namespace'>): readonly Placed<ObjectFact>[] {
    return this.symbols.objects.filter(
      ({ fact }) =>
        fact.namespace === namespace && fact.podLabels !== undefined && fitsLabels(selector, fact.podLabels),
    );
  }

  spanIn({ document }: Piece, { start, end }: Span): Span {
    return { start: start + document.offset, end: end + document.offset };
  }
}
