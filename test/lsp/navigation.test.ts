import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../support/lsp-client.ts';
import type { LspClient, Span } from '../support/lsp-client.ts';

interface Location {
  readonly uri: string;
  readonly range: Span;
}

const config = 'file:///nav/config.yaml';
const app = 'file:///nav/app.yaml';
const configText = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  app.conf: x\n';
const appText = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx
        env:
        - name: CONF
          valueFrom:
            configMapKeyRef: {name: "settings", key: app.conf}
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet: {path: /, port: http}
        volumeMounts:
        - name: conf
          mountPath: /conf
      volumes:
      - name: conf
        configMap:
          name: settings
          defaultMode: 0644
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
  - name: main
    port: 80
    targetPort: http
`;

let server: LspClient;

beforeAll(async () => {
  server = await startServer();
  await server.initialize({
    textDocument: { documentSymbol: { hierarchicalDocumentSymbolSupport: true }, rename: { prepareSupport: true } },
  });
  await server.open(config, configText);
  await server.open(app, appText);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** In the first text that matches, at a number of characters from its beginning. */
function at(
  uri: string,
  needle: string,
  by = 0,
): { textDocument: { uri: string }; position: { line: number; character: number } } {
  const text = uri === app ? appText : configText;
  const before = text.slice(0, text.indexOf(needle) + by).split('\n');
  return { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}

function lineOf(uri: string, needle: string): number {
  return at(uri, needle).position.line;
}

describe('going to what is named', () => {
  it('finds objects and keys in other files', async () => {
    const name = await server.request<Location[]>('textDocument/definition', at(app, '"settings"', 3));
    expect(name).toEqual([
      { uri: config, range: { start: { line: 3, character: 8 }, end: { line: 3, character: 16 } } },
    ]);
    const key = await server.request<Location[]>('textDocument/definition', at(app, 'app.conf}', 2));
    expect(key).toMatchObject([{ uri: config, range: { start: { line: 5, character: 2 } } }]);
  });

  it('finds volumes, ports of probes and ports behind Services', async () => {
    const volume = await server.request<Location[]>(
      'textDocument/definition',
      at(app, 'name: conf\n          mountPath', 7),
    );
    expect(volume).toMatchObject([{ range: { start: { line: lineOf(app, 'name: conf\n        configMap') } } }]);
    const probe = await server.request<Location[]>('textDocument/definition', at(app, 'port: http}', 7));
    expect(probe).toMatchObject([{ range: { start: { line: lineOf(app, 'name: http') } } }]);
    const target = await server.request<Location[]>('textDocument/definition', at(app, 'targetPort: http', 13));
    expect(target).toMatchObject([{ range: { start: { line: lineOf(app, 'name: http') } } }]);
  });

  it('finds the pods of a selector', async () => {
    const pods = await server.request<Location[]>('textDocument/definition', at(app, 'app: web\n  ports', 6));
    expect(pods.map(({ range }) => range.start.line)).toEqual([lineOf(app, 'labels: {app: web}')]);
  });
});

describe('what uses something', () => {
  it('finds all uses, and leaves the declaration out when asked to', async () => {
    const params = { ...at(config, 'settings', 2), context: { includeDeclaration: true } };
    const all = await server.request<Location[]>('textDocument/references', params);
    expect(all.map(({ uri }) => uri)).toEqual([config, app, app]);
    const uses = await server.request<Location[]>('textDocument/references', {
      ...params,
      context: { includeDeclaration: false },
    });
    expect(uses).toHaveLength(2);
  });
});

describe('renaming', () => {
  it('changes every place and leaves quotes alone', async () => {
    const place = at(app, '"settings"', 3);
    expect(await server.request('textDocument/prepareRename', place)).toMatchObject({ start: { character: 37 } });
    const edit = await server.request<{ changes: Record<string, { newText: string; range: Span }[]> }>(
      'textDocument/rename',
      { ...place, newName: 'options' },
    );
    expect(Object.keys(edit.changes)).toEqual([config, app]);
    expect(edit.changes[app]?.map(({ range }) => range.end.character - range.start.character)).toEqual([8, 8]);
  });

  it('renames a port in container, probe and Service', async () => {
    const edit = await server.request<{ changes: Record<string, unknown[]> }>('textDocument/rename', {
      ...at(app, 'name: http', 7),
      newName: 'web',
    });
    expect(edit.changes[app]).toHaveLength(3);
  });

  it('refuses names that Kubernetes would refuse', async () => {
    const renamed = server.request('textDocument/rename', { ...at(config, 'settings', 2), newName: 'Not Good' });
    await expect(renamed).rejects.toThrow('lower case letters');
  });
});

describe('hovering', () => {
  it('explains fields', async () => {
    const { contents } = await server.request<{ contents: { value: string } }>(
      'textDocument/hover',
      at(app, 'replicas', 2),
    );
    expect(contents.value).toMatch(/^\*\*spec.replicas\*\* `int32`/);
    expect(contents.value).toContain('desired pods');
  });

  it('tells where a name leads and what is there', async () => {
    const { contents } = await server.request<{ contents: { value: string } }>(
      'textDocument/hover',
      at(app, '"settings"', 3),
    );
    expect(contents.value).toContain('ConfigMap settings: /nav/config.yaml, line 4 (app.conf)');
  });

  it('tells how Kubernetes reads a value', async () => {
    const { contents } = await server.request<{ contents: { value: string } }>(
      'textDocument/hover',
      at(app, '0644', 1),
    );
    expect(contents.value).toContain('Kubernetes reads `0644` as `420`');
  });
});

describe('outlines', () => {
  it('lists objects with their parts', async () => {
    const symbols = await server.request<{ name: string; children: { name: string }[] }[]>(
      'textDocument/documentSymbol',
      { textDocument: { uri: app } },
    );
    expect(symbols.map(({ name }) => name)).toEqual(['Deployment web', 'Service web']);
    expect(symbols[0]?.children.map(({ name }) => name)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  });

  it('finds objects of all files', async () => {
    const found = await server.request<{ name: string }[]>('workspace/symbol', { query: 'zz sett' });
    expect(found).toEqual([]);
    const maps = await server.request<{ name: string }[]>('workspace/symbol', { query: 'conf/sett' });
    expect(maps.map(({ name }) => name)).toEqual(['ConfigMap settings']);
  });

  it('folds and selects', async () => {
    const ranges = await server.request<{ startLine: number; endLine: number }[]>('textDocument/foldingRange', {
      textDocument: { uri: config },
    });
    expect(ranges).toEqual(expect.arrayContaining([{ startLine: 4, endLine: 5 }]));
    const { position, textDocument } = at(app, 'containerPort', 3);
    interface Selection {
      readonly range: Span;
      readonly parent?: Selection;
    }
    const [selection] = await server.request<Selection[]>('textDocument/selectionRange', {
      textDocument,
      positions: [position],
    });
    const lines: number[] = [];
    for (let one = selection; one; one = one.parent) lines.push(one.range.end.line - one.range.start.line);
    expect(lines.length).toBeGreaterThan(5);
    expect([...lines].sort((a, b) => a - b)).toEqual(lines);
  });
});
