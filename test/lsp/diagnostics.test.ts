import { describe, expect, it } from 'vitest';
import { startServer } from '../support/lsp-client.ts';

const uri = 'file:///somewhere/app.yaml';
const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    imag: nginx\n';

describe('diagnostics over the wire', () => {
  it('tells of an unknown field at its key, and takes it back when it is mended', async () => {
    await using server = await startServer();
    await server.initialize();
    const { diagnostics } = await server.open(uri, pod);
    const found = diagnostics.find(({ code }) => code === 'unknown-field');
    expect(found?.range).toEqual({ start: { line: 7, character: 4 }, end: { line: 7, character: 8 } });
    expect(found?.message).toContain('image');
    const range = { start: { line: 7, character: 8 }, end: { line: 7, character: 8 } };
    const mended = await server.change(uri, [{ range, text: 'e' }]);
    expect(mended.diagnostics.filter(({ code }) => code === 'unknown-field')).toEqual([]);
  });

  it('answers clients that ask instead, with numbers for results that stay the same', async () => {
    await using server = await startServer();
    const { capabilities } = await server.initialize({ textDocument: { diagnostic: {} } });
    expect(capabilities['diagnosticProvider']).toMatchObject({ interFileDependencies: true });
    server.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text: pod } });
    const ask = { textDocument: { uri } };
    const first = await server.request<{ kind: string; resultId: string; items: unknown[] }>(
      'textDocument/diagnostic',
      ask,
    );
    expect(first.kind).toBe('full');
    expect(first.items.length).toBeGreaterThan(0);
    const again = await server.request('textDocument/diagnostic', { ...ask, previousResultId: first.resultId });
    expect(again).toEqual({ kind: 'unchanged', resultId: first.resultId });
  });
});
