/** Globs as shells know them: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any number of folders. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../shared/error-code.ts';

const wildcard = /[*?[\]{}]/;

export function isGlob(word: string): boolean {
  return wildcard.test(word);
}

function classAt(pattern: string, at: number): { readonly source: string; readonly next: number } | undefined {
  const end = pattern.indexOf(']', at + 2);
  if (end < 0) return undefined;
  const inside = pattern
    .slice(at + 1, end)
    .replace(/^!/, '^')
    .replace(/\\/g, '\\\\');
  return { source: `[${inside}]`, next: end + 1 };
}

/** A pattern over whole relative paths with `/` between folders. Names with a leading dot match only where the pattern has it. */
export function globExpression(pattern: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < pattern.length;) {
    const sign = pattern.charAt(at);
    const inClass = sign === '[' ? classAt(pattern, at) : undefined;
    if (inClass) {
      source += inClass.source;
      at = inClass.next;
    } else if (pattern.startsWith('**/', at)) {
      source += '(?:(?!\\.)[^/]+/)*';
      at += 3;
    } else {
      if (sign === '*') source += pattern.charAt(at - 1) === '/' || at === 0 ? '(?!\\.)[^/]*' : '[^/]*';
      else if (sign === '?') source += '[^/]';
      else if (sign === '{') source += '(?:';
      else if (sign === '}' && braces > 0) source += ')';
      else if (sign === ',' && braces > 0) source += '|';
      else source += sign.replace(/[\\^$.|+()[\]{}]/, '\\$&');
      braces += sign === '{' ? 1 : sign === '}' && braces > 0 ? -1 : 0;
      at += 1;
    }
  }
  return new RegExp(`^${source}${')'.repeat(braces)}$`);
}

async function walk(folder: string, deep: boolean, visit: (path: string) => void): Promise<void> {
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    visit(path);
    // Links to folders are not followed: they may lead round in a circle.
    if (deep && entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.git')
      await walk(path, deep, visit);
  }
}

/** The existing paths that match, by name. */
export async function expandGlob(pattern: string): Promise<readonly string[]> {
  const normal = join(pattern);
  const segments = normal.split('/');
  const firstWild = segments.findIndex(isGlob);
  const base = segments.slice(0, firstWild).join('/');
  const folder = base === '' && normal.startsWith('/') ? '/' : base;
  const expression = globExpression(normal);
  const found: string[] = [];
  const visit = (path: string): void => {
    if (expression.test(path)) found.push(path);
  };
  try {
    await walk(folder, firstWild < segments.length - 1 || normal.includes('**') || /\{.*\/.*\}/.test(normal), visit);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  return found.sort();
}
