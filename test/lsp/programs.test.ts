import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFiles } from '../support/built-cli.ts';
import { fileUri, startServer } from '../support/lsp-client.ts';
import type { Published } from '../support/lsp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const program = (name: string): string => `import { configMap } from 'kubewright';
import { data } from './data.ts';

const settings = configMap({ metadata: { name: '${name}' }, data });

export default settings;
`;

function project(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'package.json': '{"name":"app","type":"module"}', ...files });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve(import.meta.dirname, '../..'), join(folder, 'node_modules/kubewright'));
  return folder;
}

const says = (word: string) => (published: Published) =>
  published.diagnostics.some(({ message }) => message.includes(word));

describe('TypeScript documents', () => {
  it('have diagnostics and YAML where the client sends them', async () => {
    const folder = project({ 'data.ts': "export const data = { a: 'b' };\n" });
    const uri = fileUri(join(folder, 'app.ts'));
    await using server = await startServer();
    await server.initialize({}, [fileUri(folder)]);
    const wrong = server.nextDiagnostics(uri, says('Bad Name'));
    server.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'typescript', version: 1, text: program('Bad Name') },
    });
    expect((await wrong).diagnostics[0]).toMatchObject({
      range: { start: { line: 3, character: 41 }, end: { line: 3, character: 45 } },
      severity: 1,
      code: 'field-value-invalid',
      source: 'kubewright',
    });
    const right = server.nextDiagnostics(uri, ({ diagnostics }) => diagnostics.length === 0);
    server.notify('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: program('good') }],
    });
    await right;
    const hover = await server.request<{ contents: { value: string } }>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 3, character: 20 },
    });
    expect(hover.contents.value).toContain('```yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n');
    // A source that is not open is written by somebody else.
    const changed = server.nextDiagnostics(fileUri(join(folder, 'data.ts')), says('wrong key'));
    writeFileSync(join(folder, 'data.ts'), "export const data = { 'wrong key': 'b' };\n");
    server.notify('workspace/didChangeWatchedFiles', {
      changes: [{ uri: fileUri(join(folder, 'data.ts')), type: 2 }],
    });
    await changed;
  });

  it('have diagnostics for clients that ask, which are told to ask again', async () => {
    const folder = project({ 'data.ts': "export const data = { a: 'b' };\n" });
    const uri = fileUri(join(folder, 'app.ts'));
    await using server = await startServer();
    await server.initialize(
      { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } },
      [fileUri(folder)],
    );
    server.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'typescript', version: 1, text: program('Bad Name') },
    });
    for (;;) {
      const refresh = server.next('workspace/diagnostic/refresh');
      const { items } = await server.request<{ items: readonly { code: string }[] }>('textDocument/diagnostic', {
        textDocument: { uri },
      });
      if (items.length > 0) {
        expect(items.map(({ code }) => code)).toEqual(['field-value-invalid']);
        return;
      }
      await refresh;
    }
  });

  it('are not run where the folder is not trusted', async () => {
    const folder = project({ 'data.ts': "export const data = { a: 'b' };\n" });
    const uri = fileUri(join(folder, 'app.ts'));
    const yaml = fileUri(join(folder, 'a.yaml'));
    await using server = await startServer();
    await server.request('initialize', {
      processId: process.pid,
      rootUri: fileUri(folder),
      capabilities: {},
      initializationOptions: { trusted: false },
    });
    server.notify('initialized', {});
    server.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'typescript', version: 1, text: program('Bad Name') },
    });
    await server.open(yaml, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n');
    expect(server.published.get(uri)).toBeUndefined();
    const position = { line: 3, character: 20 };
    expect(await server.request('textDocument/hover', { textDocument: { uri }, position })).toBeNull();
  });
});
