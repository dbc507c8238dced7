import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliFile } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';

/** Runs `lint` with a home of its own; the answer is the files that V8's work is kept in. */
function lint(home: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cliFile, 'lint', '-'], {
    input: manifest,
    env: { ...process.env, KUBEWRIGHT_HOME: home },
    encoding: 'utf8',
  });
  expect([status, stdout, stderr]).toEqual([0, '1 object: 0 errors, 0 warnings\n', '']);
  const folder = join(home, '.cache', 'code');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

describe('compiled code', () => {
  it('is kept for its owner alone, and used again', () => {
    const home = join(temporaryDirectory(), 'home');
    const [file = '', ...others] = lint(home);
    expect(others).toEqual([]);
    expect([statSync(join(file, '..')).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    const { mtimeMs } = statSync(file);
    expect(lint(home)).toEqual([file]);
    expect(statSync(file).mtimeMs).toBe(mtimeMs);
  });

  it('is made anew where it is damaged', () => {
    const home = temporaryDirectory();
    const [file = ''] = lint(home);
    const sound = readFileSync(file);
    for (const damaged of [
      Buffer.alloc(0),
      sound.subarray(0, 5000),
      Buffer.concat([sound.subarray(0, 900), Buffer.alloc(sound.length - 900)]),
    ]) {
      writeFileSync(file, damaged);
      expect(lint(home)).toEqual([file]);
      expect(readFileSync(file).length).toBeGreaterThan(sound.length / 2);
    }
  });

  it('is neither written nor read where others can write, or nobody can', () => {
    const home = temporaryDirectory();
    const folder = join(home, '.cache', 'code');
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    expect(lint(home)).toEqual([]);
    writeFileSync(join(home, 'file'), '');
    expect(lint(join(home, 'file'))).toEqual([]);
  });
});
