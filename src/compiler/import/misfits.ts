/** Where a program that was written for manifests says what the types of the builders refuse. */
import { join } from 'node:path';
import ts from 'typescript';
import { builtFile } from '../package-folder.ts';

export interface Misfit {
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

const longest = 160;

/** The last line of a message says most; types that are sentences are what the builders mean to say. */
function reasonOf(message: string): string {
  const field = /'+([^']+)'+ does not exist in type/.exec(message)?.[1];
  if (field !== undefined) return `its type has no ${field} here`;
  const missing = /Property '([^']+)' is missing/.exec(message)?.[1];
  if (missing === '[exactlyOne]') return 'of some of its fields exactly one has to be there';
  if (missing !== undefined) return `its type asks for ${missing}`;
  const sentence = /assignable to type '[^"]*"([^"]* [^"]*)"/.exec(message)?.[1];
  const text = sentence ?? message.split('\n').at(-1)?.trim() ?? '';
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

/** @param declarations the types of this package, where they are not the built ones */
export function misfitsOf(program: string, declarations = builtFile('types/src/index.d.ts')): readonly Misfit[] {
  const file = join(process.cwd(), 'imported-manifests.ts');
  const settings = { ...options, paths: { kubewright: [declarations] } };
  const host = ts.createCompilerHost(settings);
  const source = ts.createSourceFile(file, program, ts.ScriptTarget.ES2022, true);
  const compiler = ts.createProgram([file], settings, {
    ...host,
    fileExists: (name) => name === file || host.fileExists(name),
    getSourceFile: (name, ...rest) => (name === file ? source : host.getSourceFile(name, ...rest)),
  });
  return compiler.getSemanticDiagnostics(source).flatMap(({ start, messageText }) => {
    if (start === undefined) return [];
    const { line } = source.getLineAndCharacterOfPosition(start);
    return [{ line: line + 1, reason: reasonOf(ts.flattenDiagnosticMessageText(messageText, '\n')) }];
  });
}
