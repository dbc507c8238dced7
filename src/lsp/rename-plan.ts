/** What has to be written where, for something to have another name. */
import { nameAt, placesOfName } from './fact-at.ts';
import type { NameAt } from './fact-at.ts';
import type { Fact } from './facts.ts';
import type { Span } from './outline.ts';
import type { Piece, Placed } from './project.ts';
import { quoted } from './scalar-text.ts';
import type { Cursor } from './session.ts';

/** Of a label, its key or its value; of everything else the name. */
type Half = 'key' | 'value' | 'name';

export interface Renaming {
  readonly name: NameAt;
  readonly half: Half;
  /** In the piece of the cursor, quotes left out. */
  readonly span: Span;
}

export interface RenamedPlace {
  readonly piece: Piece;
  readonly span: Span;
  readonly newText: string;
}

/** Why it cannot be done, for the user. */
export class RenameRefusal extends Error {}

/** Without its quotes. */
function inner(text: string, { start, end }: Span): Span {
  const first = text[start];
  return (first === '"' || first === "'") && end - start > 1 && text[end - 1] === first
    ? { start: start + 1, end: end - 1 }
    : { start, end };
}

function holds(span: Span | undefined, offset: number): boolean {
  return span !== undefined && span.start <= offset && offset <= span.end;
}

/** Undefined where there is nothing that could be renamed. */
export function renamingAt(cursor: Cursor): Renaming | undefined {
  const name = nameAt(cursor);
  if (!name) return undefined;
  const { text } = cursor.piece.part;
  if (name.of === 'port') return { name, half: 'name', span: inner(text, name.port.span) };
  const { label, span, name: current, what } = name.fact;
  if (label) {
    const onKey = holds(label.keySpan, cursor.offset);
    if (onKey && label.keySpan) return { name, half: 'key', span: inner(text, label.keySpan) };
    if (holds(label.valueSpan, cursor.offset)) return { name, half: 'value', span: inner(text, label.valueSpan) };
    return undefined;
  }
  // The number of a Service's port is what others say, not a name.
  if (what === 'service-port' && /^\d+$/.test(current)) return undefined;
  return { name, half: 'name', span: inner(text, span) };
}

const labelPart = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const rules = {
  object: {
    pattern: /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/,
    text: 'lower case letters, digits, - and ., beginning and ending with a letter or digit',
  },
  key: { pattern: /^[-._a-zA-Z0-9]{1,253}$/, text: 'letters, digits, -, _ and .' },
  port: {
    pattern: /^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/,
    text: 'at most 15 lower case letters, digits and -, with at least one letter',
  },
  volume: { pattern: /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, text: 'at most 63 lower case letters, digits and -' },
  labelKey: {
    pattern: new RegExp(`^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?${labelPart}$`),
    text: 'at most 63 letters, digits, -, _ and ., with a domain and a / in front at most',
  },
  labelValue: { pattern: new RegExp(`^(?:${labelPart})?$`), text: 'at most 63 letters, digits, -, _ and .' },
} as const;

function ruleOf({ name, half }: Renaming): (typeof rules)[keyof typeof rules] {
  if (half === 'key') return rules.labelKey;
  if (half === 'value') return rules.labelValue;
  if (name.of === 'port') return rules.port;
  switch (name.fact.what) {
    case 'object':
      return rules.object;
    case 'key':
      return rules.key;
    case 'volume':
      return rules.volume;
    default:
      return rules.port;
  }
}

/** All selectors and pods of the namespace that say the pair. @throws RenameRefusal */
function labelPlaces(fact: Fact, half: Half, newName: string, cursor: Cursor): readonly Placed<Fact>[] {
  const { project, piece } = cursor;
  const at = fact.name.indexOf('=');
  const [key, value] = [fact.name.slice(0, at), fact.name.slice(at + 1)];
  const prefix = fact.symbol.slice(0, fact.symbol.length - fact.name.length);
  const renamed = half === 'key' ? `${newName}=${value}` : `${key}=${newName}`;
  if (renamed !== fact.name && project.placesOf({ symbol: prefix + renamed, local: false }, piece).length > 0)
    throw new RenameRefusal(`the label ${renamed} is in use already: what selects it would select these pods too`);
  const places = project.placesOf(fact, piece);
  if (half !== 'key') return places;
  const namespace = prefix.slice('label|'.length, -1);
  const byKey = project.symbols.selectors.find(
    ({ fact: { selector, namespace: own } }) =>
      own === namespace &&
      selector.matchExpressions.some((one) => one.key === key && !(one.values.length === 1 && one.values[0] === value)),
  );
  if (byKey) {
    const file = byKey.piece.path.slice(byKey.piece.path.lastIndexOf('/') + 1);
    throw new RenameRefusal(`a selector in ${file} asks for the key ${key} whatever its value, or for several values`);
  }
  return places;
}

function placesOf(renaming: Renaming, newName: string, cursor: Cursor): readonly { piece: Piece; span: Span }[] {
  const { name, half } = renaming;
  if (name.of === 'fact' && name.fact.label) {
    return labelPlaces(name.fact, half, newName, cursor).flatMap(({ fact: { label }, piece }) => {
      const span = half === 'key' ? label?.keySpan : label?.valueSpan;
      return span ? [{ piece, span }] : [];
    });
  }
  return placesOfName(name, cursor).map(({ placed: { fact, piece } }) => ({ piece, span: fact.span }));
}

/** @throws RenameRefusal */
export function planRename(renaming: Renaming, newName: string, cursor: Cursor): readonly RenamedPlace[] {
  const { pattern, text } = ruleOf(renaming);
  if (!pattern.test(newName)) {
    throw new RenameRefusal(`${JSON.stringify(newName)} is no name that Kubernetes takes here: ${text}`);
  }
  const seen = new Set<string>();
  return placesOf(renaming, newName, cursor).flatMap(({ piece, span }) => {
    const place = `${piece.path} ${piece.document.offset + span.start}`;
    if (seen.has(place)) return [];
    seen.add(place);
    const bare = inner(piece.part.text, span);
    const isPlain = bare.start === span.start;
    return [{ piece, span: bare, newText: isPlain ? quoted(newName) : newName }];
  });
}
