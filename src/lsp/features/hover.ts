/** What a key means, what a value says, what a name stands for. */
import { MarkupKind } from 'vscode-languageserver/node';
import type { Hover } from 'vscode-languageserver/node';
import { deprecatedApi, removedApi } from '../../types/removed-apis.ts';
import { fieldSince, kindSince } from '../../types/since.ts';
import { plainValue } from '../../types/yaml/scalar.ts';
import { defaultAt } from '../default-value.ts';
import { descriptions } from '../documentation.ts';
import { nameAt, placesOfName } from '../fact-at.ts';
import { isOnKey } from '../outline.ts';
import { pathInObject } from '../object-view.ts';
import { describe, placeAt, typeText } from '../schema-place.ts';
import type { SchemaPlace } from '../schema-place.ts';
import type { Cursor, Session } from '../session.ts';
import type { Feature } from './feature.ts';

/** Parts of an answer, written as Markdown. */
async function fieldPart(cursor: Cursor, place: SchemaPlace): Promise<readonly string[]> {
  const { schema, required } = place;
  const path = pathInObject(cursor.object, cursor.node)
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  const facts = [`\`${typeText(place)}\``, ...(required && path !== '' ? ['required'] : [])];
  const standard = defaultAt(cursor) ?? schema.default;
  if (standard !== undefined && standard !== '') facts.push(`default \`${JSON.stringify(standard)}\``);
  const since = sinceText(cursor, place);
  if (since !== undefined) facts.push(since);
  const lines = [`**${path === '' ? (cursor.object.kindName ?? '') : path}** ${facts.join(', ')}`];
  const text = describe(await descriptions(), place);
  if (text !== undefined) lines.push(text);
  if (schema.enum) lines.push(`One of ${schema.enum.map((value) => `\`${value}\``).join(', ')}`);
  const limits = [
    schema.minimum === undefined ? '' : `at least ${schema.minimum}`,
    schema.maximum === undefined ? '' : `at most ${schema.maximum}`,
    schema.pattern === undefined ? '' : `matches \`${schema.pattern}\``,
  ].filter((limit) => limit !== '');
  if (limits.length > 0) lines.push(limits.join(', '));
  return lines;
}

/** `since 1.33`; nothing for what is older than the table. */
function sinceText({ object }: Cursor, { owner, property, typeName }: SchemaPlace): string | undefined {
  const since =
    owner !== undefined && property !== undefined
      ? fieldSince(owner, property)
      : object.kind && typeName === object.kind.typeName
        ? kindSince(object.kind.typeName)
        : undefined;
  return since ? `since ${since.text}` : undefined;
}

/** Of a version that is gone or going. */
function lifePart({ object: { apiVersion, kindName } }: Cursor): readonly string[] {
  if (apiVersion === undefined || kindName === undefined) return [];
  const removed = removedApi(apiVersion, kindName);
  if (removed) {
    const { removedIn, replacement } = removed;
    const instead = replacement === undefined ? 'nothing took its place' : `use \`${replacement}\``;
    return [`**${kindName}** \`${apiVersion}\`: removed in Kubernetes ${removedIn}; ${instead}`];
  }
  const deprecated = deprecatedApi(apiVersion, kindName);
  return deprecated === undefined ? [] : [`\`${apiVersion}\` ${kindName} is ${deprecated}`];
}

function namePart(cursor: Cursor): readonly string[] {
  const name = nameAt(cursor);
  if (!name) return [];
  const places = placesOfName(name, cursor);
  const declared = places.filter(({ placed }) => placed.fact.role === 'declares');
  const title = name.of === 'fact' ? name.fact.title : `port ${name.port.name}`;
  const role = name.of === 'fact' ? name.fact.role : name.port.role;
  if (role === 'declares') {
    const uses = places.length - declared.length;
    return name.of === 'fact' && name.fact.what === 'label'
      ? []
      : [`${title}: used in ${uses} ${uses === 1 ? 'place' : 'places'}`];
  }
  if (declared.length === 0) return cursor.project.loaded ? [`${title}: in none of the files of this folder`] : [];
  return declared.slice(0, 5).map(({ placed: { fact, piece } }) => {
    const line = (cursor.project.lines(piece.path)?.positionAt(fact.span.start + piece.document.offset).line ?? 0) + 1;
    return `${title}: ${shown(cursor, piece.path)}, line ${line}${contents(cursor, piece, fact.span)}`;
  });
}

function shown({ project }: Cursor, path: string): string {
  return project.root !== undefined && path.startsWith(project.root) ? path.slice(project.root.length + 1) : path;
}

function contents({ project }: Cursor, piece: Cursor['piece'], span: { readonly start: number }): string {
  const object = project.facts(piece).objects.find((one) => one.span.start === span.start);
  const parts = object && object.keys.length > 0 ? object.keys : (object?.ports ?? []);
  return parts.length > 0 ? ` (${parts.slice(0, 12).join(', ')})` : '';
}

/** Where Kubernetes reads something else than most people. */
function valuePart({ node }: Cursor): readonly string[] {
  if (node.form !== 'scalar' || node.style !== 'plain') return [];
  const value = plainValue(node.text);
  if (typeof value === 'string' || value === null || String(value) === node.text) return [];
  return [`Kubernetes reads \`${node.text}\` as \`${value}\``];
}

async function hoverAt(cursor: Cursor, session: Session): Promise<Hover | null> {
  const { node, object, offset } = cursor;
  const onKey = isOnKey(node, offset);
  const onValue = node.form === 'scalar' && offset >= node.value.start && offset <= node.value.end;
  if (!onKey && !onValue) return null;
  const place = object.kind ? placeAt(object.kind, pathInObject(object, node)) : undefined;
  const isKindOrVersion = node.parent === object.node && (node.step === 'kind' || node.step === 'apiVersion');
  const field = isKindOrVersion && object.kind ? placeAt(object.kind, []) : place;
  const parts = [
    ...(onValue || !field ? namePart(cursor) : []),
    ...(onValue ? valuePart(cursor) : []),
    ...(isKindOrVersion ? lifePart(cursor) : []),
    ...(field ? await fieldPart(isKindOrVersion ? { ...cursor, node: object.node } : cursor, field) : []),
  ];
  if (parts.length === 0) return null;
  const formats = session.client.textDocument?.hover?.contentFormat ?? [];
  const markdown = formats.length === 0 || formats.includes(MarkupKind.Markdown);
  const text = parts.join('\n\n');
  const value = markdown ? text : text.replaceAll(/[*`]/g, '');
  const span = onKey && node.key ? node.key : node.value;
  return {
    contents: { kind: markdown ? MarkupKind.Markdown : MarkupKind.PlainText, value },
    range: session.range(cursor, span),
  };
}

export const hover: Feature = {
  name: 'hover',
  capabilities: () => ({ hoverProvider: true }),
  register(connection, session) {
    connection.onHover(({ textDocument, position }) => {
      const document = session.documents.get(textDocument.uri);
      if (document && session.programs.reads(document)) return session.programs.hover(document, position);
      const cursor = session.cursor(textDocument.uri, position);
      return cursor ? hoverAt(cursor, session) : null;
    });
  },
};
