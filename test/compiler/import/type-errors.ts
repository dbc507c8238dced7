import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const root = resolve(import.meta.dirname, '../../..');

/** What the TypeScript compiler, as strict as here, says of programs that use the types, by file. */
export function typeErrors(files: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  const folder = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), text);
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const names = Object.keys(files).map((name) => join(folder, `${name}.ts`));
  const program = ts.createProgram(names, {
    ...options,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    paths: { kubewright: [join(root, 'src/index.ts')] },
  });
  return Object.fromEntries(
    Object.keys(files).map((name, index) => {
      const source = program.getSourceFile(names[index] ?? '');
      const found = source
        ? [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
        : [];
      return [name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}
