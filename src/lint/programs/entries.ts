/**
 * Which programs a source belongs to: those of the same package that export objects by default and reach it by imports. What
 * is looked at are the texts alone; nothing runs.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Unsaved } from '../../compiler/loader.ts';

interface Source {
  readonly stamp: string;
  readonly imports: readonly string[];
  readonly usesBuilders: boolean;
  readonly exportsDefault: boolean;
}

const mostSources = 2_000;
/** Programs that run for one edit. */
const mostPrograms = 6;
const skippedFolders: ReadonlySet<string> = new Set(['node_modules', 'dist', 'build', 'out', 'coverage', 'vendor']);

export function isProgramSource(path: string): boolean {
  return /\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path);
}

/** Tests and configurations run by tools of their own. */
function isToolFile(path: string): boolean {
  return /\.(?:test|spec|config)\.[cm]?tsx?$/.test(path);
}

/** The nearest folder that is a package or a repository. */
export function packageRoot(file: string): string {
  const own = dirname(file);
  for (let folder = own; ;) {
    if (['package.json', 'tsconfig.json', '.git'].some((name) => existsSync(join(folder, name)))) return folder;
    const parent = dirname(folder);
    if (parent === folder) return own;
    folder = parent;
  }
}

/** Whether a source could import the builders from where it stands. */
export function isInstalled(file: string): boolean {
  for (let folder = dirname(file); ;) {
    if (existsSync(join(folder, 'node_modules', 'kubewright', 'package.json'))) return true;
    const parent = dirname(folder);
    if (parent === folder) return false;
    folder = parent;
  }
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, '');
}

export class ProgramEntries {
  readonly #sources = new Map<string, Source>();

  constructor(readonly unsaved: Unsaved) {}

  /** Absolute paths, the source itself first where it is a program. */
  of(file: string): readonly string[] {
    const own = this.#isProgram(file);
    const others = this.#sourcesBelow(packageRoot(file)).filter(
      (other) => other !== file && !isToolFile(other) && this.#isProgram(other) && this.#reach(other).has(file),
    );
    // What another program imports is a part of it, whatever it exports.
    if (others.length === 0) return own ? [file] : [];
    const outer = others.filter((one) => !others.some((two) => two !== one && this.#reach(two).has(one)));
    return (outer.length > 0 ? outer : others).slice(0, mostPrograms);
  }

  #isProgram(file: string): boolean {
    if (this.#source(file)?.exportsDefault !== true || isToolFile(file)) return false;
    return [file, ...this.#reach(file)].some((one) => this.#source(one)?.usesBuilders === true);
  }

  /** The program's own sources that it imports, and what they import. */
  #reach(file: string): ReadonlySet<string> {
    const reached = new Set<string>();
    const waiting = [file];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const specifier of this.#source(at)?.imports ?? []) {
        const target = this.#resolve(at, specifier);
        if (target === undefined || reached.has(target)) continue;
        reached.add(target);
        waiting.push(target);
      }
    }
    return reached;
  }

  #resolve(from: string, specifier: string): string | undefined {
    const base = resolve(dirname(from), specifier);
    const stem = base.replace(/\.[cm]?js$/, '');
    const names = [base, `${stem}.ts`, `${stem}.tsx`, `${stem}.mts`, `${stem}.cts`, join(base, 'index.ts')];
    return names.find((name) => isProgramSource(name) && this.#source(name) !== undefined);
  }

  #sourcesBelow(root: string): readonly string[] {
    const found: string[] = [];
    const walk = (folder: string, depth: number): void => {
      let entries;
      try {
        entries = readdirSync(folder, { withFileTypes: true });
      } catch {
        // A folder that cannot be read has no program of ours.
        return;
      }
      for (const entry of entries) {
        if (found.length >= mostSources) return;
        const path = join(folder, entry.name);
        if (entry.isFile() && isProgramSource(path)) found.push(path);
        else if (entry.isDirectory() && depth < 8 && !entry.name.startsWith('.') && !skippedFolders.has(entry.name))
          walk(path, depth + 1);
      }
    };
    walk(root, 0);
    return found;
  }

  #source(file: string): Source | undefined {
    const draft = this.unsaved(file);
    const stamp = draft === undefined ? stampOf(file) : `draft ${draft}`;
    if (stamp === undefined) return undefined;
    const known = this.#sources.get(file);
    if (known?.stamp === stamp) return known;
    const text = withoutComments(draft ?? readFileSync(file, 'utf8'));
    const specifiers = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g)].map(
      ([, , specifier]) => specifier ?? '',
    );
    const source = {
      stamp,
      imports: specifiers.filter((specifier) => specifier.startsWith('.')),
      usesBuilders: specifiers.includes('kubewright'),
      exportsDefault: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b|\bexport\s*\{\s*default\b/.test(text),
    };
    this.#sources.set(file, source);
    return source;
  }
}

function stampOf(file: string): string | undefined {
  const state = statSync(file, { throwIfNoEntry: false });
  return state?.isFile() === true ? `${state.mtimeMs} ${state.size}` : undefined;
}
