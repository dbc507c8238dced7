/** What a program threw -> words. It may be anything, and may throw when it is looked at. */
import { inspect } from 'node:util';
import type { EvaluationFailure } from './evaluator.ts';

/** Causes and parts beyond these are left to whoever debugs. */
const deepest = 4;
const mostParts = 5;

function read(error: Error, key: 'name' | 'message' | 'stack' | 'cause' | 'errors'): unknown {
  try {
    const value: unknown = Reflect.get(error, key);
    return value;
  } catch {
    // Whoever throws errors that throw has to do without their words.
    return undefined;
  }
}

function text(error: Error, key: 'name' | 'message' | 'stack'): string {
  const value = read(error, key);
  return typeof value === 'string' ? value : '';
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1, breakLength: Infinity });
}

function messageOf(error: Error, depth = 0): string {
  const message = text(error, 'message');
  const more: string[] = [];
  const cause = read(error, 'cause');
  const parts = read(error, 'errors');
  if (depth < deepest) {
    const words = cause === undefined ? '' : cause instanceof Error ? wordsOf(cause, depth + 1) : shown(cause);
    // Some say in their message what their cause says.
    if (words !== '' && !message.includes(words)) more.push(`caused by ${words}`);
    if (Array.isArray(parts))
      for (const part of parts.slice(0, mostParts))
        more.push(`- ${part instanceof Error ? wordsOf(part, depth + 1) : shown(part)}`);
  }
  return [message === '' ? 'an error without a message was thrown' : message, ...more.map((line) => `  ${line}`)].join(
    '\n',
  );
}

function wordsOf(error: Error, depth: number): string {
  const name = text(error, 'name');
  return name === '' || name === 'Error' ? messageOf(error, depth) : `${name}: ${messageOf(error, depth)}`;
}

export function failureOf(thrown: unknown): EvaluationFailure {
  if (!(thrown instanceof Error)) return { name: '', message: `the program threw ${shown(thrown)}`, stack: '' };
  return { name: text(thrown, 'name'), message: messageOf(thrown), stack: text(thrown, 'stack') };
}
