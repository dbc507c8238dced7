import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
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
  it('builds again after each change, outlives an error, and ends with 130', async () => {
    const folder = temporaryDirectory();
    const entry = join(folder, 'app.ts');
    writeFileSync(entry, program('first'));
    const child = spawn(process.execPath, [cliFile, 'build', 'app.ts', '--watch'], { cwd: folder });
    const ended = once(child, 'exit');
    try {
      await until(child.stdout, 'name: first');
      const complained = until(child.stderr, 'app.ts:2:');
      writeFileSync(entry, program('second').replace('name:', 'nme:'));
      await complained;
      const built = until(child.stdout, 'name: third');
      writeFileSync(entry, program('third'));
      await built;
    } finally {
      child.kill('SIGINT');
    }
    expect(await ended).toEqual([130, null]);
  });
});
