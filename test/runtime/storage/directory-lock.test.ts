import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DirectoryInUse, lockDirectory } from '../../../src/runtime/storage/directory-lock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const write = (directory: string, content: string): void => writeFileSync(join(directory, 'lock.1.other'), content);

describe('the lock of a directory', () => {
  it('is held by one, leaves nothing behind, and can be taken again', async () => {
    const directory = join(temporaryDirectory(), 'made');
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toMatchObject({ constructor: DirectoryInUse, pid: process.pid });
    expect(readdirSync(directory)).toHaveLength(2);
    await lock[Symbol.asyncDispose]();
    expect(readdirSync(directory)).toEqual([]);
    await (await lockDirectory(directory))[Symbol.asyncDispose]();
  });

  it('goes to exactly one of many who ask at once, also when a stale one lies there', async () => {
    const directory = temporaryDirectory();
    write(directory, JSON.stringify({ pid: 999_999_999, started: 'long ago' }));
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it.each(['', 'garbage', '{"pid":"x"}', '{"pid":-1,"started":""}', '{'])(
    'takes over the unreadable lock %j',
    async (content) => {
      const directory = temporaryDirectory();
      write(directory, content);
      await (await lockDirectory(directory))[Symbol.asyncDispose]();
    },
  );

  it.runIf(process.platform === 'linux')('tells a process from a later one with the same number', async () => {
    const directory = temporaryDirectory();
    write(directory, JSON.stringify({ pid: process.pid, started: 'another boot:1' }));
    const lock = await lockDirectory(directory);
    const [name = ''] = readdirSync(directory);
    expect(readFileSync(join(directory, name), 'utf8')).toMatch(/:\d+"/);
    await lock[Symbol.asyncDispose]();
  });

  it('names the living process that holds it, and takes over once that is gone', async () => {
    const directory = temporaryDirectory();
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    write(directory, JSON.stringify({ pid: child.pid, started: '' }));
    await expect(lockDirectory(directory)).rejects.toThrow(`in use by process ${child.pid}`);
    child.stdin.end();
    await once(child, 'exit');
    await (await lockDirectory(directory))[Symbol.asyncDispose]();
  });
});
