import { join } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { esbuildPlugin } from '../../src/index.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('the esbuild plugin', () => {
  const plugin: Plugin = esbuildPlugin({ env: 'test' });

  async function bundled(program: string): Promise<string> {
    const folder = temporaryDirectory();
    const importer = "import yaml from './app.ts?yaml';\nimport list from './app.ts?json';\nconsole.log(yaml, list);";
    writeFiles(folder, { 'main.ts': importer, 'app.ts': program });
    const entryPoints = [join(folder, 'main.ts')];
    const { outputFiles } = await build({
      entryPoints,
      bundle: true,
      write: false,
      logLevel: 'silent',
      plugins: [plugin],
    });
    return outputFiles[0]?.text ?? '';
  }

  it('gives the manifests of a program as text and as objects', async () => {
    const text = await bundled(
      "import { configMap } from 'kubewright';\nexport default (env: { name?: string }) => configMap({ metadata: { name: `for-${env.name}` } });",
    );
    expect(text).toContain('kind: ConfigMap');
    expect(text).toContain('"for-test"');
  });

  it('fails the build where the program is wrong', async () => {
    const program =
      "import { configMap } from 'kubewright';\nexport default configMap({\n  metadata: { name: 'a' },\n  dta: {},\n} as never);";
    await expect(bundled(program)).rejects.toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({
          text: 'ConfigMap a dta: unknown field; did you mean data?',
          location: expect.objectContaining({ line: 4, column: 2 }),
        }),
      ]),
    });
  });
});
