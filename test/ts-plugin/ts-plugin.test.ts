import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { TsServer } from '../support/ts-server.ts';
import type { QuickInfo, TsDiagnostic } from '../support/ts-server.ts';

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: [],
    plugins: [{ name: 'kubewright/ts-plugin' }],
  },
  include: ['*.ts'],
};

const program = (image: string): string => `import { deployment } from 'kubewright';

const web = deployment({
  metadata: { name: 'web' },
  spec: {
    template: {
      spec: {
        containers: [{ name: 'web', image: '${image}' }],
      },
    },
  },
});

export default [web];
`;

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  writeFiles(folder, {
    'package.json': JSON.stringify({ name: 'app', type: 'module' }),
    'tsconfig.json': JSON.stringify(tsconfig),
    ...files,
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve(import.meta.dirname, '../..'), join(folder, 'node_modules/kubewright'));
  return folder;
}

const isOurs = ({ source }: TsDiagnostic): boolean => source === 'kubewright';
const about = (word: string) => (found: readonly TsDiagnostic[]) =>
  found.some((one) => isOurs(one) && one.text.includes(word));

describe('the plugin of the TypeScript server', () => {
  it('shows what is wrong with manifests at the property, and follows edits that are not written', async () => {
    const folder = project({ 'app.ts': program('nginx:latest') });
    const file = join(folder, 'app.ts');
    await using server = new TsServer();
    server.send('open', { file, fileContent: program('nginx:latest') });
    const found = await server.settled(file, about('images/latest'));
    const latest = found.find((one) => one.text.includes('images/latest'));
    expect(latest).toMatchObject({
      category: 'warning',
      source: 'kubewright',
      start: { line: 8, offset: 37 },
    });
    // Before the program has run again, what was found stands where it stands now.
    server.send('change', { file, line: 1, offset: 1, endLine: 1, endOffset: 1, insertString: '// top\n' });
    const moved = (await server.diagnostics(file)).find((one) => one.text.includes('images/latest'));
    expect(moved?.start).toEqual({ line: 9, offset: 37 });
    server.send('change', { file, line: 9, offset: 45, endLine: 9, endOffset: 57, insertString: 'Nginx Web' });
    const invalid = await server.settled(file, about('images/invalid-name'));
    expect(invalid.some(({ text }) => text.includes('images/latest'))).toBe(false);
  });

  it('shows the YAML of a builder, of its constant and of a component', async () => {
    const component = `import { configMap } from 'kubewright';
export function settings(name: string) {
  return configMap({ metadata: { name }, data: { greeting: 'hello' } });
}
`;
    const app = `import { settings } from './settings.ts';
const one = settings('one');
export default { one, two: settings('Two Words') };
`;
    const folder = project({ 'app.ts': app, 'settings.ts': component });
    const file = join(folder, 'settings.ts');
    await using server = new TsServer();
    server.send('open', { file, fileContent: component });
    // The component is no program; the one that imports it is found.
    const found = await server.settled(file, about('Two Words'));
    const wrong = found.find(({ text }) => text.includes('Two Words'));
    expect(wrong).toMatchObject({ category: 'error', start: { line: 3, offset: 34 } });
    const info = async (name: string, line: number, offset: number): Promise<string> =>
      (await server.request<QuickInfo>('quickinfo', { file: join(folder, name), line, offset }))?.documentation ?? '';
    const both = await info('settings.ts', 3, 12);
    expect(both).toContain('  name: one\n');
    expect(both).toContain('  name: Two Words\n');
    server.send('open', { file: join(folder, 'app.ts'), fileContent: app });
    expect(await info('app.ts', 2, 8)).toContain('```yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n');
    expect(await info('app.ts', 2, 8)).not.toContain('Two Words');
  });

  it('says what a program throws, and ends one that does not end', async () => {
    const folder = project({});
    writeFiles(folder, {
      'tsconfig.json': JSON.stringify({
        ...tsconfig,
        compilerOptions: {
          ...tsconfig.compilerOptions,
          plugins: [{ name: 'kubewright/ts-plugin', timeLimit: 4000 }],
        },
      }),
    });
    const file = join(folder, 'app.ts');
    const text = `import 'kubewright';\nwhile (true);\nexport default [];\n`;
    writeFiles(folder, { 'app.ts': text });
    await using server = new TsServer();
    server.send('open', { file, fileContent: text });
    await server.settled(file, about('endless loop'));
    server.send('change', {
      file,
      line: 2,
      offset: 1,
      endLine: 2,
      endOffset: 14,
      insertString: "if (Math.random() < 2) throw new Error('no luck');",
    });
    const [thrown] = (await server.settled(file, about('no luck'))).filter(isOurs);
    expect(thrown).toMatchObject({ category: 'error', start: { line: 2 } });
  });
});
