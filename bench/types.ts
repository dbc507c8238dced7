/** What the types cost: an editor's first completion on the whole package, and type-checking 300 Deployments beside plain objects. */
import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { isRecord } from '../src/shared/deep.ts';
import { atMost } from './support/figure.ts';

const rounds = 5;
const settings: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
  paths: { kubewright: [resolve('dist/types/src/index.d.ts')] },
};

interface Cost {
  readonly milliseconds: number;
  readonly megabytes: number;
}

function isCost(value: unknown): value is Cost {
  return isRecord(value) && typeof value['milliseconds'] === 'number';
}

/** CPU time and memory of what a fresh process has to do. */
function measured(act: () => void): Cost {
  globalThis.gc?.();
  const memory = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  globalThis.gc?.();
  return { milliseconds: (user + system) / 1000, megabytes: (process.memoryUsage().heapUsed - memory) / 2 ** 20 };
}

/** Held until the memory has been measured. */
const kept: unknown[] = [];

function completion(file: string): void {
  const host: ts.LanguageServiceHost = {
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) =>
      existsSync(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8')) : undefined,
    getCurrentDirectory: () => tmpdir(),
    getCompilationSettings: () => settings,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (name) => ts.sys.fileExists(name),
    readFile: (name) => ts.sys.readFile(name),
    directoryExists: (name) => ts.sys.directoryExists(name),
    getDirectories: (name) => ts.sys.getDirectories(name),
  };
  const service = ts.createLanguageService(host);
  const position = readFileSync(file, 'utf8').indexOf('/*here*/');
  const found = service.getCompletionsAtPosition(file, position, {});
  if (!found?.entries.some(({ name }) => name === 'image')) throw new Error('the completion offers no image');
  kept.push(service);
}

function check(file: string): void {
  const program = ts.createProgram([file], settings);
  const [problem] = ts.getPreEmitDiagnostics(program);
  if (problem) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  kept.push(program);
}

async function inFreshProcess(task: string, file: string): Promise<Cost> {
  const child = fork('scripts/run.mjs', ['bench/types.ts', task, file], { execArgv: ['--expose-gc'] });
  const [message] = await once(child, 'message');
  if (!isCost(message)) throw new Error('the process measured nothing');
  return message;
}

async function best(task: string, files: readonly string[]): Promise<readonly Cost[]> {
  const costs = files.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, file] of files.entries()) costs[index]?.push(await inFreshProcess(task, file));
  return costs.map((own) => ({
    milliseconds: Math.min(...own.map(({ milliseconds }) => milliseconds)),
    megabytes: Math.min(...own.map(({ megabytes }) => megabytes)),
  }));
}

function deployments(head: string): string {
  const one = (index: number): string => `deployment({
  metadata: { name: 'web-${index}', labels: { app: 'web' } },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web-${index}' } }, template: { metadata: { labels: { app: 'web-${index}' } }, spec: {
    volumes: [{ name: 'conf-${index % 20}', configMap: { name: 'conf' } }, { name: 'tmp', emptyDir: {} }],
    containers: [{
      name: 'web', image: 'nginx:1.27', ports: [{ name: 'http', containerPort: 8080 }],
      env: [{ name: 'A', value: 'b' }, { name: 'B', valueFrom: { configMapKeyRef: { name: 'conf', key: 'b' } } }],
      volumeMounts: [{ name: 'conf-${index % 20}', mountPath: '/conf' }, { name: 'tmp', mountPath: '/tmp' }],
      resources: { requests: { cpu: '${100 + index}m', memory: '64Mi' }, limits: { memory: '128Mi' } },
      readinessProbe: { httpGet: { path: '/', port: 'http' } },
    }],
  } } },
}),`;
  return `${head}\nexport default [\n${Array.from({ length: 300 }, (_, index) => one(index)).join('\n')}\n];\n`;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-bench-'));
  try {
    const file = (name: string): string => join(folder, name);
    await writeFile(
      file('edited.ts'),
      "import * as k from 'kubewright';\nexport default k.deployment({ metadata: { name: 'web' }, spec: { template: { spec: { containers: [{ name: 'a', /*here*/ }] } } } });\n",
    );
    await writeFile(file('typed.ts'), deployments("import { deployment } from 'kubewright';"));
    await writeFile(
      file('interfaces.ts'),
      deployments(
        "import type { Deployment } from 'kubewright';\nconst deployment = (fields: Omit<Deployment, 'apiVersion' | 'kind'>): object => fields;",
      ),
    );
    await writeFile(file('plain.ts'), deployments('const deployment = (fields: object): object => fields;'));
    const [edited] = await best('completion', [file('edited.ts')]);
    await atMost('first completion, whole package, CPU', edited?.milliseconds ?? Infinity, 'ms', 600);
    await atMost('first completion, whole package, memory', edited?.megabytes ?? Infinity, 'MB', 45);
    const [typed, interfaces, plain] = await best('check', [file('typed.ts'), file('interfaces.ts'), file('plain.ts')]);
    const cost = typed?.milliseconds ?? Infinity;
    const peer = interfaces?.milliseconds ?? 0;
    await atMost('tsc, 300 Deployments, CPU (peer: interfaces alone)', cost, 'ms', 1.3 * peer, peer);
    const untyped = plain?.milliseconds ?? 0;
    await atMost('tsc, 300 Deployments, CPU (peer: objects of no type)', cost, 'ms', 1.3 * untyped, untyped);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [task, file] = process.argv.slice(-2);
if (file !== undefined && task === 'completion') process.send?.(measured(() => completion(file)));
else if (file !== undefined && task === 'check') process.send?.(measured(() => check(file)));
else await main();
