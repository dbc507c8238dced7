/** What may be written at a place: keys, values, names of other files, whole objects. */
import { CompletionItemKind, InsertTextFormat, InsertTextMode, MarkupKind } from 'vscode-languageserver/node';
import type { ClientCapabilities, CompletionItem, CompletionList, Range } from 'vscode-languageserver/node';
import { resolveSchema } from '../../types/schema.ts';
import type { Schema } from '../../types/schema.ts';
import { fieldSince } from '../../types/since.ts';
import { builtInSchemas } from '../../types/schema-table.ts';
import {
  commonKeysAt,
  commonValuesAt,
  isDocumentationKey,
  isSelectorPlace,
  namesAt,
  requirementNames,
  selectableLabels,
} from '../completion-names.ts';
import type { NameContext } from '../completion-names.ts';
import { completionPlace } from '../completion-place.ts';
import type { CompletionPlace } from '../completion-place.ts';
import { descriptions } from '../documentation.ts';
import { isKustomization, kustomizationFiles, kustomizationKeys } from '../kustomization-keys.ts';
import { quoted } from '../scalar-text.ts';
import { stepInto, typeText } from '../schema-place.ts';
import type { SchemaPlace } from '../schema-place.ts';
import type { Cursor, Session } from '../session.ts';
import { partSnippets, wholeObjects, withoutStops } from '../snippets.ts';
import type { Snippet } from '../snippets.ts';
import type { Feature } from './feature.ts';

interface Offer {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly body: string;
  readonly detail?: string;
  readonly sort: string;
  readonly snippet?: boolean;
  readonly data?: unknown;
  readonly also?: { readonly range: Range; readonly newText: string };
  /** What goes between quotes where there are some already, and what follows them. */
  readonly bare?: { readonly text: string; readonly tail: string };
}

