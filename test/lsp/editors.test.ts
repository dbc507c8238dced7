import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleProgram } from '../support/bundle.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const pages = resolve(import.meta.dirname, '../../docs/editors');

function codeOf(page: string, language: string): readonly string[] {
  const text = readFileSync(join(pages, `${page}.md`), 'utf8');
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, code]) =>
    name === language && code !== undefined ? [code] : [],
  );
}

const hasNeovim = spawnSync('nvim', ['--version']).status === 0;

async function diagnosticsInNeovim(folder: string): Promise<unknown> {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const server = await bundleProgram(new URL('../../src/lsp/main.ts', import.meta.url));
  writeFileSync(join(bin, 'kubewright'), `#!/bin/sh\nexec '${process.execPath}' '${server}' --stdio\n`);
  chmodSync(join(bin, 'kubewright'), 0o755);
  writeFileSync(join(folder, 'init.lua'), codeOf('neovim', 'lua')[0] ?? '');
  writeFileSync(
    join(folder, 'pod.yaml'),
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    imag: b:1\n',
  );
  writeFileSync(
    join(folder, 'check.lua'),
    `vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20)
local found = {}
for _, one in ipairs(vim.diagnostic.get(0)) do table.insert(found, { one.lnum, one.code, one.source }) end
local file = io.open('${folder}/found.json', 'w')
file:write(vim.json and vim.json.encode(found) or vim.fn.json_encode(found))
file:close()
vim.cmd('qa!')
`,
  );
  const words = [
    '--headless',
    '-n',
    '-u',
    join(folder, 'init.lua'),
    join(folder, 'pod.yaml'),
    '-c',
    'filetype on',
    '-c',
    'set filetype=yaml',
    '-c',
    `luafile ${join(folder, 'check.lua')}`,
  ];
  const environment = {
    ...process.env,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    XDG_STATE_HOME: folder,
  };
  execFileSync('nvim', words, { cwd: folder, env: environment, stdio: 'ignore', timeout: 25_000 });
  return JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8'));
}

describe('the pages about editors', () => {
  it('all say how programs are checked', () => {
    for (const page of ['neovim', 'helix', 'zed', 'emacs', 'jetbrains', 'vscode'])
      expect(readFileSync(join(pages, `${page}.md`), 'utf8')).toContain('[TypeScript](typescript.md)');
    expect(codeOf('typescript', 'json').join('\n')).toContain('kubewright/ts-plugin');
  });

  // On machines with Neovim the page is tried out; elsewhere its text is looked at, as the other pages' is.
  it('has a configuration for Neovim that shows what is wrong', async () => {
    const [lua = ''] = codeOf('neovim', 'lua');
    expect(lua).toContain("cmd = { 'kubewright', 'lsp', '--stdio' }");
    if (!hasNeovim) return;
    const found = await diagnosticsInNeovim(temporaryDirectory());
    expect(found).toContainEqual([7, 'unknown-field', 'kubewright']);
  });

  it('has configurations that can be read', () => {
    for (const page of ['zed', 'jetbrains', 'typescript']) {
      const [first = ''] = codeOf(page, 'json');
      expect(JSON.stringify(JSON.parse(first))).toContain('kubewright');
      for (const code of codeOf(page, 'json')) expect(JSON.parse(code)).toBeTypeOf('object');
    }
    const toml = codeOf('helix', 'toml').join('\n');
    expect(toml).toContain('name = "typescript"');
    for (const line of toml.split('\n'))
      expect(line).toMatch(/^(?:|\[{1,2}[\w.-]+\]{1,2}|[\w-]+ = (?:"[^"]*"|\[(?:"[^"]*"(?:, )?)*\]))$/);
    for (const code of codeOf('emacs', 'elisp')) {
      const count = (sign: string): number => code.split(sign).length - 1;
      expect(count('(')).toBe(count(')'));
      expect(count('"') % 2).toBe(0);
    }
  });
});
