import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../support/lsp-client.ts';
import type { LspClient, Span } from '../support/lsp-client.ts';

interface Edit {
  readonly range: Span;
  readonly newText: string;
}

interface Action {
  readonly title: string;
  readonly kind: string;
  readonly edit?: { readonly changes: Record<string, readonly Edit[]> };
}

let server: LspClient;
let serial = 0;

beforeAll(async () => {
  server = await startServer();
  await server.initialize();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function open(text: string): Promise<string> {
  serial += 1;
  const uri = `file:///editing/${serial}.yaml`;
  await server.open(uri, text);
  return uri;
}

function applied(text: string, edits: readonly Edit[]): string {
  const lines = text.split('\n');
  const offset = ({ line, character }: Span['start']): number =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (result, { range, newText }) => result.slice(0, offset(range.start)) + newText + result.slice(offset(range.end)),
      text,
    );
}

async function actions(uri: string, line: number, character = 0, only?: readonly string[]): Promise<readonly Action[]> {
  const at = { line, character };
  const context = { diagnostics: [], ...(only ? { only } : {}) };
  const params = { textDocument: { uri }, range: { start: at, end: at }, context };
  return server.request<Action[]>('textDocument/codeAction', params);
}

async function act(text: string, line: number, character: number, title: string): Promise<string> {
  const uri = await open(text);
  const action = (await actions(uri, line, character)).find((one) => one.title === title);
  return applied(text, action?.edit?.changes[uri] ?? []);
}

const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n';

describe('code actions', () => {
  it('replaces what was meant', async () => {
    expect(await act(`${pod}  containrs:\n  - name: a\n    image: b:1\n`, 5, 4, 'Rename to containers')).toContain(
      '  containers:\n',
    );
  });

  it('adds a field that has to be there', async () => {
    const text =
      'apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: a\nspec:\n  serviceName: a\n  template:\n    metadata:\n      labels: {app: a}\n    spec:\n      containers:\n      - name: a\n        image: b:1\n';
    const uri = await open(text);
    const all = (await Promise.all(text.split('\n').map((_, line) => actions(uri, line, 2)))).flat();
    expect(all.map(({ title }) => title)).toContain('Add selector');
  });

  it('creates the object that is missing, with the keys that are used', async () => {
    const text = `${pod}  containers:\n  - name: a\n    image: b:1\n    env:\n    - name: X\n      valueFrom:\n        configMapKeyRef:\n          name: settings\n          key: level\n`;
    const fixed = await act(text, 12, 18, 'Create ConfigMap settings');
    expect(fixed).toBe(
      `${text}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: ""\n`,
    );
  });

  it('moves a removed version', async () => {
    const text = 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata:\n  name: a\nspec: {}\n';
    expect(await act(text, 0, 14, 'Move to networking.k8s.io/v1')).toMatch(/^apiVersion: networking.k8s.io\/v1\n/);
  });

  it('applies the fixes of rules, one or all, and accepts findings', async () => {
    const text = `${pod}  containers:\n  - name: a\n    image: b:1\n    securityContext:\n      privileged: true\n`;
    const uri = await open(text);
    const found = await actions(uri, 9, 18);
    expect(found.map(({ title }) => title)).toContain('Accept security/privileged here');
    const accepted = found.find(({ title }) => title === 'Accept security/privileged here');
    expect(applied(text, accepted?.edit?.changes[uri] ?? [])).toContain(
      '      # kubewright-disable-next-line security/privileged\n      privileged: true\n',
    );
    // What changes the program's rights is nothing to do at every save.
    expect(await actions(uri, 0, 0, ['source.fixAll.kubewright'])).toEqual([]);
    const [suggested] = await actions(uri, 0, 0, ['source.suggestions']);
    const hardened = applied(text, suggested?.edit?.changes[uri] ?? []);
    expect(hardened).toContain('privileged: false\n');
    expect(hardened).toContain('runAsNonRoot: true\n');
    const number = `${pod}  containers:\n  - name: a\n    image: b:1\n    env:\n    - {name: X, value: 1}\n`;
    const other = await open(number);
    const [certain] = await actions(other, 0, 0, ['source.fixAll']);
    expect(certain?.kind).toBe('source.fixAll.kubewright');
    expect(applied(number, certain?.edit?.changes[other] ?? [])).toBe(number.replace('value: 1', 'value: "1"'));
  });

  it('moves an Ingress and a Deployment with all that their versions changed', async () => {
    const ingress = `apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata:
  name: a
spec:
  rules:
  - http:
      paths:
      - path: /
        backend:
          serviceName: web
          servicePort: 80
      - {path: /b, backend: {serviceName: b, servicePort: http}}
`;
    expect(await act(ingress, 0, 14, 'Move to networking.k8s.io/v1')).toBe(`apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: a
spec:
  rules:
  - http:
      paths:
      - path: /
        backend:
          service:
            name: web
            port:
              number: 80
        pathType: ImplementationSpecific
      - {"pathType": ImplementationSpecific, path: /b, backend: {"service":{"name":"b","port":{"name":"http"}}}}
`);
    const workload = `apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: a}
spec:
  template:
    metadata: {labels: {app: a}}
    spec: {containers: [{name: a, image: "b:1"}]}
`;
    expect(await act(workload, 0, 14, 'Move to apps/v1')).toBe(
      `${workload.replace('extensions/v1beta1', 'apps/v1')}  selector:\n    matchLabels:\n      app: a\n`,
    );
  });

  it('adds a key where it is missing, in the file of its object', async () => {
    const target = await open('apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: keyed\ndata:\n  a: b\n');
    const uri = await open(
      `${pod}  containers:\n  - name: a\n    image: b:1\n    env:\n    - name: X\n      valueFrom: {configMapKeyRef: {name: keyed, key: level}}\n`,
    );
    const found = (await actions(uri, 10, 57)).find(({ title }) => title === 'Add level to ConfigMap keyed');
    const range = { start: { line: 5, character: 6 }, end: { line: 5, character: 6 } };
    expect(found?.edit?.changes[target]).toEqual([{ range, newText: "\n  level: ''" }]);
  });
});

describe('extracting', () => {
  it('writes the objects of a file as a program beside it, where the client makes files', async () => {
    await using other = await startServer();
    await other.initialize({ workspace: { workspaceEdit: { documentChanges: true, resourceOperations: ['create'] } } });
    const uri = 'file:///editing/app.yaml';
    await other.open(uri, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: b\n');
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const context = { diagnostics: [], only: ['refactor.extract'] };
    const [action] = await other.request<{ edit: { documentChanges: { uri?: string; edits?: Edit[] }[] } }[]>(
      'textDocument/codeAction',
      { textDocument: { uri }, range, context },
    );
    const [create, change] = action?.edit.documentChanges ?? [];
    expect(create?.uri).toBe('file:///editing/app.ts');
    expect(change?.edits?.[0]?.newText).toContain('configMap(');
  });
});

describe('formatting', () => {
  async function format(text: string): Promise<string> {
    const uri = await open(text);
    const edits = await server.request<Edit[] | null>('textDocument/formatting', {
      textDocument: { uri },
      options: { tabSize: 2, insertSpaces: true },
    });
    return applied(text, edits ?? []);
  }

  it('lays out, and keeps comments, quotes and texts', async () => {
    const text = `# head
apiVersion:   v1
kind: ConfigMap
metadata:
    name:  'a'   # why
    # about labels
    labels:
        a: b
data:
    text: |
        one
          two

        three
    list: >-
      x
---
apiVersion: v1
kind: Pod
metadata: {name: a,
           namespace: b}
spec:
      containers:
      -   name: a
          args:
          - "x"
          -   y
`;
    expect(await format(text)).toBe(`# head
apiVersion: v1
kind: ConfigMap
metadata:
  name: 'a'   # why
  # about labels
  labels:
    a: b
data:
  text: |
      one
        two

      three
  list: >-
    x
---
apiVersion: v1
kind: Pod
metadata: {name: a,
           namespace: b}
spec:
  containers:
  - name: a
    args:
    - "x"
    - y
`);
  });

  it('leaves alone what does not read as YAML', async () => {
    expect(await format('a:   [1\nb:   2\n')).toBe('a:   [1\nb:   2\n');
  });
});

describe('what is shown beside', () => {
  const text = `${pod}  containers:
  - name: a
    image: b:1
    resources:
      limits: {memory: 134217728}
  hostNetwork: off
  volumes:
  - name: v
    configMap: {name: c, defaultMode: 420}
---
apiVersion: v1
kind: Service
metadata:
  name: s
spec:
  selector:
    app: nobody
  ports: [{port: 80}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
`;
  it('shows modes, quantities, booleans and the number of selected objects', async () => {
    const uri = await open(text);
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = await server.request<{ label: string }[]>('textDocument/inlayHint', { textDocument: { uri }, range });
    expect(hints.map(({ label }) => label)).toEqual(['= 128Mi', '= false', '= 0644', 'pods of 0 objects']);
  });

  it('colours names that lead somewhere', async () => {
    const uri = await open(text);
    const { data } = await server.request<{ data: number[] }>('textDocument/semanticTokens/full', {
      textDocument: { uri },
    });
    expect(data.length % 5).toBe(0);
    expect(data.length / 5).toBeGreaterThan(4);
  });

  it('counts uses above objects when the settings say so', async () => {
    const uri = await open(text);
    server.notify('workspace/didChangeConfiguration', { settings: { kubewright: { codeLens: false } } });
    const before = await server.request<unknown>('textDocument/codeLens', { textDocument: { uri } });
    expect(before).toBeNull();
    server.notify('workspace/didChangeConfiguration', { settings: { kubewright: { codeLens: true } } });
    const lenses = await server.request<{ command: { title: string } }[]>('textDocument/codeLens', {
      textDocument: { uri },
    });
    expect(lenses.map(({ command }) => command.title)).toEqual(expect.arrayContaining(['selects no pods']));
  });

  it('links the files of a kustomization', async () => {
    const uri = 'file:///editing/base/kustomization.yaml';
    await server.open(
      uri,
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- web.yaml\n- https://example.com/x\n',
    );
    const links = await server.request<{ target: string }[]>('textDocument/documentLink', { textDocument: { uri } });
    expect(links.map(({ target }) => target)).toEqual(['file:///editing/base/web.yaml']);
  });
});
