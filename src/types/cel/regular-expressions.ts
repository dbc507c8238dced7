/** Regular expressions in expressions (apiserver cel library `regex`), with Go's syntax. */
import { goPattern } from '../validation/go-regexp.ts';
import { failure } from './library.ts';
import type { Library } from './library.ts';

/** Longer texts are not matched: unlike in Go, a pattern may take exponential time here. */
const LONGEST = 10_000;

function compiled(pattern: string, text: string, flags = ''): RegExp {
  if (text.length > LONGEST) throw failure(`texts over ${LONGEST} characters are not matched`);
  const found = goPattern(pattern);
  if ('error' in found) throw failure(found.error);
  return new RegExp(found.regex.source, found.regex.flags + flags);
}

function findAll(text: string, pattern: string, limit = -1n): readonly string[] {
  const all = [...text.matchAll(compiled(pattern, text, 'g'))].map(([found]) => found);
  return limit < 0n ? all : all.slice(0, Number(limit));
}

/** The name under which `matches` is called: the language's own takes another syntax. */
export const MATCHES = 'matchesGo';

export const regularExpressions: Library = {
  functions: {
    [`string.${MATCHES}(string): bool`]: (text: string, pattern: string) => compiled(pattern, text).test(text),
    [`${MATCHES}(string, string): bool`]: (text: string, pattern: string) => compiled(pattern, text).test(text),
    'string.find(string): string': (text: string, pattern: string) => compiled(pattern, text).exec(text)?.[0] ?? '',
    'string.findAll(string): list<string>': (text: string, pattern: string) => findAll(text, pattern),
    'string.findAll(string, int): list<string>': findAll,
  },
};