function isJson({ path, piece }: Cursor): boolean {
  return /\.json$/i.test(path) && /^\s*[{[]/.test(piece.part.text);
}

class Completion {
  readonly #offers: Offer[] = [];
  readonly #column: number;
  readonly #json: boolean;

  constructor(
    readonly at: CompletionPlace,
    readonly cursor: Cursor,
    readonly context: NameContext,
  ) {
    const text = cursor.piece.part.text;
    this.#json = isJson(cursor);
    this.#column = at.span.start - (text.lastIndexOf('\n', at.span.start - 1) + 1);
  }

  offers(): readonly Offer[] {
    const { role } = this.at;
    if (role === 'key') this.#keys();
    else if (role === 'item') this.#items();
    else this.#values();
    return this.#offers;
  }

  #lines(text: string, deeper: number): string {
    return text.replaceAll('\n', `\n${' '.repeat(this.#column + deeper)}`);
  }

  #keys(): void {
    const { at } = this;
    const { place, path, object, inline, flow } = at;
    if (path.length === 0 && !object.kind) this.#wholeObjects();
    if (path.length === 0 && object.kindName === undefined && object.apiVersion === undefined && !this.#isBlank())
      return;
    if (inline && !flow) return;
    if (path.length === 0 && isKustomization(object))
      for (const [key, type] of Object.entries(kustomizationKeys)) this.#key(key, type, '1');
    if (place?.schema.type === 'object') this.#properties(place.schema);
    else if (path.length === 0)
      for (const key of ['apiVersion', 'kind', 'metadata'])
        this.#key(key, key === 'metadata' ? 'object' : 'string', '0');
    for (const snippet of partSnippets[place?.typeName ?? ''] ?? [])
      if (at.present.size === 0) this.#snippet(snippet, 0);
    this.#itemsOfKeyAbove();
    if (isSelectorPlace(at)) {
      for (const [key, [value = '']] of selectableLabels(at, this.context)) this.#pair(key, value);
    }
    for (const key of commonKeysAt(at)) this.#key(key, 'string', '3');
  }

  /** A list may stand at the column of its key. */
  #itemsOfKeyAbove(): void {
    const above = this.at.node.unfinished ? this.at.node.parent?.children.at(-2) : undefined;
    const place = above?.form === 'missing' && this.at.place ? stepInto(this.at.place, above.step) : undefined;
    const item = place?.schema.type === 'array' ? stepInto(place, 0) : undefined;
    if (item) this.#itemOffers(item);
  }

  /** Nothing but comments in the document: then it may become anything. */
  #isBlank(): boolean {
    const { node, present } = this.at;
    if (typeof node.step === 'number' && node.parent?.step === 'items' && present.size === 0) return true;
    return this.cursor.root.children.every(({ unfinished }) => unfinished) && this.cursor.root.form !== 'list';
  }

  #wholeObjects(): void {
    if (!this.#isBlank()) return;
    for (const snippet of wholeObjects(this.context.project.workspace.registry)) this.#snippet(snippet, 0);
  }

  #snippet({ label, detail, body, rare }: Snippet, deeper: number, before = ''): void {
    // In braces, lines have no meaning.
    if (this.at.flow) return;
    const text = before + this.#lines(body, deeper);
    this.#offers.push({
      label,
      kind: CompletionItemKind.Snippet,
      body: text,
      detail,
      sort: `${rare === true ? 6 : 4}${label}`,
      snippet: true,
    });
  }

  #properties(schema: Schema): void {
    const { place, present } = this.at;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (present.has(name) || name === 'status') continue;
      const resolved = resolveSchema(property, builtInSchemas);
      const required = schema.required?.includes(name) === true;
      const typeName = property.type === 'ref' ? property.ref : undefined;
      const since = place?.typeName === undefined ? undefined : fieldSince(place.typeName, name);
      const age = since ? `, since ${since.text}` : '';
      const detail = `${typeText({ schema: resolved, typeName })}${required ? ', required' : ''}${age}`;
      const data = { owner: place?.typeName ?? '', property: name };
      this.#key(name, resolved.type, required ? '0' : '1', detail, data);
    }
  }

  #pair(key: string, value: string): void {
    if (this.at.present.has(key)) return;
    const tail = this.at.colon ? '' : `: ${this.#json ? JSON.stringify(value) : quoted(value)}`;
    const offer = { label: key, kind: CompletionItemKind.Property, detail: value, sort: `0${key}` };
    this.#offers.push({ ...offer, body: `${key}${tail}`, bare: { text: key, tail } });
  }

  #key(name: string, type: Schema['type'], rank: string, detail?: string, data?: unknown): void {
    if (this.at.present.has(name)) return;
    const inner = ' '.repeat(this.#column + 2);
    const tail =
      this.at.colon || this.at.flow
        ? this.at.colon
          ? ''
          : ': '
        : type === 'array'
          ? `:\n${inner}- `
          : type === 'object' || type === 'map'
            ? `:\n${inner}`
            : ': ';
    const kind =
      type === 'object' || type === 'array' || type === 'map' ? CompletionItemKind.Module : CompletionItemKind.Property;
    this.#offers.push({
      label: name,
      kind,
      body: `${name}${tail}`,
      bare: { text: name, tail },
      sort: `${rank}${name}`,
      ...(detail === undefined ? {} : { detail }),
      ...(data === undefined ? {} : { data }),
    });
  }

  /** On the line of a list, in front of its first dash or below the others. */
  #items(): void {
    const { place, inline } = this.at;
    if (!place || inline) return;
    const item = stepInto(place, 0);
    if (item) this.#itemOffers(item);
  }

  #itemOffers(item: SchemaPlace): void {
    for (const snippet of partSnippets[item.typeName ?? ''] ?? []) this.#snippet(snippet, 2, '- ');
    const [first] = item.schema.required ?? [];
    const body = first === undefined ? '- ' : `- ${first}: `;
    this.#offers.push({ label: '- (item)', kind: CompletionItemKind.Struct, body, detail: typeText(item), sort: '0' });
  }

  #value(value: string, kind: CompletionItemKind, detail: string, rank = '1'): void {
    if (this.#offers.some(({ label }) => label === value)) return;
    const isText = kind !== CompletionItemKind.Value || this.at.place?.schema.type === 'string';
    const bare = isText && !value.startsWith('"') ? { bare: { text: value, tail: '' } } : {};
    this.#offers.push({ label: value, kind, body: value, detail, sort: `${rank}${value}`, ...bare });
  }

  #reference(name: string, detail: string, rank: string): void {
    if (this.#offers.some(({ label }) => label === name)) return;
    const isNumber = this.at.place?.schema.type !== 'string' && /^\d+$/.test(name);
    this.#offers.push({
      label: name,
      kind: CompletionItemKind.Reference,
      body: isNumber ? name : quoted(name),
      detail,
      sort: `${rank}${name}`,
      ...(isNumber ? {} : { bare: { text: name, tail: '' } }),
    });
  }

  #values(): void {
    const { at, context } = this;
    const { place, path, present } = at;
    if (present.size > 0) return;
    if (path.length === 1 && path[0] === 'kind') this.#kinds();
    else if (path.length === 1 && path[0] === 'apiVersion') this.#apiVersions();
    if (isKustomization(at.object))
      for (const file of kustomizationFiles(context.project, this.cursor.path, path))
        this.#value(file, CompletionItemKind.File, '');
    if (!place) return;
    const { schema } = place;
    for (const value of schema.enum ?? [])
      this.#value(value, CompletionItemKind.EnumMember, value === schema.default ? 'default' : '');
    if (schema.type === 'boolean')
      for (const value of ['true', 'false']) this.#value(value, CompletionItemKind.Value, '');
    const given = schema.default;
    if ((typeof given === 'string' || typeof given === 'number') && given !== '' && !schema.enum)
      this.#value(String(given), CompletionItemKind.Value, 'default', '3');
    for (const { name, detail, far } of namesAt(at, context))
      this.#reference(name, far === true ? `${detail}, another namespace` : detail, far === true ? '2' : '0');
    if (isSelectorPlace(at)) {
      const values = selectableLabels(at, context).get(String(path.at(-1))) ?? [];
      for (const value of values) this.#reference(value, 'label of pods', '0');
    }
    for (const { name, detail } of requirementNames(at, context)) this.#reference(name, detail, '0');
    for (const value of commonValuesAt(at, context.project)) this.#value(value, CompletionItemKind.Value, '', '3');
  }

  #kinds(): void {
    const { registry } = this.context.project.workspace;
    const { apiVersion } = this.at.object;
    for (const { kind, apiVersion: version, virtual } of registry.all()) {
      if (virtual || (apiVersion !== undefined && version !== apiVersion)) continue;
      const offer = { label: kind, kind: CompletionItemKind.Class, body: kind, detail: version, sort: `1${kind}` };
      const start = this.at.node.start;
      const range = this.cursor.lines.range({ start, end: start }, this.cursor.piece.document.offset);
      const isFree =
        apiVersion === undefined && !this.at.node.parent?.children.some(({ step }) => step === 'apiVersion');
      this.#offers.push(isFree ? { ...offer, also: { range, newText: `apiVersion: ${version}\n` } } : offer);
    }
  }

  #apiVersions(): void {
    const { registry } = this.context.project.workspace;
    const { kindName } = this.at.object;
    const all = [...registry.all()];
    const fitting = all.filter(({ kind }) => kind === kindName);
    const versions = new Set((fitting.length > 0 ? fitting : all).map(({ apiVersion }) => apiVersion));
    for (const version of versions) this.#value(version, CompletionItemKind.Constant, '');
  }
}

