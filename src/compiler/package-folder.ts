/** Where this package's own built files are, whether this code runs from dist or from its sources. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @throws Error when the package has not been built */
export function builtFile(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the folder of the kubewright package cannot be found');
    folder = parent;
  }
  const file = join(folder, 'dist', name);
  if (!existsSync(file)) throw new Error(`${file} is missing: the package has not been built; run "npm run build"`);
  return file;
}
