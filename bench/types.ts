/** What the types cost: an editor's first completion on the whole package, and type-checking 300 Deployments beside plain objects. */
import { execFile, fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
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

async function inFreshProcess(file: string): Promise<Cost> {
  const child = fork('scripts/run.mjs', ['bench/types.ts', 'completion', file], { execArgv: ['--expose-gc'] });
  const [message] = await once(child, 'message');
  if (!isCost(message)) throw new Error('the process measured nothing');
  return message;
}

async function completionCost(file: string): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) costs.push(await inFreshProcess(file));
  return {
    milliseconds: Math.min(...costs.map(({ milliseconds }) => milliseconds)),
    megabytes: Math.min(...costs.map(({ megabytes }) => megabytes)),
  };
}

/** As a project of a user has it: all the libraries that are there by default, and the types of Node. */
function configuration(file: string): string {
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    typeRoots: [resolve('node_modules/@types')],
    types: ['node'],
    paths: settings.paths,
  };
  return JSON.stringify({ compilerOptions, files: [file] });
}

/** Wall milliseconds of `tsc` on each file, the best of a few rounds that take turns. */
async function tscTimes(folder: string, programs: Readonly<Record<string, string>>): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, `${name}.ts`), text);
    await writeFile(join(folder, `${name}.json`), configuration(`${name}.ts`));
  }
  for (let round = 0; round < rounds; round++)
    for (const name of Object.keys(programs)) {
      const before = performance.now();
      await promisify(execFile)(process.execPath, [
        'node_modules/typescript/lib/tsc.js',
        '-p',
        join(folder, `${name}.json`),
      ]);
      times[name] = Math.min(times[name] ?? Infinity, performance.now() - before);
    }
  return times;
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
    const edited = await completionCost(file('edited.ts'));
    await atMost('first completion, whole package, CPU', edited.milliseconds, 'ms', 600);
    await atMost('first completion, whole package, memory', edited.megabytes, 'MB', 45);
    const { typed = Infinity, ...peers } = await tscTimes(folder, {
      typed: deployments("import { deployment } from 'kubewright';"),
      'objects of no type, package loaded': deployments(
        "import { raw } from 'kubewright';\nconst deployment = (fields: object): object => raw({ apiVersion: 'apps/v1', kind: 'Deployment', ...fields });",
      ),
      'interfaces alone': deployments(
        "import type { Deployment } from 'kubewright';\nconst deployment = (fields: Omit<Deployment, 'apiVersion' | 'kind'>): object => fields;",
      ),
      'objects of no type': deployments('const deployment = (fields: object): object => fields;'),
    });
    for (const [peer, time] of Object.entries(peers))
      await atMost(`tsc, 300 Deployments (peer: ${peer})`, typed, 'ms', 1.3 * time, time);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [task, file] = process.argv.slice(-2);
if (file !== undefined && task === 'completion') process.send?.(measured(() => completion(file)));
else await main();
