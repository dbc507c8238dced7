/** Regular expressions in expressions (apiserver cel library `regex`), with Go's syntax. */
import { MatchTooDear, boundedMatch } from '../validation/bounded-match.ts';
import { goPattern } from '../validation/go-regexp.ts';
import { Exhausted, failure } from './library.ts';
import type { Library } from './library.ts';

function within<T>(text: string, pattern: string, match: (regex: RegExp) => T, flags = ''): T {
  const found = goPattern(pattern);
  if ('error' in found) throw failure(found.error);
  const regex = new RegExp(found.regex.source, found.regex.flags + flags);
  try {
    return boundedMatch(regex, text, () => match(regex));
  } catch (error) {
    if (error instanceof MatchTooDear) throw new Exhausted(error.message);
    throw error;
  }
}

function matches(text: string, pattern: string): boolean {
  return within(text, pattern, (regex) => regex.test(text));
}

function findAll(text: string, pattern: string, limit = -1n): readonly string[] {
  const all = within(text, pattern, (regex) => [...text.matchAll(regex)].map(([found]) => found), 'g');
  return limit < 0n ? all : all.slice(0, Number(limit));
}

/** The name under which `matches` is called: the language's own takes another syntax. */
export const MATCHES = 'matchesGo';

export const regularExpressions: Library = {
  functions: {
    [`string.${MATCHES}(string): bool`]: matches,
    [`${MATCHES}(string, string): bool`]: matches,
    'string.find(string): string': (text: string, pattern: string) =>
      within(text, pattern, (regex) => regex.exec(text)?.[0] ?? ''),
    'string.findAll(string): list<string>': (text: string, pattern: string) => findAll(text, pattern),
    'string.findAll(string, int): list<string>': findAll,
  },
};
