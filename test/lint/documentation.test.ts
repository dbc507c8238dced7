/** The examples of docs/linter.md do what is said of them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfigFile } from '../../src/lint/config-file.ts';
import { deploymentExample } from '../../src/lint/rules/example.ts';
import { Workspace } from '../../src/lint/workspace.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/linter.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text);

async function workspace(text: string): Promise<Workspace> {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'kubewright.config.ts': text });
  return new Workspace({ config: await loadConfigFile(join(folder, 'kubewright.config.ts')) });
}

describe('docs/linter.md', () => {
  it('shows configurations that are taken', async () => {
    const [first = '', second = '', ...more] = blocks('ts');
    expect(more).toEqual([]);
    expect((await workspace(first)).settings.minor).toBe(33);
    const own = await workspace(second);
    own.setFile('a.yaml', deploymentExample({ container: 'command: [sh]', image: 'elsewhere.example.com/a:1' }));
    expect(
      own
        .diagnostics('a.yaml')
        .filter(({ rule }) => rule.startsWith('custom/'))
        .map(({ rule, message }) => `${rule}: ${message}`),
    ).toEqual([
      'custom/team: say whose it is',
      'custom/requests: say what it needs',
      'custom/registry: container web comes from elsewhere',
      'custom/no-shell: start the program itself',
    ]);
  });

  it('shows exceptions that hold', () => {
    const [text = ''] = blocks('yaml');
    const rules = ['security/host-network', 'security/host-pid', 'images/latest'];
    const config = {
      extends: 'none',
      rules: Object.fromEntries(rules.map((rule) => [rule, 'error'] as const)),
    } as const;
    const filled = new Workspace({ config });
    filled.setFile('a.yaml', text);
    expect(filled.diagnostics('a.yaml').map(({ rule }) => rule)).toEqual([]);
    expect(
      filled
        .suppressed('a.yaml')
        .map(({ rule }) => rule)
        .sort(),
    ).toEqual([...rules].sort());
  });
});
