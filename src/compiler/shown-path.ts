import { relative } from 'node:path';

/** A path as the user would type it: relative to the working folder where that is shorter than the whole. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}
