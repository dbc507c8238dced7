/** Changes of fields -> edits of the YAML or JSON that says them. Nothing is edited where the way it is written leaves a doubt. */
import { isRecord } from '../shared/deep.ts';
import type { JsonValue } from '../shared/deep.ts';
import type { YamlDocument, YamlShape } from '../types/yaml/read.ts';
import { writeYaml } from '../types/yaml/write.ts';
import type { TextEdit } from './diagnostics.ts';
import type { DocumentText, ReadObject, Steps } from './document.ts';
import { stepsOf } from './document.ts';
import type { FieldChange, FieldFix } from './rule.ts';

function blockText(value: JsonValue): string {
  return writeYaml(value).replace(/\n$/, '');
}

/** The text of a value on one line. */
function flowText(value: JsonValue): string {
  if (typeof value === 'string') return blockText(value).includes('\n') ? JSON.stringify(value) : blockText(value);
  return JSON.stringify(value);
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  const found = end < 0 ? text.length : end;
  return text[found - 1] === '\r' ? found - 1 : found;
}

function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function indented(block: string, columns: number, separator: string): string {
  return block
    .split('\n')
    .map((line) => (line === '' ? line : `${' '.repeat(columns)}${line}`))
    .join(separator);
}

/** `a: {b: value}` for the steps a, b. */
function nested(steps: Steps, value: JsonValue): JsonValue | undefined {
  let result = value;
  for (const step of [...steps].reverse()) {
    if (typeof step === 'number') {
      if (step !== 0) return undefined;
      result = [result];
    } else result = { [step]: result };
  }
  return result;
}

class Editor {
  readonly edits: TextEdit[] = [];

  constructor(
    readonly yaml: YamlDocument,
    readonly text: string,
  ) {}

  /** False where it cannot be done. */
  apply(steps: Steps, change: FieldChange): boolean {
    if ('set' in change) return this.#set(steps, change.set);
    if ('rename' in change) return this.#rename(steps, change.rename);
    return 'quote' in change ? this.#quote(steps, change.quote) : this.#remove(steps);
  }

  #rename(steps: Steps, name: string): boolean {
    const key = this.yaml.shapeOf(steps)?.key;
    if (!key) return false;
    const quote = /^["']/.exec(this.text.slice(key[0]))?.[0] ?? '';
    this.edits.push({ start: key[0], end: key[1], newText: `${quote}${name}${quote}` });
    return true;
  }

  #quote(steps: Steps, wanted: boolean): boolean {
    const shape = this.yaml.shapeOf(steps);
    if (shape?.form !== 'scalar') return false;
    const [start, end] = shape.value;
    const source = this.text.slice(start, end);
    const quoted = /^(["'])(.*)\1$/s.exec(source);
    // Escapes would change their meaning.
    if (wanted === (quoted !== null) || /[\\"'\n]/.test(quoted?.[2] ?? source) || source === '') return false;
    this.edits.push({ start, end, newText: wanted ? `"${source}"` : (quoted?.[2] ?? source) });
    return true;
  }

  #set(steps: Steps, value: JsonValue): boolean {
    const shape = this.yaml.shapeOf(steps);
    if (shape) return this.#replace(steps, shape, value);
    for (let length = steps.length - 1; length >= 0; length--) {
      const parent = this.yaml.shapeOf(steps.slice(0, length));
      if (parent) return this.#insert(steps.slice(0, length), parent, steps.slice(length), value);
    }
    return false;
  }

  #replace(steps: Steps, shape: YamlShape, value: JsonValue): boolean {
    if (shape.form === 'alias') return false;
    const [start, end] = shape.value;
    if (shape.form === 'scalar' && start === end) return this.#fill(shape, value, steps);
    const simple = !isRecord(value) && !Array.isArray(value);
    if (shape.form === 'scalar' || shape.flow) {
      // A block scalar ends with its line.
      if (/^[|>]/.test(this.text.slice(start)) || (!simple && !shape.flow)) return false;
      this.edits.push({ start, end, newText: flowText(value) });
      return true;
    }
    return false;
  }

  /** A key without a value. */
  #fill({ key }: YamlShape, value: JsonValue, steps: Steps): boolean {
    if (!key) return false;
    const colon = /^\s*:/.exec(this.text.slice(key[1]));
    if (!colon || steps.length === 0) return false;
    const at = key[1] + colon[0].length;
    const compound = typeof value === 'object' && value !== null;
    const separator = lineBreak(this.text);
    const newText = compound
      ? `${separator}${indented(blockText(value), columnOf(this.text, key[0]) + 2, separator)}`
      : ` ${flowText(value)}`;
    this.edits.push({ start: at, end: at, newText });
    return true;
  }

