/** Type-checks a program with the TypeScript compiler API. Its options are those of the nearest tsconfig.json. */
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import { builtFile } from './package-folder.ts';
import { shownPath } from './shown-path.ts';
import type { CompileProblem } from './problem.ts';

const standard: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  skipLibCheck: true,
  types: [],
};

function optionsFor(entry: string): ts.CompilerOptions {
  const file = ts.findConfigFile(dirname(resolve(entry)), (name) => ts.sys.fileExists(name));
  if (file === undefined) return standard;
  const config = ts.readConfigFile(file, (name) => ts.sys.readFile(name));
  if (config.error) return standard;
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, dirname(file));
  return { ...standard, ...options };
}

export function typeCheck(entries: readonly string[]): readonly CompileProblem[] {
  const options: ts.CompilerOptions = {
    ...optionsFor(entries[0] ?? '.'),
    noEmit: true,
    composite: false,
    incremental: false,
    allowImportingTsExtensions: true,
    // The program checks against the declarations of the very package that compiles it.
    paths: { kubewright: [builtFile('types/src/index.d.ts')] },
  };
  const program = ts.createProgram({ rootNames: entries.map((entry) => resolve(entry)), options });
  const own = program
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file));
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  return diagnostics
    .filter((diagnostic) => diagnostic.category === ts.DiagnosticCategory.Error)
    .map((diagnostic) => {
      const message = `${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')} (TS${diagnostic.code})`;
      if (!diagnostic.file || diagnostic.start === undefined)
        return { severity: 'error', layer: 'syntax', code: 'type', message };
      const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start);
      const place = { file: shownPath(diagnostic.file.fileName), line: line + 1, column: character + 1 };
      return { severity: 'error', layer: 'syntax', code: 'type', message, place };
    });
}
