import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles a TypeScript program for a child process and answers the file to run with node. Packages stay outside the bundle. */
export async function bundleProgram(entry: URL): Promise<string> {
  // Below node_modules, so that the bundle finds the packages it imports.
  const folder = join(root, 'node_modules', '.cache', 'kubewright-test');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${basename(entry.pathname, '.ts')}.${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return outfile;
}
