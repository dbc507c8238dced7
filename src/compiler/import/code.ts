/** Expressions of TypeScript and their layout, which is the one that prettier gives (120 columns, trailing commas). */
import { keyLiteral, widthOf } from './literals.ts';

export interface Comments {
  /** Lines above. */
  readonly before: readonly string[];
  /** On the same line, behind. */
  readonly after?: string | undefined;
}
export interface Member {
  /** Undefined for a spread. */
  readonly key: string | undefined;
  readonly value: Code;
  readonly comments?: Comments | undefined;
}
export interface Item {
  readonly value: Code;
  readonly comments?: Comments | undefined;
}
export type AtomKind = 'string' | 'template' | 'number' | 'name' | 'other';
export type Code =
  /** A literal, a name or a short call. `kind` says how it may be laid out. */
  | { readonly form: 'atom'; readonly text: string; readonly kind: AtomKind }
  | { readonly form: 'object'; readonly members: readonly Member[]; readonly tail?: readonly string[] | undefined }
  | { readonly form: 'array'; readonly items: readonly Item[]; readonly tail?: readonly string[] | undefined }
  | { readonly form: 'call'; readonly callee: string; readonly argument: Code }
  /** A value that may become a constant of its own when others are equal to it. */
  | { readonly form: 'shared'; readonly key: string; readonly value: Code };

export const printWidth = 120;
/** Objects in objects in objects are as much as people take in on one line. */
const deepestLine = 3;

export function atom(text: string, kind: AtomKind = 'other'): Code {
  return { form: 'atom', text, kind };
}

/** Levels of objects inside each other. */
function depthOf(code: Code, limit: number): number {
  switch (code.form) {
    case 'atom':
      return 0;
    case 'call':
      return depthOf(code.argument, limit);
    case 'shared':
      return depthOf(code.value, limit);
    case 'array':
      return deepest(code.items, limit);
    case 'object':
      return limit <= 0 ? 1 : 1 + deepest(code.members, limit - 1);
  }
}

function deepest(parts: readonly { readonly value: Code }[], limit: number): number {
  let depth = 0;
  for (const { value } of parts) {
    depth = Math.max(depth, depthOf(value, limit));
    if (depth > limit) return depth;
  }
  return depth;
}

function hasComments(parts: readonly (Member | Item)[]): boolean {
  return parts.some(({ comments }) => comments && (comments.before.length > 0 || comments.after !== undefined));
}

function childCount(code: Code): number {
  if (code.form === 'object') return code.members.length;
  return code.form === 'array' ? code.items.length : 0;
}

/** Lists of several objects, or of several lists, stand on lines of their own. */
function isTable(items: readonly Item[]): boolean {
  const form = items[0]?.value.form;
  if (items.length < 2 || (form !== 'object' && form !== 'array')) return false;
  return items.every(({ value }) => value.form === form && childCount(value) > 1);
}

/** Everything on one line; undefined where that cannot be. */
function lineOf(code: Code): string | undefined {
  switch (code.form) {
    case 'atom':
      return code.kind === 'template' ? undefined : code.text;
    case 'shared':
      return lineOf(code.value);
    case 'call': {
      const argument = lineOf(code.argument);
      return argument === undefined ? undefined : `${code.callee}(${argument})`;
    }
    case 'array': {
      if (isTable(code.items) || hasComments(code.items) || (code.tail ?? []).length > 0) return undefined;
      const items = code.items.map(({ value }) => lineOf(value));
      return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
    }
    case 'object': {
      if (hasComments(code.members) || (code.tail ?? []).length > 0) return undefined;
      if (code.members.length === 0) return '{}';
      const members: string[] = [];
      for (const { key, value } of code.members) {
        const text = lineOf(value);
        if (text === undefined) return undefined;
        members.push(memberText(key, value, text));
      }
      return `{ ${members.join(', ')} }`;
    }
  }
}

/** `{ namespace }` for `{ namespace: namespace }`. */
function isShorthand(key: string, value: Code): boolean {
  return value.form === 'atom' && value.kind === 'name' && value.text === key;
}

function memberText(key: string | undefined, value: Code, text: string): string {
  if (key === undefined) return `...${text}`;
  return isShorthand(key, value) ? key : `${keyLiteral(key)}: ${text}`;
}

/** What ends a line in TypeScript, even where YAML says no such thing, would end the comment. */
function comment(text: string): string {
  return `// ${text.replace(/[\n\r\u2028\u2029]+/g, ' ')}`.trimEnd();
}

export function commentLines(lines: readonly string[], pad: string): string {
  return lines.map((line) => `${pad}${comment(line)}\n`).join('');
}

