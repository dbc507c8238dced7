/** Manifests as an earlier commit has them. Only those that have changed since are read: the others say nothing new. */
import { spawn } from 'node:child_process';
import { join, relative } from 'node:path';
import { hasCode } from '../../shared/error-code.ts';
import { Base } from '../../lint/base.ts';
import { isKustomizationFile } from '../../lint/kustomize.ts';
import { Workspace } from '../../lint/workspace.ts';
import { usageError } from '../command.ts';

async function git(words: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', words, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', (error) => {
      reject(hasCode(error, 'ENOENT') ? usageError('--base needs git, which is not installed') : error);
    });
    // A process that is gone says why on its own.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(usageError(`--base: git says: ${Buffer.concat(errors).toString('utf8').trim()}`));
    });
    child.stdin.end(input);
  });
}

/** The blobs that `git cat-file --batch` answers with, in the order of the questions. */
function* blobs(output: Buffer): Iterable<string | undefined> {
  for (let at = 0; at < output.length;) {
    const end = output.indexOf('\n', at);
    if (end < 0) return;
    const size = / blob (\d+)$/.exec(output.toString('utf8', at, end))?.[1];
    if (size === undefined) {
      yield undefined;
      at = end + 1;
      continue;
    }
    yield output.toString('utf8', end + 1, end + 1 + Number(size));
    at = end + 1 + Number(size) + 1;
  }
}

/** @throws Exit with code 2 where there is no git, no repository or no such commit */
export async function gitBase(revision: string, workspace: Workspace): Promise<Base> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const commit = await git(words).catch((error: unknown) => {
    throw error instanceof Error && error.message.includes('git says:')
      ? usageError(`--base ${revision}: there is no such commit here`)
      : error;
  });
  const name = commit.toString('utf8').trim();
  const top = (await git(['rev-parse', '--show-toplevel'])).toString('utf8').replace(/\n$/, '');
  const changed = (await git(['diff', '--name-only', '-z', '--no-renames', '--no-relative', name, '--']))
    .toString('utf8')
    .split('\0')
    .filter((path) => /\.(?:ya?ml|json)$|(?:^|\/)Kustomization$/i.test(path) && !path.includes('\n'));
  const input = changed.map((path) => `${name}:${path}\n`).join('');
  const texts = changed.length === 0 ? [] : [...blobs(await git(['cat-file', '--batch'], input))];
  const earlier = new Workspace({ config: { extends: 'none' } });
  const here = (path: string): string => relative(process.cwd(), join(top, path));
  const known = new Set(changed.map(here));
  for (const { path, text } of workspace.files()) {
    if (text !== undefined && isKustomizationFile(path) && !known.has(path)) earlier.setFile(path, text);
  }
  changed.forEach((path, index) => {
    const text = texts[index];
    if (text !== undefined) earlier.setFile(here(path), text);
  });
  return new Base(revision, earlier);
}
