/** The package as a user installs it: packed, installed in an empty folder, used from there. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
let folder: string;

function npm(args: readonly string[], cwd: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-package-'));
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], root);
  const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
  // Users' npm may refuse to run the scripts of what it installs.
  await npm(['install', '--ignore-scripts', join(folder, archive)], folder);
  await cp(join(root, 'examples/guestbook/app.ts'), join(folder, 'app.ts'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  it('compiles and type-checks a program', async () => {
    const { stdout } = await run('npx', ['kubewright', 'build', '--type-check', 'app.ts'], { cwd: folder });
    expect(stdout).toContain('kind: Deployment');
    expect(stdout.match(/^---$/gm)).toHaveLength(4);
  });

  it('is a library with types', async () => {
    const program = [
      "import { compile, deployment } from 'kubewright';",
      "import { startCluster, type Cluster } from 'kubewright/runtime';",
      "const { set, problems } = await compile('app.ts');",
      'const start: () => Promise<Cluster> = () => startCluster();',
      "const web = deployment({ metadata: { name: 'w' }, spec: { template: { spec: { containers: [{ name: 'w', image: 'w' }] } } } });",
      'console.log(JSON.stringify([set?.manifests.length, problems.length, typeof start, web.kind]));',
    ];
    await writeFile(join(folder, 'library.ts'), program.join('\n'));
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--skipLibCheck',
      'library.ts',
    ];
    await run(process.execPath, [join(folder, 'node_modules/typescript/bin/tsc'), ...options], { cwd: folder });
    await writeFile(
      join(folder, 'library.mjs'),
      program.join('\n').replace(', type Cluster', '').replace(': () => Promise<Cluster>', ''),
    );
    const { stdout } = await run(process.execPath, ['library.mjs'], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual([5, 0, 'function', 'Deployment']);
  });

  it('brings few packages and little weight', async () => {
    const { stdout } = await run('du', ['-sm', 'node_modules'], { cwd: folder });
    expect(Number.parseInt(stdout, 10)).toBeLessThan(80);
  });
});
