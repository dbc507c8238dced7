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

it('tells with an edit of one document what it changes in others, to clients that take it along', async () => {
  await using server = await startServer();
  const diagnostic = { relatedDocumentSupport: true };
  await server.initialize({ textDocument: { diagnostic }, workspace: { diagnostics: { refreshSupport: true } } });
  const [config, pod] = ['untitled:config.yaml', 'untitled:pod.yaml'];
  const open = (uri: string, text: string): void =>
    server.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  open(config, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n');
  open(
    pod,
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "b:1", envFrom: [{configMapRef: {name: settings}}]}]}\n',
  );
  interface Report {
    readonly items?: readonly { readonly code: string }[];
    readonly relatedDocuments?: Readonly<Record<string, Report>>;
  }
  const pull = (uri: string): Promise<Report> =>
    server.request<Report>('textDocument/diagnostic', { textDocument: { uri } });
  const codes = (report: Report | undefined): readonly string[] => (report?.items ?? []).map(({ code }) => code);
  expect(codes(await pull(pod))).not.toContain('reference/config-map');
  expect((await pull(config)).relatedDocuments).toBeUndefined();
  server.notify('textDocument/didChange', {
    textDocument: { uri: config, version: 2 },
    contentChanges: [{ text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {a: b}\n' }],
  });
  const { relatedDocuments } = await pull(config);
  expect(codes(relatedDocuments?.[pod])).toContain('reference/config-map');
});
