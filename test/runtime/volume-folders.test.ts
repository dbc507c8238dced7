import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { volumeFoldersIn } from '../../src/runtime/volume-folders.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('the folders of volumes', () => {
  it('come and go, and keep what is in them', async () => {
    const root = join(temporaryDirectory(), 'volumes');
    const folders = volumeFoldersIn(root);
    const path = await folders.create('pvc-1');
    expect([path, statSync(path).mode & 0o777, statSync(root).mode & 0o777]).toEqual([
      join(root, 'pvc-1'),
      0o777,
      0o700,
    ]);
    writeFileSync(join(path, 'file'), '');
    await folders.create('pvc-1');
    expect(existsSync(join(path, 'file'))).toBe(true);
    await folders.remove(path);
    await folders.remove(path);
    expect(existsSync(path)).toBe(false);
  });

  it('are none but their own', async () => {
    const root = join(temporaryDirectory(), 'volumes');
    const folders = volumeFoldersIn(root);
    mkdirSync(root);
    for (const name of ['..', '.', 'a/b', '../b', ''])
      await expect(folders.create(name)).rejects.toThrow('no volume can be');
    // None of them exists: a guard that fails must not cost the machine anything.
    const none = 'kubewright-no-such-folder';
    for (const path of [`/tmp/../${none}`, `/var/${none}`, `/tmpx/${none}`]) {
      await expect(folders.remove(path)).rejects.toThrow('is no folder of a volume of this cluster');
    }
  });
});
