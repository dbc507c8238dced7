/** Which files a repository leaves out (git-scm.com/docs/gitignore). */
import { access, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

interface Pattern {
  readonly expression: RegExp;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

/** Longer ones are no patterns that anybody wrote. */
const longest = 1_000;

function patternOf(line: string): Pattern | undefined {
  const text = line.replace(/\r$/, '').replace(/(?<!\\)\s+$/, '');
  if (text === '' || text.startsWith('#') || text.length > longest) return undefined;
  const negated = text.startsWith('!');
  const own = negated ? text.slice(1) : text;
  const foldersOnly = own.endsWith('/');
  const body = own.replace(/\/$/, '');
  // With a slash at its beginning or inside it is meant from the folder of the file on.
  const anchored = body.includes('/');
  const source = body
    .replace(/^\//, '')
    .replaceAll(/\\(.)|[.+^${}()|]|\*\*\/|\/\*\*$|\*+|\?|\[!?/g, (sign, escaped: string | undefined) => {
      if (escaped !== undefined) return `\\${escaped}`;
      if (sign === '**/') return '(?:.*/)?';
      if (sign === '/**') return '/.*';
      if (sign.startsWith('*')) return '[^/]*';
      if (sign === '?') return '[^/]';
      return sign === '[!' ? '[^' : sign === '[' ? '[' : `\\${sign}`;
    });
  try {
    return { expression: new RegExp(anchored ? `^${source}$` : `(?:^|/)${source}$`), negated, foldersOnly };
  } catch {
    // A class of characters that is not closed matches nothing, as in git.
    return undefined;
  }
}

/** The patterns of one file, or none. */
async function patternsIn(folder: string): Promise<readonly Pattern[]> {
  let text: string;
  try {
    text = await readFile(join(folder, '.gitignore'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
  return text.split('\n').flatMap((line) => patternOf(line) ?? []);
}

/** What holds inside one folder: its own patterns and those of the folders around it. */
export class Ignores {
  private constructor(
    readonly folder: string,
    readonly patterns: readonly Pattern[],
    readonly outer: Ignores | undefined,
  ) {}

  /** For a folder that the user named: the folders above count up to the repository's. */
  static async of(folder: string): Promise<Ignores> {
    const chain: string[] = [];
    for (let at = resolve(folder); ; at = dirname(at)) {
      chain.unshift(at);
      const isRoot = await access(join(at, '.git')).then(
        () => true,
        () => false,
      );
      if (isRoot) break;
      // Outside of a repository only the folder itself has a say.
      if (dirname(at) === at) {
        chain.splice(0, chain.length, resolve(folder));
        break;
      }
    }
    let ignores: Ignores | undefined;
    for (const one of chain) ignores = new Ignores(one, await patternsIn(one), ignores);
    return ignores ?? new Ignores(resolve(folder), [], undefined);
  }

  async inside(name: string): Promise<Ignores> {
    const folder = join(this.folder, name);
    return new Ignores(folder, await patternsIn(folder), this);
  }

  /** Whether a file or folder directly in this folder is left out. The innermost pattern that fits decides, of one file the last. */
  leavesOut(name: string, isFolder: boolean): boolean {
    const path = join(this.folder, name);
    for (let at: Ignores | undefined = this; at !== undefined; at = at.outer) {
      const shown = relative(at.folder, path).split(sep).join('/');
      const decisive = at.patterns.findLast(
        ({ expression, foldersOnly }) => (isFolder || !foldersOnly) && expression.test(shown),
      );
      if (decisive) return !decisive.negated;
    }
    return false;
  }
}
