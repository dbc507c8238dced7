import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.ts';
import { kubewright, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const program = `import { configMap, fromFile } from 'kubewright';
import { page } from './site/page.ts';

export default configMap({
  metadata: { name: 'a' },
  data: { ...fromFile('./a.txt'), ...page, here: import.meta.dirname },
});
`;
const helper = `import { fromFile } from 'kubewright';

export const page = fromFile(new URL('./page.txt', import.meta.url));
`;

describe('paths in a program', () => {
  it('start in its folder, wherever it is run from', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'shop/app.ts': program,
      'shop/a.txt': 'A',
      'shop/site/page.ts': helper,
      'shop/site/page.txt': 'P',
    });
    mkdirSync(join(folder, 'elsewhere'));
    const outcome = await kubewright(join(folder, 'elsewhere'), ['build', '../shop/app.ts']);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toContain(`data:\n  a.txt: A\n  page.txt: P\n  here: ${join(folder, 'shop')}\n`);
  });

  it('start in the folder of the file that a link leads to', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'shop/app.ts': program,
      'shop/a.txt': 'A',
      'shop/site/page.ts': helper,
      'shop/site/page.txt': 'P',
    });
    symlinkSync('shop/app.ts', join(folder, 'link.ts'));
    const outcome = await kubewright(folder, ['build', 'link.ts', '--no-cache']);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toContain('a.txt: A');
  });

  it('are among what the result depends on', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': program, 'a.txt': 'A', 'site/page.ts': helper, 'site/page.txt': 'P' });
    const { inputs } = await compile(join(folder, 'app.ts'));
    expect([...inputs].sort()).toEqual(
      ['a.txt', 'app.ts', 'site/page.ts', 'site/page.txt'].map((name) => join(folder, name)),
    );
  });

  it('are known to CommonJS packages, which require what they need of Node', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'node_modules/dep/package.json': '{ "name": "dep", "main": "index.js" }',
      'node_modules/dep/index.js':
        "'use strict';\nconst { basename } = require('path');\nexports.here = [__dirname, __filename].map((path) => basename(path)).join('/');",
      'app.ts': `import { here } from 'dep';
import { fileURLToPath } from 'node:url';
const { configMap } = require('kubewright');
const __filename = fileURLToPath(import.meta.url);
export default configMap({ metadata: { name: 'a' }, data: { here, own: __filename } });`,
    });
    const outcome = await kubewright(folder, ['build', 'app.ts']);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toContain(`here: dep/index.js\n  own: ${join(folder, 'app.ts')}\n`);
  });

  it('name the file that is not there, and the call', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'app.ts': "import { fromFile } from 'kubewright';\nexport default fromFile('./none.txt');\n",
    });
    const outcome = await kubewright(folder, ['build', 'app.ts']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`app.ts:2:16: error: the file ${join(folder, 'none.txt')} cannot be read`);
  });
});
