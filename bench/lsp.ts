/** The language server beside yaml-language-server, which gets the same schema from a file: both in the same run, over the same protocol. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LspClient } from '../test/support/lsp-client.ts';
import { atMost } from './support/figure.ts';

const rounds = 3;
const edits = 5;

const pair = (index: number): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  labels: {app: web-${index}}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web-${index}}
  template:
    metadata:
      labels: {app: web-${index}}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: GREETING
              value: hello
            - name: LEVEL
              valueFrom:
                configMapKeyRef: {name: settings, key: level}
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
            limits:
              memory: 64Mi
          readinessProbe:
            httpGet:
              path: /
              port: http
          securityContext:
            runAsNonRoot: true
            allowPrivilegeEscalation: false
---
apiVersion: v1
kind: Service
metadata:
  name: web-${index}
spec:
  selector: {app: web-${index}}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
const file = (pairs: number): string => Array.from({ length: pairs }, (_, index) => pair(index)).join('---\n');
const small = file(1);
const large = file(105);

const folder = mkdtempSync(join(tmpdir(), 'bench-lsp-'));

interface Definition {
  readonly properties?: Record<string, { enum?: readonly string[] }>;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** One schema that is one of all kinds, as the published `all.json` is. */
function schemaFile(): string | undefined {
  const source = process.env['KUBEWRIGHT_DEFINITIONS'];
  if (source === undefined) return undefined;
  const { definitions }: { readonly definitions: Record<string, Definition> } = JSON.parse(
    readFileSync(source, 'utf8'),
  );
  const kinds: object[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    const [identity, second] = definition['x-kubernetes-group-version-kind'] ?? [];
    if (definition.properties) Object.assign(definition, { additionalProperties: false });
    if (!identity || second || !definition.properties) continue;
    const { group, version, kind } = identity;
    Object.assign(definition.properties['apiVersion'] ?? {}, {
      enum: [group === '' ? version : `${group}/${version}`],
    });
    Object.assign(definition.properties['kind'] ?? {}, { enum: [kind] });
    kinds.push({ $ref: `#/definitions/${name}` });
  }
  const target = join(folder, 'kubernetes.json');
  writeFileSync(target, JSON.stringify({ definitions, oneOf: kinds }));
  return target;
}

function peerProgram(): string {
  const given = process.env['KUBEWRIGHT_YAML_LANGUAGE_SERVER'];
  const home = given ?? join(folder, 'peer');
  if (given === undefined) {
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', 'yaml-language-server'], { cwd: home, stdio: 'ignore' });
  }
  return join(home, 'node_modules/yaml-language-server/bin/yaml-language-server');
}

function start(program: string): LspClient {
  return new LspClient(spawn(process.execPath, [program, '--stdio'], { stdio: 'pipe' }));
}

const capabilities = {
  workspace: { configuration: true },
  textDocument: { publishDiagnostics: {}, foldingRange: {}, completion: { completionItem: { snippetSupport: true } } },
};

interface Times {
  readonly cold: number;
  readonly edit: number;
  readonly hover: number;
  readonly completion: number;
  readonly memory: number;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

function peakMegabytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function measure(
  program: string,
  settings: object,
  text: string,
  name: string,
  folders: readonly string[] = [],
): Promise<Times> {
  const uri = pathToFileURL(join(folder, name)).href;
  const begin = performance.now();
  await using server = start(program);
  server.answer('workspace/configuration', (params) => {
    const { items }: { readonly items: readonly { readonly section?: string }[] } = JSON.parse(JSON.stringify(params));
    return items.map(({ section }) => Reflect.get(settings, section ?? '') ?? null);
  });
  await server.initialize(capabilities, folders);
  server.notify('workspace/didChangeConfiguration', { settings });
  await server.open(uri, text);
  const cold = performance.now() - begin;
  const line = text.split('\n').findIndex((one) => one.includes('nginx'));
  const at = { line, character: 'image: nginx'.length + 10 };
  const took = { edit: [] as number[], hover: [] as number[], completion: [] as number[] };
  const time = async (list: number[], work: () => Promise<unknown>): Promise<void> => {
    const from = performance.now();
    await work();
    list.push(performance.now() - from);
  };
  for (let index = 0; index < edits; index++) {
    await time(took.edit, () => server.change(uri, [{ range: { start: at, end: at }, text: 'x' }]));
    const position = { line: line - 1, character: 12 };
    await time(took.hover, () => server.request('textDocument/hover', { textDocument: { uri }, position }));
    // Right behind an edit, as when somebody types.
    const edited = server.change(uri, [
      { range: { start: at, end: { ...at, character: at.character + 1 } }, text: '' },
    ]);
    await time(took.completion, () =>
      server.request('textDocument/completion', { textDocument: { uri }, position: { line: line + 1, character: 10 } }),
    );
    await edited;
  }
  const memory = peakMegabytes(server.process.pid ?? 0);
  // As editors end their servers, which may keep something for the next start.
  await server.request('shutdown', null);
  server.notify('exit', null);
  await server.exited;
  return { cold, edit: median(took.edit), hover: median(took.hover), completion: median(took.completion), memory };
}

function best(all: readonly Times[], pick: (times: Times) => number): number {
  return Math.min(...all.map(pick));
}

try {
  const own = resolve('dist/lsp.js');
  const schema = schemaFile();
  const peer = schema === undefined ? undefined : peerProgram();
  const peerSettings = {
    yaml: {
      schemas: schema === undefined ? {} : { [pathToFileURL(schema).href]: '*.yaml' },
      schemaStore: { enable: false },
      validate: true,
      hover: true,
      completion: true,
    },
  };
  for (const [name, text] of [
    ['small.yaml', small],
    ['large.yaml', large],
  ] as const) {
    const ours: Times[] = [];
    const theirs: Times[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await measure(own, {}, text, name));
      if (peer !== undefined) theirs.push(await measure(peer, peerSettings, text, name));
    }
    const lines = text.split('\n').length - 1;
    const figure = (what: keyof Times, title: string, unit: string, limit: number): Promise<void> => {
      const floor = theirs.length > 0 ? best(theirs, (times) => times[what]) : undefined;
      return atMost(
        `language server, ${lines} lines: ${title}`,
        best(ours, (times) => times[what]),
        unit,
        limit,
        floor,
      );
    };
    const quarter = theirs.length > 0 ? best(theirs, ({ cold }) => cold) / 4 : 500;
    await figure('cold', 'start to first diagnostics', 'ms', quarter);
    await figure('edit', 'one character to diagnostics', 'ms', lines < 100 ? 15 : 25);
    await figure('hover', 'hover', 'ms', 10);
    await figure('completion', 'completion behind an edit', 'ms', 10);
    await figure('memory', 'peak memory', 'MB', 120);
  }
  const many = join(folder, 'many');
  mkdirSync(many);
  for (let index = 0; index < 500; index++) writeFileSync(join(many, `app-${index}.yaml`), pair(index));
  const times = await measure(own, {}, small, 'many/open.yaml', [pathToFileURL(many).href]);
  await atMost('language server, folder of 1,000 documents: peak memory', times.memory, 'MB', 120);
  await atMost('language server, folder of 1,000 documents: one character to diagnostics', times.edit, 'ms', 15);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
