import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileUri, ServerError, startServer } from '../support/lsp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const uri = 'file:///robust/a.yaml';
const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: {}\n`;
const point = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

const requests: readonly (readonly [string, object])[] = [
  ['textDocument/hover', { position: { line: 1, character: 2 } }],
  ['textDocument/completion', { position: { line: 1, character: 2 } }],
  ['textDocument/definition', { position: { line: 1, character: 2 } }],
  ['textDocument/references', { position: { line: 1, character: 2 }, context: { includeDeclaration: true } }],
  ['textDocument/documentHighlight', { position: { line: 1, character: 2 } }],
  ['textDocument/rename', { position: { line: 1, character: 2 }, newName: 'b' }],
  ['textDocument/prepareRename', { position: { line: 99999, character: 99999 } }],
  ['textDocument/documentSymbol', {}],
  ['textDocument/foldingRange', {}],
  [
    'textDocument/selectionRange',
    {
      positions: [
        { line: 0, character: 0 },
        { line: 999, character: 7 },
      ],
    },
  ],
  ['textDocument/formatting', { options: { tabSize: 2, insertSpaces: true } }],
  ['textDocument/rangeFormatting', { range: point, options: { tabSize: 2, insertSpaces: true } }],
  ['textDocument/inlayHint', { range: point }],
  ['textDocument/semanticTokens/full', {}],
  ['textDocument/codeLens', {}],
  ['textDocument/documentLink', {}],
  ['textDocument/codeAction', { range: point, context: { diagnostics: [] } }],
];

const texts: Readonly<Record<string, string>> = {
  nothing: '',
  'a word': 'kind',
  'a marker': '---',
  'deep nesting': `a: ${'['.repeat(5_000)}`,
  'deep maps': Array.from({ length: 1_500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  'an alias bomb': [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`),
  ].join('\n'),
  'a huge scalar': `${map('a')}# ${'x'.repeat(1_000_000)}\n`,
  'binary bytes': '\u0000\u0001\ufffd\ufffe: \u0007\n\u0000',
  tabs: 'apiVersion: v1\n\tkind: Pod\n',
  'a byte order mark': `\ufeff${map('a')}`,
  'foreign line ends': map('a').replaceAll('\n', '\r\n'),
  'open quotes': 'apiVersion: "v1\nkind: \'Pod\nmetadata: {name: [\n',
  'a template': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n  {{- if .Values.x }}\n',
};

describe('whatever is written', () => {
  for (const [name, text] of Object.entries(texts)) {
    it(`lives with ${name}`, async () => {
      await using server = await startServer();
      await server.initialize();
      await server.open(uri, text);
      for (const [method, params] of requests) {
        await server.request(method, { textDocument: { uri }, ...params }).catch((error: unknown) => {
          // Only what the request asks for may be refused.
          expect(error).toBeInstanceOf(ServerError);
          expect(method).toBe('textDocument/rename');
        });
      }
      const { diagnostics } = await server.change(uri, [{ text: map('Bad_Name') }]);
      expect(diagnostics.length).toBeGreaterThan(0);
    });
  }
});

