/** `kubewright init`: a small project to begin with. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { Exit, usageError } from '../command.ts';
import { version } from '../version.ts';
import { projectFiles } from '../project-template.ts';

async function occupied(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ENOENT') return [];
      if (error.code === 'ENOTDIR') throw usageError(`${folder} is no folder`);
    }
    throw error;
  }
}

/** Nothing is written where one of the files is there already. */
async function run(word: string | undefined): Promise<void> {
  const folder = resolve(word ?? '.');
  const files = projectFiles(basename(folder), version);
  const present = new Set(await occupied(folder));
  const taken = [...files.keys()].filter((name) => present.has(name.split('/')[0] ?? ''));
  if (taken.length > 0) throw new Exit(1, `${folder} has ${taken.join(', ')} already; nothing was written`);
  for (const [name, text] of files) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
  const steps = [
    ...(word === undefined ? [] : [`cd ${word}`]),
    'npm install',
    'npm test',
    'npx kubewright build app.ts',
    'npx kubewright up app.ts',
  ];
  process.stdout.write(`${[...files.keys()].map((name) => `wrote ${join(word ?? '.', name)}`).join('\n')}\n\nNow:\n`);
  process.stdout.write(`${steps.map((step) => `  ${step}`).join('\n')}\n`);
}

export function configure(command: Command): void {
  command.argument('[dir]', 'folder of the project, the current one without it').action(run);
}
