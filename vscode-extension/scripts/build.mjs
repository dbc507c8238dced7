// Bundles the extension, and puts the server of the repository beside it for folders that have none of their own.
import { build } from 'esbuild';
import { cpSync, existsSync, rmSync, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const server = resolve(home, '../src/cli/language-server/main.ts');
if (!existsSync(server)) throw new Error(`there is no ${server}`);
rmSync(resolve(home, 'dist'), { recursive: true, force: true });

await build({
  entryPoints: [resolve(home, 'src/extension.ts')],
  outfile: resolve(home, 'dist/extension.cjs'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  minify: true,
  logLevel: 'warning',
});
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');
await build({
  entryPoints: { lsp: server },
  outdir: resolve(home, 'dist/server'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Programs are compiled with the folder's own packages.
  external: ['esbuild', 'typescript', 'lmdb'],
  banner: { js: banner },
  minify: true,
  logLevel: 'warning',
});
copyFileSync(resolve(home, '../LICENSE'), resolve(home, 'LICENSE'));
mkdirSync(resolve(home, 'dist'), { recursive: true });
if (existsSync(resolve(home, '../NOTICE'))) cpSync(resolve(home, '../NOTICE'), resolve(home, 'NOTICE'));
