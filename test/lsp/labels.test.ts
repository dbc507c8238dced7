import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../support/lsp-client.ts';
import type { LspClient, Place, Span } from '../support/lsp-client.ts';

const app = 'file:///labels/app.yaml';
const around = 'file:///labels/around.yaml';
const appText = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: "web", tier: front}
  template:
    metadata:
      labels:
        app: web
        tier: front
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{name: http, containerPort: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: other
spec:
  selector:
    matchLabels: {app: other}
  template:
    metadata:
      labels: {app: other, tier: back}
    spec:
      containers:
      - {name: other, image: nginx:1.27}
`;
const aroundText = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  maxUnavailable: 1
  selector:
    matchExpressions:
    - key: app
      operator: In
      values: [web]
    - {key: tier, operator: NotIn, values: [back, middle]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all}
spec:
  podSelector:
    matchExpressions:
    - {key: app, operator: In, values: [web, other]}
  ingress:
  - from:
    - podSelector: {matchLabels: {app: other}}
`;

interface Edit {
  readonly range: Span;
  readonly newText: string;
}
interface Changes {
  readonly changes: Readonly<Record<string, readonly Edit[]>>;
}
interface Item {
  readonly name: string;
}

function applied(text: string, edits: readonly Edit[] = []): string {
  const lines = text.split('\n');
  const starts = lines.map((_, index) => lines.slice(0, index).join('\n').length + (index === 0 ? 0 : 1));
  const offset = ({ line, character }: Place): number => (starts[line] ?? 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (out, { range, newText }) => out.slice(0, offset(range.start)) + newText + out.slice(offset(range.end)),
      text,
    );
}

let server: LspClient;
beforeAll(async () => {
  server = await startServer();
  await server.initialize({});
  await server.open(app, appText);
  await server.open(around, aroundText);
});
afterAll(() => server[Symbol.asyncDispose]());

const at = (uri: string, line: number, character: number): object => ({
  textDocument: { uri },
  position: { line, character },
});

describe('labels', () => {
  it('are renamed with everything that selects them, in all files', async () => {
    const params = { ...at(app, 10, 14), newName: 'shop' };
    const { changes } = await server.request<Changes>('textDocument/rename', params);
    expect(applied(appText, changes[app])).toBe(
      appText.replace('{app: "web",', '{app: "shop",').replace('        app: web', '        app: shop'),
    );
    expect(applied(aroundText, changes[around])).toBe(
      aroundText
        .replace('selector: {app: web}', 'selector: {app: shop}')
        .replace('values: [web]', 'values: [shop]')
        .replace('[web, other]', '[shop, other]'),
    );
  });

  it('are not renamed to what other pods have, nor to what is no label', async () => {
    const rename = (newName: string): Promise<unknown> =>
      server.request('textDocument/rename', { ...at(app, 10, 14), newName });
    await expect(rename('other')).rejects.toThrow('the label app=other is in use already');
    await expect(rename('a b')).rejects.toThrow('no name that Kubernetes takes');
  });

  it('have keys that are renamed where no selector asks for the key alone', async () => {
    const key = { ...at(app, 10, 9), newName: 'app.kubernetes.io/name' };
    await expect(server.request('textDocument/rename', key)).rejects.toThrow('a selector in around.yaml asks');
    const prepared = await server.request<Span>('textDocument/prepareRename', at(around, 4, 13));
    expect(prepared).toEqual({ start: { line: 4, character: 13 }, end: { line: 4, character: 16 } });
  });

  it('are counted as selectors with expressions count them', async () => {
    const hints = await server.request<readonly { label: string; position: Place }[]>('textDocument/inlayHint', {
      textDocument: { uri: around },
      range: { start: { line: 0, character: 0 }, end: { line: 40, character: 0 } },
    });
    const shown = hints.map(({ label, position }) => `${position.line} ${label}`);
    expect(shown).toEqual(['4 pods of 1 object', '12 pods of 1 object', '23 pods of 2 objects', '28 pods of 1 object']);
  });

  it('lead from an object to what selects its pods, and back', async () => {
    const [web] = await server.request<readonly Item[]>('textDocument/prepareCallHierarchy', at(app, 3, 9));
    expect(web).toMatchObject({ name: 'Deployment web', uri: app });
    const incoming = await server.request<readonly { from: Item; fromRanges: Span[] }[]>(
      'callHierarchy/incomingCalls',
      { item: web },
    );
    expect(incoming.map(({ from, fromRanges }) => [from.name, fromRanges[0]?.start.line])).toEqual([
      ['Service web', 4],
      ['PodDisruptionBudget web', 12],
      ['NetworkPolicy all', 23],
    ]);
    const [policy] = await server.request<readonly Item[]>('textDocument/prepareCallHierarchy', at(around, 25, 6));
    const outgoing = await server.request<readonly { to: Item; fromRanges: Span[] }[]>('callHierarchy/outgoingCalls', {
      item: policy,
    });
    expect(outgoing.map(({ to, fromRanges }) => [to.name, fromRanges.map(({ start }) => start.line)])).toEqual([
      ['Deployment web', [23]],
      ['Deployment other', [23, 28]],
    ]);
  });
});
