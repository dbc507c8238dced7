/** How long the built command takes from TypeScript to YAML, beside a plain object through esbuild and the `yaml` package. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Checker } from '../src/compiler/check.ts';
import { CompileSession } from '../src/compiler/session.ts';
import { sleep, systemClock } from '../src/shared/clock.ts';
import { builtInKinds } from '../src/types/kinds/index.ts';
import { Registry } from '../src/types/registry.ts';
import { cli } from './support/bench-cluster.ts';
import { atMost } from './support/figure.ts';

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
  "const deployment = (fields: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', ...fields });",
  "const service = (fields: object) => ({ apiVersion: 'v1', kind: 'Service', ...fields });",
].join('\n');
const typed = "import { deployment, service } from 'kubewright';";
const one = `export default [service(${service}), deployment(${object("'web'")})];`;
const thousand = `export default Array.from({ length: 1000 }, (_, i) => deployment(${object('`web-${i}`')}));`;

/** Milliseconds of the wall clock, from the start of the process to its end. */
async function run(words: readonly string[]): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}`);
  return performance.now() - begin;
}

/** The best of some interleaved rounds: whatever else the machine does only adds. */
async function compare(words: readonly string[], floor: readonly string[]): Promise<readonly [number, number]> {
  const times: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(await run(words));
    floors.push(await run(floor));
  }
  return [Math.min(...times), Math.min(...floors)];
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
  const peer = join(folder, 'peer.mjs');
  const program = (name: string): string => join(folder, name);
  await writeFile(
    peer,
    [
      `import { createRequire } from 'node:module';`,
      `const require = createRequire(${JSON.stringify(pathToFileURL(resolve('package.json')).href)});`,
      `const { build } = require('esbuild');`,
      `const { stringify } = require('yaml');`,
      `const { outputFiles: [bundle] } = await build({ entryPoints: [process.argv[2]], bundle: true, write: false, format: 'esm', platform: 'node' });`,
      `const { default: objects } = await import('data:text/javascript,' + encodeURIComponent(bundle.text));`,
      `process.stdout.write(objects.map((object) => stringify(object)).join('---\\n'));`,
    ].join('\n'),
  );
  await Promise.all([
    writeFile(program('one.ts'), `${typed}\n${one}`),
    writeFile(program('thousand.ts'), `${typed}\n${thousand}`),
    writeFile(program('plain-one.ts'), `${plain}\n${one}`),
    writeFile(program('plain-thousand.ts'), `${plain}\n${thousand}`),
  ]);
  const [version, node] = await compare([cli, '--version'], ['-e', '0']);
  await atMost('kubewright --version (floor: bare Node)', version, 'ms', 150, node);
  const [small, plainSmall] = await compare([cli, 'build', program('one.ts')], [peer, program('plain-one.ts')]);
  await atMost('build, Deployment and Service (peer: esbuild and yaml, unchecked)', small, 'ms', 200, plainSmall);
  const [large, plainLarge] = await compare(
    [cli, 'build', program('thousand.ts')],
    [peer, program('plain-thousand.ts')],
  );
  await atMost('build, 1,000 Deployments (peer: esbuild and yaml, unchecked)', large, 'ms', 400, plainLarge);
  await atMost('rebuild in watch mode, median', await rebuild(program('one.ts')), 'ms', 30);
} finally {
  await rm(folder, { recursive: true, force: true });
}
