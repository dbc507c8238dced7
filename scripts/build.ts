/** Bundles the library, the command line and the workers into dist, and emits the declarations. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

const root = resolve(dirname(process.argv[1] ?? '.'), '..');
// Made beside and put in its place whole: whoever runs the package meanwhile sees the old one or the new one.
const dist = join(root, `dist.${process.pid}`);
const manifest: { readonly version: string; readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);

/** CommonJS packages inside an ES module still call require. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

await build({
  absWorkingDir: root,
  entryPoints: {
    index: 'src/index.ts',
    runtime: 'src/runtime/index.ts',
    lint: 'src/lint/index.ts',
    cli: 'src/cli/start.ts',
    daemon: 'src/cli/daemon.ts',
    lsp: 'src/cli/language-server/start.ts',
    'evaluator-process': 'src/compiler/evaluator-process.ts',
    'evaluator-worker': 'src/compiler/evaluator-worker.ts',
    'type-check-worker': 'src/compiler/type-check-worker.ts',
    'program-process': 'src/lint/programs/process.ts',
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // What ships binaries, or is a compiler of its own, is installed beside; the rest is bundled, so that an install stays small.
  external: Object.keys(manifest.dependencies),
  chunkNames: 'chunks/[name]-[hash]',
  define: { KUBEWRIGHT_VERSION: JSON.stringify(manifest.version) },
  banner: { js: banner },
  minifySyntax: true,
  minifyWhitespace: true,

  legalComments: 'none',
  logLevel: 'warning',
});
await chmod(join(dist, 'cli.js'), 0o755);

/** What becomes one file for `require`. */
const commonJs = {
  absWorkingDir: root,
  outdir: dist,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: Object.keys(manifest.dependencies),
  define: { 'import.meta.url': '__ownUrl', KUBEWRIGHT_VERSION: JSON.stringify(manifest.version) },
  banner: { js: "const __ownUrl = require('node:url').pathToFileURL(__filename).href;" },
} as const;

/** Scripts whose compiled code is kept (src/cli/script-cache.ts): one file each, in ASCII. */
const scripts: Readonly<Record<string, string>> = {
  command: 'src/cli/main.ts',
  'language-server': 'src/cli/language-server/main.ts',
};
/** The commands that src/cli/start.ts runs by script; others stay modules. */
const scripted = /\/(?:build|lint|index)\.ts$/;
await build({
  ...commonJs,
  entryPoints: scripts,
  supported: { 'dynamic-import': false },
  plugins: [
    {
      name: 'import-module',
      setup(bundling) {
        bundling.onLoad({ filter: /\/src\/shared\/import-module\.ts$/ }, () => ({
          contents: 'export const importModule = __import;',
          loader: 'ts',
        }));
      },
    },
    {
      name: 'other-commands',
      setup(bundling) {
        bundling.onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, ({ path, importer, kind }) =>
          kind === 'dynamic-import' && importer.endsWith('/commands/index.ts') && !scripted.test(path)
            ? { path, external: true }
            : undefined,
        );
      },
    },
  ],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
});

// The TypeScript server loads its plugins by require.
await build({
  ...commonJs,
  entryPoints: { 'ts-plugin': 'src/ts-plugin/index.ts' },
  // A factory is what it looks for, not a module with one.
  footer: { js: 'module.exports = module.exports.default;' },
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
});

// The dashboard's page, for browsers.
await build({
  absWorkingDir: root,
  entryPoints: { page: 'src/dashboard/page/page.ts', style: 'src/dashboard/page/page.css' },
  outdir: join(dist, 'dashboard'),
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  entryNames: '[name]',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
});
await copyFile(join(root, 'src/dashboard/page/index.html'), join(dist, 'dashboard/index.html'));

/** Declarations of the public entries and what they reach. */
function emitDeclarations(): void {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram({
    rootNames: [join(root, 'src/index.ts'), join(root, 'src/runtime/index.ts'), join(root, 'src/lint/index.ts')],
    options: {
      ...options,
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: join(dist, 'types'),
      rootDir: root,
      noEmitOnError: false,
    },
  });
  program.emit();
}
if (!process.argv.includes('--no-types')) emitDeclarations();

const target = join(root, 'dist');
const former = `${dist}.old`;
if (existsSync(target)) await rename(target, former);
await rename(dist, target);
await rm(former, { recursive: true, force: true });
