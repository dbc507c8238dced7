/** Bundles a user's program with esbuild. The only importer of esbuild. */
import { isUtf8 } from 'node:buffer';
import { realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildContext, BuildFailure, BuildOptions, BuildResult, Message, Metafile, PartialMessage } from 'esbuild';
import { systemClock } from '../shared/clock.ts';
import { hasCode } from '../shared/error-code.ts';
import { withDeadZones } from './dead-zones.ts';
import type { BundleRecord } from './evidence.ts';
import { builtFile } from './package-folder.ts';
import type { CompileProblem } from './problem.ts';
import { CompileError } from './problem.ts';
import { shownPath } from './shown-path.ts';

export interface Bundle {
  readonly code: string;
  /** Source map JSON; its sources are absolute paths. */
  readonly map: string;
  /** Absolute paths of all source files that went in. */
  readonly inputs: readonly string[];
  readonly record: BundleRecord;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function missingImport(specifier: string): string {
  if (/^[./]/.test(specifier)) return `there is no file ${JSON.stringify(specifier)} to import`;
  const [name = specifier] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
  return `there is no package ${JSON.stringify(specifier)} to import; "npm install ${name}" would install it`;
}

function missingEntry(path: string): string {
  return `there is no program ${shownPath(path)}`;
}

function problemOf(message: Message): CompileProblem {
  const { location } = message;
  const missing = /^Could not resolve "(.*)"/.exec(message.text);
  return {
    severity: 'error',
    layer: 'syntax',
    code: missing ? 'import' : 'syntax',
    message:
      missing?.[1] === undefined ? message.text : location ? missingImport(missing[1]) : missingEntry(missing[1]),
    ...(location ? { place: { file: location.file, line: location.line, column: location.column + 1 } } : {}),
  };
}

function ownFile(name: 'index.js' | 'lint.js'): string {
  return pathToFileURL(builtFile(name)).href;
}

/** The program imports `kubewright`: it gets this very package, also when it is not installed beside the program. */
const ownPackage: NonNullable<BuildOptions['plugins']>[number] = {
  name: 'kubewright',
  setup(build) {
    build.onResolve({ filter: /^kubewright(?:\/lint)?$/ }, ({ path }) => ({
      path: ownFile(path === 'kubewright' ? 'index.js' : 'lint.js'),
      external: true,
    }));
    build.onResolve({ filter: /^kubewright\// }, ({ path }) => ({
      errors: [
        { text: `a program can import from "kubewright" and "kubewright/lint", not from ${JSON.stringify(path)}` },
      ],
    }));
  },
};

const loaders: Readonly<Record<string, 'ts' | 'tsx' | 'js' | 'jsx' | 'json' | 'text'>> = {
  ts: 'ts',
  tsx: 'tsx',
  js: 'js',
  jsx: 'jsx',
  json: 'json',
};

/** What an editor has open and has not written yet, by absolute path; undefined for all other files. */
export type Unsaved = (file: string) => string | undefined;

/** A file's text, or why there is none. Other encodings than UTF-8 would be built with their letters lost. */
async function readText(file: string): Promise<string | PartialMessage> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'EISDIR', 'EIO', 'ENOENT')) throw error;
    const reason = error instanceof Error ? error.message.replace(/, \w+(?: '.*')?$/, '') : 'it cannot be read';
    return { text: `the file cannot be read: ${reason}`, location: { file: shownPath(file), line: 1, column: 0 } };
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // Each byte that is no text is read as this sign.
  const text = bytes.toString('utf8');
  const before = text.slice(0, Math.max(0, text.indexOf('\uFFFD'))).split('\n');
  return {
    text: 'the file is not UTF-8, which programs are written in; save it as UTF-8',
    location: { file: shownPath(file), line: before.length, column: before.at(-1)?.length ?? 0 },
  };
}

/** The bundle lies elsewhere than the sources: where they speak of their own place, they mean that one. */
const ownPlace = (unsaved: Unsaved, contents: Map<string, string>): NonNullable<BuildOptions['plugins']>[number] => ({
  name: 'own-place',
  setup(build) {
    build.onLoad({ filter: /\.(?:[cm]?[jt]sx?|json|ya?ml|txt|conf)$/ }, async ({ path }) => {
      const read = unsaved(path) ?? (await readText(path));
      if (typeof read !== 'string') return { errors: [read] };
      const text = read;
      contents.set(path, text);
      const extension = extname(path).slice(1).replace(/^[cm]/, '');
      const loader = loaders[extension] ?? 'text';
      if (loader === 'text' || loader === 'json') return { contents: text, loader, resolveDir: dirname(path) };
      const places: Readonly<Record<string, string>> = {
        url: pathToFileURL(path).href,
        dirname: dirname(path),
        filename: path,
      };
      const moved = text.replace(/\bimport\.meta\.(url|dirname|filename)\b/g, (whole, name: string) =>
        name in places ? JSON.stringify(places[name]) : whole,
      );
      return { contents: `${commonPlace(path, text)}${moved}`, loader, resolveDir: dirname(path) };
    });
  },
});

