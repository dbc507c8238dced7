/** Descriptions, defaults and limits of a schema as a comment that editors show. */
import type { Json } from '../imported-object.ts';

const width = 110;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

const limits = ['format', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'];

/** A comment that ends with a newline, or nothing. */
export function docComment(schema: Json, indent: string, more: readonly string[] = []): string {
  const { description } = schema;
  const paragraphs = typeof description === 'string' ? description.split(/\n/).flatMap(wrapped) : [];
  const known = limits
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${JSON.stringify(schema[name])}`);
  const lines = [
    ...paragraphs,
    ...(known.length === 0 ? [] : [`Limits: ${known.join(', ')}.`]),
    ...(schema['default'] === undefined ? [] : [`@default ${JSON.stringify(schema['default'])}`]),
    ...more,
  ].map((line) => line.replaceAll('*/', '*\\/').trimEnd());
  while (lines[0] === '') lines.shift();
  if (lines.length === 0) return '';
  if (lines.length === 1) return `${indent}/** ${lines[0] ?? ''} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
}