function trailing(comments: Comments | undefined): string {
  return comments?.after === undefined ? '' : ` ${comment(comments.after)}`;
}

/**
 * @param indent columns that the line of this expression is indented by
 * @param before columns of that line that are taken already
 * @param behind columns that must fit behind it on its last line
 */
export function codeText(code: Code, indent: number, before: number, behind: number): string {
  if (code.form === 'atom') return code.text;
  if (code.form === 'shared') return codeText(code.value, indent, before, behind);
  if (code.form === 'call') {
    const { callee, argument } = code;
    return `${callee}(${codeText(argument, indent, before + callee.length + 1, behind + 1)})`;
  }
  if (depthOf(code, deepestLine) <= deepestLine) {
    const line = lineOf(code);
    if (line !== undefined && before + widthOf(line) + behind <= printWidth) return line;
  }
  return code.form === 'object' ? objectText(code.members, code.tail, indent) : arrayText(code, indent);
}

function objectText(members: readonly Member[], tail: readonly string[] | undefined, indent: number): string {
  const pad = ' '.repeat(indent + 2);
  const lines = members.map(({ key, value, comments }) => {
    const text = memberLines(key, value, indent + 2);
    return `${commentLines(comments?.before ?? [], pad)}${pad}${text},${trailing(comments)}\n`;
  });
  return `{\n${lines.join('')}${commentLines(tail ?? [], pad)}${' '.repeat(indent)}}`;
}

function memberLines(key: string | undefined, value: Code, indent: number): string {
  const name = key === undefined ? '...' : `${keyLiteral(key)}: `;
  const text = codeText(value, indent, indent + name.length, 1);
  if (key === undefined) return `...${text}`;
  if (isShorthand(key, value)) return key;
  // A long text moves to the next line, except behind a key that is so short that nothing would be gained.
  const overlong = value.form === 'atom' && value.kind === 'string' && indent + widthOf(name + text) + 1 > printWidth;
  if (overlong && widthOf(keyLiteral(key)) >= 5) return `${name.trimEnd()}\n${' '.repeat(indent + 2)}${text}`;
  return name + text;
}

function arrayText(
  { items, tail }: { readonly items: readonly Item[]; readonly tail?: readonly string[] | undefined },
  indent: number,
): string {
  const pad = ' '.repeat(indent + 2);
  const close = `${commentLines(tail ?? [], pad)}${' '.repeat(indent)}]`;
  if (
    items.length > 1 &&
    !hasComments(items) &&
    items.every(({ value }) => value.form === 'atom' && value.kind === 'number')
  )
    return `[\n${filled(items, pad)}${close}`;
  const lines = items.map(({ value, comments }) => {
    const text = codeText(value, indent + 2, indent + 2, 1);
    return `${commentLines(comments?.before ?? [], pad)}${pad}${text},${trailing(comments)}\n`;
  });
  return `[\n${lines.join('')}${close}`;
}

/** Numbers fill their lines. */
function filled(items: readonly Item[], pad: string): string {
  let text = '';
  let line = pad;
  for (const { value } of items) {
    const word = `${codeText(value, 0, 0, 0)},`;
    if (line !== pad && line.length + 1 + word.length > printWidth) {
      text += `${line}\n`;
      line = pad;
    }
    line += line === pad ? word : ` ${word}`;
  }
  return `${text}${line}\n`;
}

/** Constants that stand for shared values, or for the first members of shared objects. */
export interface Constants {
  nameOf(key: string): string | undefined;
  /** The constant that a shared object begins with, and how many members that is. */
  beginningOf(key: string): { readonly name: string; readonly members: number } | undefined;
}

function withoutShared(key: string, value: Code, constants: Constants): Code {
  const name = constants.nameOf(key);
  if (name !== undefined) return atom(name, 'name');
  const whole = withConstants(value, constants);
  const beginning = constants.beginningOf(key);
  if (!beginning || whole.form !== 'object') return whole;
  const rest = whole.members.slice(beginning.members);
  return { ...whole, members: [{ key: undefined, value: atom(beginning.name, 'name') }, ...rest] };
}

/** The tree with every shared value that has a name replaced by it. */
export function withConstants(code: Code, constants: Constants): Code {
  switch (code.form) {
    case 'atom':
      return code;
    case 'shared':
      return withoutShared(code.key, code.value, constants);
    case 'call':
      return { ...code, argument: withConstants(code.argument, constants) };
    case 'array':
      return { ...code, items: code.items.map((item) => ({ ...item, value: withConstants(item.value, constants) })) };
    case 'object':
      return {
        ...code,
        members: code.members.map((member) => ({ ...member, value: withConstants(member.value, constants) })),
      };
  }
}
