/**
 * How long the built command takes from TypeScript to checked YAML, beside what people do without it: plain objects through
 * the `yaml` package, run by `tsx`. Both are fetched into a temporary folder, and run in turn with ours.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checker } from '../src/compiler/check.ts';
import { CompileSession } from '../src/compiler/session.ts';
import { sleep, systemClock } from '../src/shared/clock.ts';
import { builtInKinds } from '../src/types/kinds/index.ts';
import { Registry } from '../src/types/registry.ts';
import { cli } from './support/bench-cluster.ts';
import { atMost, report } from './support/figure.ts';

const rounds = 9;

const object = (name: string): string => `{
  metadata: { name: ${name} },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: ${name} } },
    template: {
      metadata: { labels: { app: ${name} } },
      spec: {
        containers: [{
          name: 'web', image: 'nginx:1.27', ports: [{ name: 'http', containerPort: 8080 }],
          env: [{ name: 'GREETING', value: 'hello' }],
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/', port: 'http' } },
        }],
      },
    },
  },
}`;
const service =
  "{ metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] } }";
const plain = [
  "import { stringify } from 'yaml';",
  "const deployment = (fields: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', ...fields });",
  "const service = (fields: object) => ({ apiVersion: 'v1', kind: 'Service', ...fields });",
].join('\n');
const print = "process.stdout.write(objects.map((object) => stringify(object)).join('---\\n'));";
const typed = "import { deployment, service } from 'kubewright';";
const one = `[service(${service}), deployment(${object("'web'")})]`;
const thousand = `Array.from({ length: 1000 }, (_, i) => deployment(${object('`web-${i}`')}))`;

const peerVersions = { tsx: '4.23.15', yaml: '2.9.1' } as const;
const peerName = `peer: tsx ${peerVersions.tsx} and yaml ${peerVersions.yaml}, unchecked`;

async function run(words: readonly string[], home: string): Promise<void> {
  const { CI: _, ...inherited } = process.env;
  const environment = { ...inherited, KUBEWRIGHT_HOME: home };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}`);
}

/** Milliseconds of the wall clock, from the start of the process to its end. */
async function time(words: readonly string[], home: string): Promise<number> {
  const begin = performance.now();
  await run(words, home);
  return performance.now() - begin;
}

/** The best of some interleaved rounds of each: whatever else the machine does only adds. */
async function compare(commands: readonly (readonly string[])[], home: string): Promise<readonly number[]> {
  const best = commands.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [index, words] of commands.entries())
      best[index] = Math.min(best[index] ?? Infinity, await time(words, home));
  }
  return best;
}

function descendants(pid: number): readonly number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(descendants)];
  } catch {
    // It has ended since.
    return [];
  }
}

function residentNow(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** MiB that the process and all its children have resident at most at the same time: the median of three runs. */
async function peakMemory(words: readonly string[], home: string): Promise<number> {
  const peaks: number[] = [];
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, words, { stdio: 'ignore', env: { ...process.env, KUBEWRIGHT_HOME: home } });
    const exited = once(child, 'exit');
    let peak = 0;
    while (child.exitCode === null && child.signalCode === null) {
      const sum = descendants(child.pid ?? 0).reduce((total, pid) => total + residentNow(pid), 0);
      peak = Math.max(peak, sum);
      await new Promise((next) => setImmediate(next));
    }
    await exited;
    peaks.push(peak);
  }
  return peaks.sort((a, b) => a - b)[1] ?? Infinity;
}

function ratio(name: string, value: number, floor: number, limit: number): Promise<void> {
  return report({ name, value, unit: 'ms', floor, target: `<= ${limit} of it`, met: value <= limit * floor });
}

/** npm, without running anybody's scripts; the copy of esbuild that tsx brings works without. */
async function fetchPeers(folder: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const packages = Object.entries(peerVersions).map(([name, version]) => `${name}@${version}`);
  const words = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent', ...packages];
  const child = spawn('npm', words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`npm could not fetch ${packages.join(' and ')}, which the figures are compared with`);
}

/** Milliseconds from a change of the program to its checked objects, while a session watches it. */
async function rebuild(entry: string): Promise<number> {
  const registry = new Registry(builtInKinds);
  const checker = (): Promise<Checker> => Promise.resolve(new Checker(registry));
  await using session = new CompileSession();
  const source = await readFile(entry, 'utf8');
  const times: number[] = [];
  for (let round = 0; round < 2 * rounds; round++) {
    await writeFile(entry, `${source}\n// ${round}\n`);
    // A person's changes come with pauses, in which the next worker starts.
    await sleep(systemClock, 500, new AbortController().signal);
    const begin = performance.now();
    const [result] = await session.compile([entry], checker);
    times.push(performance.now() - begin);
    if (!result?.set) throw new Error('the program was not compiled');
  }
  const sorted = times.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Infinity;
}

const folder = await mkdtemp(join(tmpdir(), 'kubewright-bench-'));
try {
  await fetchPeers(folder);
  const home = join(folder, 'home');
  const tsx = join(folder, 'node_modules/tsx/dist/cli.mjs');
  const program = (name: string): string => join(folder, name);
  await Promise.all([
    writeFile(program('one.ts'), `${typed}\nexport default ${one};\n`),
    writeFile(program('thousand.ts'), `${typed}\nexport default ${thousand};\n`),
    writeFile(program('plain-one.ts'), `${plain}\nconst objects = ${one};\n${print}\n`),
    writeFile(program('plain-thousand.ts'), `${plain}\nconst objects = ${thousand};\n${print}\n`),
  ]);
  const [version = 0, node = 0] = await compare(
    [
      [cli, '--version'],
      ['-e', '0'],
    ],
    home,
  );
  await atMost('kubewright --version (floor: bare Node)', version, 'ms', 150, node);
  for (const [title, name] of [
    ['Deployment and Service', 'one'],
    ['1,000 Deployments', 'thousand'],
  ] as const) {
    const words = [cli, 'build', program(`${name}.ts`)];
    const [again = 0, first = 0, peer = 0] = await compare(
      [words, [...words, '--no-cache'], [tsx, program(`plain-${name}.ts`)]],
      home,
    );
    await ratio(`build, ${title} (${peerName})`, again, peer, 0.5);
    // Nothing is used again: then it is bundled, run and validated, which the peer does without.
    await ratio(`build --no-cache, ${title} (${peerName})`, first, peer, 1);
  }
  const small = [cli, 'build', program('one.ts')];
  await atMost('memory of build, Deployment and Service, children included', await peakMemory(small, home), 'MiB', 80);
  const fresh = await peakMemory([...small, '--no-cache'], home);
  await atMost('memory of build --no-cache, Deployment and Service, children included', fresh, 'MiB', 80);
  await atMost('rebuild in watch mode, median', await rebuild(program('one.ts')), 'ms', 30);
} finally {
  await rm(folder, { recursive: true, force: true });
}
