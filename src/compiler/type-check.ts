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

interface Settings {
  readonly options: ts.CompilerOptions;
  readonly problems: readonly ts.Diagnostic[];
}

/** A configuration of its own files has no say in which programs there are. */
const noInputs: ReadonlySet<number> = new Set([18002, 18003]);

function settingsFor(entry: string): Settings {
  const file = ts.findConfigFile(dirname(resolve(entry)), (name) => ts.sys.fileExists(name));
  if (file === undefined) return { options: standard, problems: [] };
  const source = ts.readJsonConfigFile(file, (name) => ts.sys.readFile(name));
  const { options, errors } = ts.parseJsonSourceFileConfigFileContent(source, ts.sys, dirname(file), undefined, file);
  const problems = errors.filter(({ code }) => !noInputs.has(code));
  // How modules are found follows from what they are, unless both are given.
  const { moduleResolution: _, ...others } = standard;
  return { options: { ...(options.module === undefined ? standard : others), ...options }, problems };
}

export function typeCheck(entries: readonly string[]): readonly CompileProblem[] {
  const settings = settingsFor(entries[0] ?? '.');
  const options: ts.CompilerOptions = {
    ...settings.options,
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
    ...settings.problems,
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
