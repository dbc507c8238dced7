// Runs a TypeScript script: bundles it with esbuild (packages stay external) and imports the result.
import { build } from 'esbuild';
import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [entry, ...args] = process.argv.slice(2);
if (entry === undefined) {
  console.error('usage: node scripts/run.mjs SCRIPT.ts [ARGUMENT...]');
  process.exit(2);
}
// Inside the package, so that imports of packages are resolved from here.
const folder = resolve(import.meta.dirname, '../node_modules/.cache/kubewright');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `${basename(entry, '.ts')}-${process.pid}.mjs`);
const { unlink } = await import('node:fs/promises');
try {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  process.argv = [process.argv[0] ?? 'node', resolve(entry), ...args];
  await import(pathToFileURL(outfile).href);
} finally {
  await unlink(outfile).catch(() => undefined);
}