describe('whatever the client does', () => {
  it('answers a client without any capability, about documents that nobody opened', async () => {
    await using server = await startServer();
    await server.initialize({});
    for (const [method, params] of requests)
      await server.request(method, { textDocument: { uri: 'file:///nowhere.yaml' }, ...params });
    await expect(server.request('textDocument/noSuchThing', {})).rejects.toMatchObject({ code: -32601 });
  });

  it('takes messages in any order', async () => {
    await using server = await startServer();
    const early = { textDocument: { uri }, position: { line: 0, character: 0 } };
    await expect(server.request('textDocument/hover', early)).rejects.toMatchObject({ code: -32002 });
    await expect(server.request('shutdown', null)).rejects.toMatchObject({ code: -32002 });
    server.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'yaml', version: 1, text: map('Bad_Name') },
    });
    await server.initialize();
    await expect(server.request('initialize', {})).rejects.toMatchObject({ code: -32600 });
    expect(await server.request('textDocument/hover', early)).toBeNull();
    server.notify('textDocument/didChange', { textDocument: { uri, version: 9 }, contentChanges: [{ text: 'x' }] });
    server.notify('textDocument/didClose', { textDocument: { uri } });
    server.notify('textDocument/didSave', { textDocument: { uri } });
    await server.open(uri, map('a'));
    const version = { textDocument: { uri, version: 0 } };
    server.notify('textDocument/didChange', {
      ...version,
      contentChanges: [
        { range: { start: { line: 900, character: 4 }, end: { line: 901, character: 0 } }, text: '# end\n' },
      ],
    });
    server.notify('$/cancelRequest', { id: 4711 });
    const { diagnostics } = await server.change(uri, [{ text: map('Bad_Name') }]);
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it('gives up what is cancelled before its turn', async () => {
    await using server = await startServer();
    await server.initialize();
    await server.open(
      uri,
      map('a').concat('---\n', ...Array.from({ length: 3000 }, (_, index) => `${map(`n${index}`)}---\n`)),
    );
    // The first of them take long enough for the rest to be cancelled meanwhile, however slow this process is.
    const options = { tabSize: 2, insertSpaces: true };
    const pending = Array.from({ length: 30 }, () =>
      server.start('textDocument/formatting', { textDocument: { uri }, options }),
    );
    for (const { id } of pending) server.notify('$/cancelRequest', { id });
    const outcomes = await Promise.allSettled(pending.map(({ result }) => result));
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { code: -32800 } });
  });

  it('follows edits made of many small changes', async () => {
    await using server = await startServer();
    await server.initialize();
    await server.open(uri, '');
    const text = map('Bad_Name');
    let line = 0;
    let character = 0;
    const changes = [...text].map((sign) => {
      const at = { line, character };
      if (sign === '\n') [line, character] = [line + 1, 0];
      else character += 1;
      return { range: { start: at, end: at }, text: sign };
    });
    const { diagnostics } = await server.change(uri, changes);
    expect(diagnostics.map(({ range }) => range.start.line)).toContain(3);
  });

  it('ends as the protocol says', async () => {
    await using server = await startServer();
    await server.initialize();
    await server.request('shutdown', null);
    const late = { textDocument: { uri }, position: { line: 0, character: 0 } };
    await expect(server.request('textDocument/hover', late)).rejects.toMatchObject({ code: -32600 });
    await expect(server.request('shutdown', null)).rejects.toMatchObject({ code: -32600 });
    server.notify('exit', null);
    expect(await server.exited).toBe(0);
    await using other = await startServer();
    await other.initialize();
    other.notify('exit', null);
    expect(await other.exited).toBe(1);
  });

  it('says which files it does not read, and which documents it only checks', async () => {
    const folder = temporaryDirectory();
    const huge = `${map('a')}# ${'x'.repeat(4 * 1024 * 1024)}\n`;
    writeFileSync(join(folder, 'huge.yaml'), huge);
    writeFileSync(join(folder, 'binary.yaml'), Buffer.from([0, 1, 2]));
    writeFileSync(join(folder, 'latin.yaml'), Buffer.from([0x61, 0xff]));
    await using server = await startServer();
    await server.initialize({}, [fileUri(folder)]);
    const said = (): readonly string[] =>
      server.notifications.flatMap(({ method, params }) =>
        method === 'window/logMessage' ? [JSON.stringify(params)] : [],
      );
    const { diagnostics } = await server.open(fileUri(join(folder, 'huge.yaml')), huge);
    expect(diagnostics).toMatchObject([{ code: 'too-large', severity: 3, range: { start: { line: 0 } } }]);
    // What is asked about it afterwards has no answer, and what is not too large any more is read.
    const at = { textDocument: { uri: fileUri(join(folder, 'huge.yaml')) }, position: { line: 1, character: 2 } };
    expect(await server.request('textDocument/hover', at)).toBeNull();
    const smaller = await server.change(fileUri(join(folder, 'huge.yaml')), [{ text: map('Bad_Name') }]);
    expect(smaller.diagnostics.map(({ code }) => code)).not.toContain('too-large');
    const large = `${map('a')}---\n${map('b')}# ${'x'.repeat(1024 * 1024)}\n`;
    const checked = await server.open('file:///elsewhere/large.yaml', large);
    expect(checked.diagnostics.filter(({ code }) => code === 'too-large')).toMatchObject([
      { range: { start: { line: 5 } } },
    ]);
    for (const name of ['binary.yaml', 'latin.yaml']) expect(said().some((one) => one.includes(name))).toBe(true);
  });

  it('answers what is asked while it reads a folder, and what is torn out under its hands', async () => {
    const folder = temporaryDirectory();
    for (let index = 0; index < 200; index++) writeFileSync(join(folder, `m${index}.yaml`), map(`m${index}`));
    await using server = await startServer();
    await server.initialize({}, [fileUri(folder)]);
    const file = fileUri(join(folder, 'm0.yaml'));
    const text = map('m0').repeat(3);
    await server.open(file, text);
    let version = 1;
    const answers = Array.from({ length: 40 }, (_, index) => {
      version += 1;
      const range = { start: { line: index % 5, character: 0 }, end: { line: (index % 5) + 1, character: 3 } };
      server.notify('textDocument/didChange', {
        textDocument: { uri: file, version },
        contentChanges: [{ range, text: index % 3 === 0 ? 'kind: {\n' : '- "' }, { text: text.slice(0, index * 7) }],
      });
      return server.request('textDocument/completion', {
        textDocument: { uri: file },
        position: { line: index % 9, character: index % 4 },
      });
    });
    await Promise.all(answers);
    // Results come for the last text only, whatever was asked for before.
    server.notify('textDocument/didChange', {
      textDocument: { uri: file, version: version + 1 },
      contentChanges: [{ text: map('Bad_Name') }],
    });
    await server.nextDiagnostics(file, ({ diagnostics }) =>
      diagnostics.some(({ message }) => message.includes('Bad_Name')),
    );
  });

  it('serves documents that have no file', async () => {
    await using server = await startServer();
    await server.initialize();
    const { diagnostics } = await server.open('untitled:Untitled-1', map('Bad_Name'));
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it('leaves languages alone that only look like YAML', async () => {
    await using server = await startServer();
    await server.initialize();
    server.notify('textDocument/didOpen', {
      textDocument: { uri: 'file:///chart/templates/a.yaml', languageId: 'helm', version: 1, text: map('Bad_Name') },
    });
    await server.open(uri, map('a'));
    expect(server.published.has('file:///chart/templates/a.yaml')).toBe(false);
  });
});