interface Shape {
  readonly range: Range;
  readonly snippets: boolean;
  /** The range goes with the list, not with each item. */
  readonly shared: boolean;
  readonly quote: CompletionPlace['quote'];
  /** The quote that the text at the place begins with: editors compare with it. */
  readonly typed: CompletionPlace['quote'];
}

function toItem(offer: Offer, { range, snippets, shared, quote, typed }: Shape): CompletionItem {
  const { label, kind, body, detail, sort, snippet, data, also, bare } = offer;
  const inQuotes = quote !== '' && bare ? `${quote}${bare.text}${quote}${bare.tail}` : body;
  const newText = snippet === true && !snippets ? withoutStops(body) : inQuotes;
  return {
    label,
    kind,
    sortText: sort,
    filterText: `${typed}${label}`,
    ...(detail === undefined || detail === '' ? {} : { detail }),
    ...(snippet === true && snippets ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
    ...(newText.includes('\n') ? { insertTextMode: InsertTextMode.asIs } : {}),
    ...(shared ? { textEditText: newText } : { textEdit: { range, newText } }),
    ...(also ? { additionalTextEdits: [also] } : {}),
    ...(data === undefined ? {} : { data }),
  };
}

export function completeAt(cursor: Cursor, client: ClientCapabilities): CompletionList {
  const { project, piece, root, offset, path } = cursor;
  const at = completionPlace(piece.part.text, offset, root, project.workspace.registry);
  if (!at) return { isIncomplete: false, items: [] };
  const namespace = project.namespaceOf(path, at.object);
  const offers = new Completion(at, cursor, { project, piece, root, namespace }).offers();
  const ability = client.textDocument?.completion;
  const snippets = ability?.completionItem?.snippetSupport === true;
  const shared = ability?.completionList?.itemDefaults?.includes('editRange') === true;
  const range = cursor.lines.range(at.span, piece.document.offset);
  const quote = at.quote === '' && isJson(cursor) ? '"' : at.quote;
  const items = offers.map((offer) => toItem(offer, { range, snippets, shared, quote, typed: at.quote }));
  return { isIncomplete: false, items, ...(shared ? { itemDefaults: { editRange: range } } : {}) };
}

async function withDocumentation(item: CompletionItem, session: Session): Promise<CompletionItem> {
  const { data } = item;
  if (!isDocumentationKey(data)) return item;
  const text = (await descriptions())[data.owner]?.[data.property];
  if (text === undefined) return item;
  const formats = session.client.textDocument?.completion?.completionItem?.documentationFormat ?? [];
  const documentation = formats.includes(MarkupKind.Markdown) ? { kind: MarkupKind.Markdown, value: text } : text;
  return { ...item, documentation };
}

export const completion: Feature = {
  name: 'completion',
  capabilities: () => ({ completionProvider: { triggerCharacters: [' ', ':', '-', '"'], resolveProvider: true } }),
  register(connection, session) {
    connection.onCompletion(({ textDocument, position }) => {
      const cursor = session.cursor(textDocument.uri, position);
      return cursor ? completeAt(cursor, session.client) : { isIncomplete: false, items: [] };
    });
    connection.onCompletionResolve((item) => withDocumentation(item, session));
  },
};