  #insert(parentSteps: Steps, parent: YamlShape, rest: Steps, value: JsonValue): boolean {
    const [step, ...inner] = rest;
    const content = nested(inner, value);
    if (step === undefined || content === undefined || parent.form === 'alias') return false;
    if (parent.form === 'scalar') {
      const [start, end] = parent.value;
      const whole = nested(rest, value);
      return start === end && whole !== undefined && this.#fill(parent, whole, parentSteps);
    }
    const isList = parent.form === 'list';
    if (isList !== (typeof step === 'number')) return false;
    if (parent.flow) return this.#insertInFlow(parent, step, content);
    if (parent.first === undefined) return false;
    const separator = lineBreak(this.text);
    const entry = isList ? blockText([content]) : blockText({ [String(step)]: content });
    const dash = isList ? this.text.lastIndexOf('-', parent.first - 1) : parent.first;
    const columns = columnOf(this.text, dash);
    const used = this.text.slice(0, parent.value[1]).trimEnd().length;
    const at = lineEnd(this.text, used);
    this.edits.push({ start: at, end: at, newText: `${separator}${indented(entry, columns, separator)}` });
    return true;
  }

  #insertInFlow({ value: [start, end], first }: YamlShape, step: string | number, content: JsonValue): boolean {
    const entry = typeof step === 'number' ? flowText(content) : `${JSON.stringify(step)}: ${flowText(content)}`;
    if (first === undefined) {
      const [open, close] = [this.text[start] ?? '', this.text[end - 1] ?? ''];
      this.edits.push({ start, end, newText: `${open}${entry}${close}` });
    } else this.edits.push({ start: first, end: first, newText: `${entry}, ` });
    return true;
  }

  #remove(steps: Steps): boolean {
    const shape = this.yaml.shapeOf(steps);
    const parent = steps.length > 0 ? this.yaml.shapeOf(steps.slice(0, -1)) : undefined;
    if (!shape || !parent || parent.form === 'alias') return false;
    // What would leave an empty collection behind goes with it.
    if (shape.siblings === 1) return steps.length > 1 && this.#remove(steps.slice(0, -1));
    const start = shape.key?.[0] ?? shape.value[0];
    const end = shape.value[1];
    if (shape.next !== undefined) {
      this.edits.push({ start, end: shape.next, newText: '' });
      return true;
    }
    if (parent.flow) {
      const before = this.text.slice(0, start).replace(/,\s*$/, '').length;
      this.edits.push({ start: before, end, newText: '' });
      return true;
    }
    const from = this.text.lastIndexOf('\n', start - 1);
    const lead = this.text.slice(from + 1, start);
    if (!/^[\s-]*$/.test(lead) || from < 0) return false;
    const to = lineEnd(this.text, Math.max(start, this.text.slice(0, end).trimEnd().length));
    this.edits.push({ start: this.text[from - 1] === '\r' ? from - 1 : from, end: to, newText: '' });
    return true;
  }
}

/** Edits in the file that holds the object; undefined where they are not certain. */
export function editsOf(
  fix: FieldFix,
  { yaml, base }: ReadObject,
  piece: DocumentText,
): readonly TextEdit[] | undefined {
  const editor = new Editor(yaml, piece.text);
  for (const change of fix.changes) {
    if (!editor.apply([...base, ...stepsOf(change.path)], change)) return undefined;
  }
  return editor.edits.map(({ start, end, newText }) => ({
    start: start + piece.offset,
    end: end + piece.offset,
    newText,
  }));
}

/** The text with the edits made; those that overlap an earlier one are left for another round. */
export function applyEdits(
  text: string,
  groups: Iterable<readonly TextEdit[]>,
): { readonly text: string; readonly applied: number } {
  const chosen: TextEdit[] = [];
  let applied = 0;
  const clash = (a: TextEdit, b: TextEdit): boolean => a.start <= b.end && b.start <= a.end;
  for (const group of groups) {
    if (group.some((edit) => chosen.some((other) => clash(edit, other)))) continue;
    chosen.push(...group);
    applied += 1;
  }
  chosen.sort((a, b) => b.start - a.start);
  let result = text;
  for (const { start, end, newText } of chosen) result = `${result.slice(0, start)}${newText}${result.slice(end)}`;
  return { text: result, applied };
}
