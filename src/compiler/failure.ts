/** Why a program failed -> the complaint and its place. */
import { isBuiltin } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importModule } from '../shared/import-module.ts';
import { explainDeadZone } from './dead-zones.ts';
import { framesOfStack } from './evaluator.ts';
import type { EvaluationFailure } from './evaluator.ts';
import type { BundleRecord } from './evidence.ts';
import { nearest } from './nearest.ts';
import { callersOf, placeOf } from './place.ts';
import type { CompileProblem } from './problem.ts';
import type { Provenance, SourceFrame } from './provenance.ts';
import { shownPath } from './shown-path.ts';

function isForeign(file: string): boolean {
  return file.includes('/node_modules/');
}

/** Where the text of a file matches; undefined when it does not. */
function placeIn(file: string, text: string, pattern: RegExp): SourceFrame | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const before = text.slice(0, match.index + (match[1]?.length ?? 0)).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function literally(text: string): string {
  return text.replaceAll(/[^\w]/g, '\\$&');
}

/** A name that a module of Node's, or this package, does not have. */
async function missingName(message: string, { builders, contents }: BundleRecord): Promise<CompileProblem | undefined> {
  const [, module, name] = /^The requested module '(.+)' does not provide an export named '(.+)'$/.exec(message) ?? [];
  if (module === undefined || name === undefined || !(module === builders || isBuiltin(module))) return undefined;
  const specifier = module === builders ? 'kubewright' : module;
  const exported = await importModule(module);
  const similar = nearest(name, Object.keys(Object(exported)));
  const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
  const from = `['"]${specifier.startsWith('node:') ? '(?:node:)?' : ''}${literally(specifier.replace(/^node:/, ''))}['"]`;
  const word = name === 'default' ? '[A-Za-z_$]' : `${literally(name)}\\b`;
  const pattern = new RegExp(`((?:import|export)\\s[^'";]*?)\\b${word}[^'";]*\\bfrom\\s*${from}`);
  const [place] = [...contents]
    .filter(([file]) => !isForeign(file))
    .flatMap(([file, text]) => placeIn(file, text, pattern) ?? []);
  return {
    ...evaluation(`${specifier} has no export ${JSON.stringify(name)}${hint}`),
    ...(place ? { place: placeOf(place) } : {}),
  };
}

/** The import in the program's own files that a file of a package came in by. */
function importOf(file: string, { metafile, working, contents }: BundleRecord): SourceFrame | undefined {
  const parents = new Map<string, { readonly importer: string; readonly original: string | undefined }>();
  for (const [input, { imports }] of Object.entries(metafile.inputs))
    for (const { path, original } of imports) {
      const imported = resolve(working, path);
      if (!parents.has(imported)) parents.set(imported, { importer: resolve(working, input), original });
    }
  const seen = new Set<string>();
  for (let at = file; !seen.has(at);) {
    seen.add(at);
    const parent = parents.get(at);
    if (!parent) return undefined;
    const { importer, original } = parent;
    if (!isForeign(importer)) {
      const text = contents.get(importer);
      const pattern = original === undefined ? undefined : new RegExp(`()['"]${literally(original)}['"]`);
      return text === undefined || !pattern ? undefined : placeIn(importer, text, pattern);
    }
    at = importer;
  }
  return undefined;
}

function evaluation(message: string): CompileProblem {
  return { severity: 'error', layer: 'syntax', code: 'evaluation', message };
}

export async function failureProblem(
  failure: EvaluationFailure,
  record: BundleRecord,
  provenance: Provenance,
): Promise<CompileProblem> {
  const whole: SourceFrame = { file: record.entry, line: 1, column: 1 };
  const lost = await missingName(failure.message, record);
  if (lost) return { place: placeOf(whole), ...lost };
  const frames = framesOfStack(failure.stack, provenance.url);
  const trace = provenance.trace(frames);
  const [innermost] = provenance.everyFrame(frames);
  const foreign = innermost && isForeign(innermost.file) ? innermost : undefined;
  const name = failure.name === '' || failure.name === 'Error' ? '' : `${failure.name}: `;
  const where = foreign ? ` (in ${shownPath(foreign.file)}:${foreign.line}:${foreign.column})` : '';
  const place = trace[0] ?? (foreign && importOf(foreign.file, record)) ?? whole;
  const message = explainDeadZone(inProgram(failure.message, record, provenance), innermost?.file, record);
  return {
    ...evaluation(`${name}${message}${where}`),
    place: placeOf(place),
    calledFrom: callersOf(trace),
  };
}

/** The bundle lies in a folder of its own, which nobody knows. */
function inProgram(message: string, { entry }: BundleRecord, { url }: Provenance): string {
  const bundle = fileURLToPath(url);
  const found = new RegExp(`^Cannot find (?:module|package) '(.+)' imported from ${literally(bundle)}$`).exec(message);
  const wanted = found?.[1];
  if (wanted === undefined) return message;
  const name = wanted.startsWith(`${dirname(bundle)}/`) ? `.${wanted.slice(dirname(bundle).length)}` : wanted;
  return `there is no ${JSON.stringify(name)} to import from ${shownPath(entry)}; an import by a computed name has to begin with the folder: import(\`./parts/\${name}.ts\`)`;
}
