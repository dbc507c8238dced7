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
  const causes: string[] = [];
  const cause = read(error, 'cause');
  const parts = read(error, 'errors');
  if (depth < deepest) {
    if (cause !== undefined)
      causes.push(`caused by ${cause instanceof Error ? wordsOf(cause, depth + 1) : shown(cause)}`);
    if (Array.isArray(parts))
      for (const part of parts.slice(0, mostParts))
        causes.push(`- ${part instanceof Error ? wordsOf(part, depth + 1) : shown(part)}`);
  }
  const message = text(error, 'message');
  return [
    message === '' ? 'an error without a message was thrown' : message,
    ...causes.map((line) => `  ${line}`),
  ].join('\n');
}

function wordsOf(error: Error, depth: number): string {
  const name = text(error, 'name');
  return name === '' || name === 'Error' ? messageOf(error, depth) : `${name}: ${messageOf(error, depth)}`;
}

export function failureOf(thrown: unknown): EvaluationFailure {
  if (!(thrown instanceof Error)) return { name: '', message: `the program threw ${shown(thrown)}`, stack: '' };
  return { name: text(thrown, 'name'), message: messageOf(thrown), stack: text(thrown, 'stack') };
}
