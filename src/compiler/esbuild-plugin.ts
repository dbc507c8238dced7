/** What the esbuild plugin answers with for one program. */
import { dirname, resolve } from 'node:path';
import { writeYamlDocuments } from '../types/yaml/write.ts';
import type { CompileResult } from './compile-result.ts';
import type { CompileProblem } from './problem.ts';

/** The part of esbuild's plugins that is used; esbuild's own type is assignable to it. */
export interface ManifestPlugin {
  readonly name: string;
  setup(build: PluginBuild): void;
}
interface PluginBuild {
  onResolve(
    options: { filter: RegExp },
    callback: (imported: { path: string; resolveDir: string }) => { path: string; namespace: string },
  ): void;
  onLoad(
    options: { filter: RegExp; namespace: string },
    callback: (loaded: { path: string }) => Promise<LoadedManifests>,
  ): void;
}
interface Message {
  text: string;
  location?: { file: string; line: number; column: number };
}
export interface LoadedManifests {
  contents?: string;
  loader?: 'text' | 'json';
  errors: Message[];
  warnings: Message[];
  resolveDir: string;
  watchFiles: string[];
}

function messageOf(problem: CompileProblem): Message {
  const { place, object, path, message } = problem;
  const about = [object, path].filter((part) => part !== undefined && part !== '').join(' ');
  return {
    text: about === '' ? message : `${about}: ${message}`,
    ...(place ? { location: { file: place.file, line: place.line, column: place.column - 1 } } : {}),
  };
}

/** `path` ends with `?yaml` or `?json`. */
export async function loadManifests(
  path: string,
  compile: (entry: string) => Promise<CompileResult>,
): Promise<LoadedManifests> {
  const at = path.lastIndexOf('?');
  const entry = resolve(path.slice(0, at));
  const { set, problems, inputs } = await compile(entry);
  const objects = set?.manifests.map(({ object }) => object);
  const json = path.slice(at) === '?json';
  const of = (severity: CompileProblem['severity']): Message[] =>
    problems.filter((problem) => problem.severity === severity).map(messageOf);
  return {
    ...(objects
      ? { contents: json ? JSON.stringify(objects) : writeYamlDocuments(objects), loader: json ? 'json' : 'text' }
      : {}),
    errors: of('error'),
    warnings: of('warning'),
    resolveDir: dirname(entry),
    watchFiles: [...new Set([entry, ...inputs])],
  };
}