/** What CommonJS modules call their place; those that ES modules declare under these names are their own. */
function commonPlace(file: string, text: string): string {
  if (!/\b__(?:dirname|filename)\b/.test(text) || text.startsWith('#!')) return '';
  const values = { __dirname: dirname(file), __filename: file };
  return Object.entries(values)
    .filter(
      ([name]) =>
        new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`\\b(?:const|let|var)\\s[^=;]*\\b${name}\\b`).test(text),
    )
    .map(([name, value]) => `var ${name}=${JSON.stringify(value)};`)
    .join('');
}

/** A program that was never written is nowhere to be found, except in the editor. */
const draftEntry = (entry: string, unsaved: Unsaved): NonNullable<BuildOptions['plugins']>[number] => ({
  name: 'draft-entry',
  setup(build) {
    // esbuild reads it as Go does, which knows no escapes of other signs than these.
    const filter = new RegExp(`^${entry.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}$`);
    build.onResolve({ filter }, ({ path }) => (unsaved(path) === undefined ? undefined : { path }));
  },
});

type Esbuild = typeof import('esbuild');

function loadEsbuild(): Esbuild {
  // As `import`, Node would first read the whole package for the names of its exports.
  const esbuild: Esbuild = createRequire(import.meta.url)('esbuild');
  return esbuild;
}

function settingsFor(entry: string, { working, contents }: Project, unsaved?: Unsaved, format: 'esm' | 'cjs' = 'esm') {
  return {
    entryPoints: [resolve(entry)],
    absWorkingDir: working,
    bundle: true,
    write: false,
    outfile: resolve(working, 'bundle.mjs'),
    platform: 'node',
    format,
    target: 'node20',
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'silent',
    loader: { '.yaml': 'text', '.yml': 'text', '.txt': 'text', '.conf': 'text' },
    plugins: [
      ownPackage,
      ...(unsaved ? [draftEntry(resolve(entry), unsaved)] : []),
      ownPlace(unsaved ?? (() => undefined), contents),
    ],
    // Helpers that read files start in the program's folder, and say here what they have read and what is to be built.
    banner: {
      js:
        format === 'cjs'
          ? ''
          : `const require=globalThis[Symbol.for('kubewright.require')];globalThis[Symbol.for('kubewright.program')]={file:${JSON.stringify(realPath(entry))},reads:new Set(),images:new Map()};`,
    },
  } satisfies BuildOptions;
}

/** Behind a link the program's folder is the one of its file: its imports start there too. */
function realPath(entry: string): string {
  try {
    return realpathSync(entry);
  } catch (error) {
    // Bundling will say it.
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return resolve(entry);
    throw error;
  }
}

type Settings = ReturnType<typeof settingsFor>;

/** One program on its way. */
interface Project {
  readonly entry: string;
  readonly working: string;
  /** As it was given to esbuild. */
  readonly contents: Map<string, string>;
}

function projectOf(entry: string): Project {
  return { entry: resolve(entry), working: process.cwd(), contents: new Map() };
}

async function bundled(building: () => Promise<BuildResult<Settings>>, project: Project): Promise<Bundle> {
  const started = systemClock.now().getTime();
  try {
    const { metafile, outputFiles } = await building();
    const text = (suffix: string): string => outputFiles.find((file) => file.path.endsWith(suffix))?.text ?? '';
    const record: BundleRecord = { ...project, metafile, started, builders: ownFile('index.js') };
    const code = withDeadZones(text('.mjs'), project.contents);
    return { code, map: text('.map'), inputs: inputsOf(metafile, project.working), record };
  } catch (error) {
    if (isBuildFailure(error)) throw new CompileError(error.errors.map(problemOf));
    throw error;
  }
}

/** @throws CompileError for syntax errors and imports that lead nowhere */
export async function bundle(entry: string): Promise<Bundle> {
  const project = projectOf(entry);
  return bundled(() => loadEsbuild().build(settingsFor(entry, project)), project);
}

/**
 * A program as one script, for code that runs in this process: configurations.
 *
 * @returns its text and the addresses of this package's own modules that it requires
 * @throws CompileError for syntax errors and imports that lead nowhere
 */
export async function bundleScript(entry: string): Promise<{ readonly code: string; readonly own: readonly string[] }> {
  const project = projectOf(entry);
  const settings = settingsFor(entry, project, undefined, 'cjs');
  const { code } = await bundled(() => loadEsbuild().build(settings), project);
  const own = [ownFile('index.js'), ownFile('lint.js')].filter((href) => code.includes(JSON.stringify(href)));
  return { code, own };
}

/** Bundles one program again and again; only what has changed since is read and parsed anew. */
export class Bundler implements AsyncDisposable {
  readonly #project: Project;
  readonly #context: Promise<BuildContext<Settings>>;

  constructor(entry: string, unsaved?: Unsaved) {
    this.#project = projectOf(entry);
    this.#context = loadEsbuild().context(settingsFor(entry, this.#project, unsaved));
  }

  /** @throws CompileError for syntax errors and imports that lead nowhere */
  async bundle(): Promise<Bundle> {
    const context = await this.#context;
    return bundled(() => context.rebuild(), this.#project);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#context).dispose();
  }
}

function inputsOf(metafile: Metafile, working: string): readonly string[] {
  return Object.keys(metafile.inputs).map((input) => resolve(working, input));
}
