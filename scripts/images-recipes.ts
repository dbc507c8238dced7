/** How the images of the examples and tests are built, from files of this machine only. */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { pack, type Pack } from 'tar-stream';
import type { ContainerEngine } from '../src/runtime/engine/container-engine.ts';

const run = promisify(execFile);
const LABELS = { 'kubewright.dev/image': 'example' } as const;
/** Where a static busybox may be. */
const BUSYBOX_PATHS = ['/bin/busybox', '/usr/bin/busybox'];

export const BUSYBOX_IMAGE = 'busybox:1.36';
export const NODE_IMAGE = 'kubewright/node:20';
export const GUESTBOOK_IMAGES = ['kubewright/guestbook:v1', 'kubewright/guestbook:v2'] as const;

interface Recipe {
  readonly tag: string;
  /** Tags of the recipes it builds upon. */
  readonly needs: readonly string[];
  fill(tar: Pack): Promise<void>;
}

export interface BuildImagesOptions {
  readonly root: string;
  readonly force?: boolean;
  say(line: string): void;
}

/** Builds the images of these tags, and what they build upon, in order; those that exist are left alone. */
export async function buildImages(
  engine: ContainerEngine,
  tags: readonly string[],
  options: BuildImagesOptions,
  signal: AbortSignal,
): Promise<void> {
  const table = recipes(options.root);
  for (const recipe of table) {
    const wanted = tags.includes(recipe.tag) || table.some((r) => tags.includes(r.tag) && r.needs.includes(recipe.tag));
    if (!wanted || (options.force !== true && (await engine.image(recipe.tag)))) continue;
    options.say(`building the image ${recipe.tag}`);
    await engine.build(recipe.tag, context(recipe), LABELS, signal);
  }
}

/** In an order in which each comes after what it needs. */
export function recipes(root: string): readonly Recipe[] {
  return [
    { tag: BUSYBOX_IMAGE, needs: [], fill: fillBusybox },
    { tag: NODE_IMAGE, needs: [BUSYBOX_IMAGE], fill: fillNode },
    ...GUESTBOOK_IMAGES.map((tag) => ({
      tag,
      needs: [BUSYBOX_IMAGE, NODE_IMAGE],
      fill: (tar: Pack) => fillGuestbook(tar, join(root, 'examples/guestbook/images'), tag.replace(/^.*:/, '')),
    })),
  ];
}

async function* context(recipe: Recipe): AsyncGenerator<Uint8Array> {
  const tar = pack();
  const filling = recipe.fill(tar).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  for await (const chunk of tar) if (chunk instanceof Uint8Array) yield chunk;
  await filling;
}

async function fillBusybox(tar: Pack): Promise<void> {
  const binary = await firstExisting(BUSYBOX_PATHS);
  if (!binary)
    throw new Error('no busybox on this machine: run "npm run setup" (Debian: apt-get install busybox-static)');
  const linked = await sharedLibraries(binary);
  if (linked.length > 0) throw new Error(`${binary} is not static: apt-get install busybox-static`);
  addText(tar, 'Dockerfile', 'FROM scratch\nCOPY root /\nCMD ["sh"]\n');
  for (const folder of ['bin', 'dev', 'etc', 'home', 'proc', 'sys', 'usr/bin', 'usr/sbin', 'sbin', 'var/spool/cron']) {
    tar.entry({ name: `root/${folder}`, type: 'directory', mode: 0o755 });
  }
  tar.entry({ name: 'root/tmp', type: 'directory', mode: 0o1777 });
  tar.entry({ name: 'root/root', type: 'directory', mode: 0o700 });
  addText(tar, 'root/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n');
  addText(tar, 'root/etc/group', 'root:x:0:\ntty:x:5:\nnobody:x:65534:\n');
  await addFile(tar, 'root/bin/busybox', binary, 0o755);
  const { stdout } = await run(binary, ['--list']);
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox')) {
    tar.entry({ name: `root/bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  }
}

/** The machine's own Node.js with the libraries it is linked to, upon busybox for a shell. */
async function fillNode(tar: Pack): Promise<void> {
  addText(tar, 'Dockerfile', `FROM ${BUSYBOX_IMAGE}\nCOPY root /\nCMD ["node"]\n`);
  await addFile(tar, 'root/usr/bin/node', await realpath(process.execPath), 0o755);
  for (const library of await sharedLibraries(process.execPath)) {
    await addFile(tar, `root${library}`, await realpath(library), 0o755);
  }
}

async function fillGuestbook(tar: Pack, folder: string, version: string): Promise<void> {
  addText(tar, 'Dockerfile', await readFile(join(folder, `${version}.Dockerfile`), 'utf8'));
  const server = join(folder, 'server.mjs');
  await addFile(tar, basename(server), server, 0o644);
}

/** Paths of the libraries and the loader of a dynamic executable; none for a static one. */
async function sharedLibraries(binary: string): Promise<readonly string[]> {
  const { stdout } = await run('ldd', [binary], { env: { ...process.env, LC_ALL: 'C' } }).catch((error: unknown) => {
    // ldd exits with 1 for a static executable.
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    if (output.includes('not a dynamic executable')) return { stdout: '' };
    throw error;
  });
  return [...stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)].flatMap(([, path]) => path ?? []);
}

function addText(tar: Pack, name: string, words: string): void {
  tar.entry({ name, mode: 0o644, mtime: new Date(0) }, words);
}

async function addFile(tar: Pack, name: string, source: string, mode: number): Promise<void> {
  const { size } = await stat(source);
  await pipeline(createReadStream(source), tar.entry({ name, mode, size, mtime: new Date(0) }));
}

async function firstExisting(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