describe('folders', () => {
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    image: b:1\n    envFrom:\n    - configMapRef:\n        name: ${name}\n`;

  it('knows the files of several folders, links in circles and unreadable ones included', async () => {
    const folder = temporaryDirectory();
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    for (const path of [one, two]) mkdirSync(path);
    writeFileSync(join(one, 'config.yaml'), map('settings'));
    writeFileSync(join(two, 'config.yaml'), map('others'));
    writeFileSync(join(one, 'noise.yaml'), Buffer.from([0, 255, 254, 1]));
    symlinkSync(one, join(one, 'circle'));
    await using server = await startServer();
    await server.initialize({}, [fileUri(one), fileUri(two)]);
    const first = fileUri(join(one, 'pod.yaml'));
    const second = fileUri(join(two, 'pod.yaml'));
    const misses = ({ diagnostics }: { readonly diagnostics: readonly { readonly code: string }[] }): boolean =>
      diagnostics.some(({ code }) => code === 'reference/config-map');
    const told = server.nextDiagnostics(second, misses);
    await server.open(first, pod('settings'));
    await server.open(second, pod('settings'));
    await told;
    expect(server.published.get(first)?.diagnostics.map(({ code }) => code)).not.toContain('reference/config-map');
    // A file appears: what was missing is there now.
    writeFileSync(join(two, 'new.yaml'), map('settings'));
    const mended = server.nextDiagnostics(second, (published) => !misses(published));
    server.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: fileUri(join(two, 'new.yaml')), type: 1 }] });
    await mended;
  });

  it('obeys the configuration of the folder', async () => {
    const folder = temporaryDirectory();
    writeFileSync(
      join(folder, 'kubewright.config.ts'),
      "export default { rules: { 'resources/memory-limit': 'error' } };\n",
    );
    await using server = await startServer();
    await server.initialize({}, [fileUri(folder)]);
    const file = fileUri(join(folder, 'pod.yaml'));
    const told = server.nextDiagnostics(file, ({ diagnostics }) =>
      diagnostics.some(({ code, severity }) => code === 'resources/memory-limit' && severity === 1),
    );
    await server.open(file, pod('nowhere'));
    await told;
  });
});
