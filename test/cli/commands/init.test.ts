import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubewright, writeFiles } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('kubewright init', () => {
  it('makes a project that builds', async () => {
    const folder = temporaryDirectory();
    const outcome = await kubewright(folder, ['init', 'My Shop']);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    const project = join(folder, 'My Shop');
    expect(readdirSync(project).sort()).toEqual([
      '.gitignore',
      'app.test.ts',
      'app.ts',
      'package.json',
      'tsconfig.json',
    ]);
    expect(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))).toHaveProperty('name', 'my-shop');
    const built = await kubewright(project, ['build', 'app.ts']);
    expect([built.code, built.stderr]).toEqual([0, '']);
    expect(built.stdout.match(/^kind: .*$/gm)).toEqual(['kind: ConfigMap', 'kind: Service', 'kind: Deployment']);
  });

  it('leaves what is there', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': 'mine' });
    const outcome = await kubewright(folder, ['init']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('has app.ts already; nothing was written');
    expect(readdirSync(folder)).toEqual(['app.ts']);
  });
});
