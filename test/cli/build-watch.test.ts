import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { cliFile } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function program(name: string): string {
  return `import { configMap } from 'kubewright';\nexport default configMap({ metadata: { name: '${name}' } });\n`;
}

/** Reads until the words have come. */
async function until(stream: Readable, words: string): Promise<void> {
  let text = '';
  while (!text.includes(words)) {
    const [chunk] = await once(stream, 'data');
    text += String(chunk);
  }
}

describe('build --watch', () => {
  it('builds again after each change, outlives errors, and ends with 130', async () => {
    const folder = temporaryDirectory();
    const entry = join(folder, 'app.ts');
    writeFileSync(entry, program('first'));
    const child = spawn(process.execPath, [cliFile, 'build', 'app.ts', '--watch'], { cwd: folder });
    const ended = once(child, 'exit');
    const after = async (change: () => void, stream: Readable, words: string): Promise<void> => {
      const seen = until(stream, words);
      change();
      await seen;
    };
    const part = join(folder, 'part.ts');
    const importing = "import { name } from './part.ts';\n" + program('x').replace("'x'", 'name');
    try {
      await until(child.stdout, 'name: first');
      await after(() => writeFileSync(entry, program('second').replace('name:', 'nme:')), child.stderr, 'app.ts:2:');
      await after(() => writeFileSync(entry, program('third')), child.stdout, 'name: third');
      await after(() => writeFileSync(entry, importing), child.stderr, 'there is no file "./part.ts"');
      await after(() => writeFileSync(part, "export const name = 'fourth';"), child.stdout, 'name: fourth');
      await after(() => writeFileSync(part, 'export const name = ;'), child.stderr, 'part.ts:1:21: error: ');
      await after(() => writeFileSync(part, "export const name = 'fifth';"), child.stdout, 'name: fifth');
      await after(() => renameSync(part, join(folder, 'other.ts')), child.stderr, 'there is no file "./part.ts"');
      await after(() => writeFileSync(entry, program('sixth')), child.stdout, 'name: sixth');
    } finally {
      child.kill('SIGINT');
    }
    expect(await ended).toEqual([130, null]);
  });
});
