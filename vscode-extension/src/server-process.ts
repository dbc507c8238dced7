/** Which kubewright a folder uses: its own, where the user trusts the folder, else the server of the extension. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ServerChoice {
  /** A file for Node. */
  readonly file: string;
  readonly origin: 'settings' | 'folder' | 'extension';
}

const inFolder = 'node_modules/kubewright/dist';

/** Asked in this order; `folders` are paths. */
export function chooseServer(
  configured: string,
  folders: readonly string[],
  extensionPath: string,
  trusted: boolean,
  exists: (file: string) => boolean = existsSync,
): ServerChoice {
  if (configured !== '') return { file: configured, origin: 'settings' };
  const own = folders.map((folder) => join(folder, inFolder, 'lsp.js')).find(exists);
  if (own !== undefined && trusted) return { file: own, origin: 'folder' };
  return { file: join(extensionPath, 'dist/server/lsp.mjs'), origin: 'extension' };
}

/** The command line of a folder; without one, whatever the machine has under that name. */
export function chooseCommandLine(
  folders: readonly string[],
  trusted: boolean,
  exists: (file: string) => boolean = existsSync,
): readonly [string, ...string[]] {
  const own = folders.map((folder) => join(folder, inFolder, 'cli.js')).find(exists);
  return own !== undefined && trusted ? [process.execPath, own] : ['kubewright'];
}

/** Whether the folder's own TypeScript server reports on programs already: then the language server leaves them to it. */
export function hasTypeScriptPlugin(
  folders: readonly string[],
  read: (file: string) => string = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''),
): boolean {
  return folders.some((folder) => read(join(folder, 'tsconfig.json')).includes('"kubewright/ts-plugin"'));
}

/** Contexts of local clusters are named after them. */
export function contextOf(cluster: string): string {
  return cluster === 'kubewright' ? cluster : `kubewright-${cluster}`;
}
