/** From app.ts to running containers and back, through the built command line. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GUESTBOOK_IMAGES } from '../../scripts/images-recipes.ts';
import { BUSYBOX_IMAGE, clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { connectAll } from '../support/connections.ts';
import { localDocker } from '../support/docker.ts';
import { Kubectl } from '../support/kubectl.ts';

const example = readFileSync(resolve(import.meta.dirname, '../../examples/guestbook/app.ts'), 'utf8');
const name = clusterName();
const NODE_PORT = 31_480;

let kubewright: CommandLine;
let folder: string;
beforeAll(async () => {
  await using engine = await localDocker(GUESTBOOK_IMAGES);
  await engine.info(new AbortController().signal);
  kubewright = new CommandLine();
  folder = mkdtempSync(join(tmpdir(), 'kubewright-app-'));
});
afterAll(async () => {
  await kubewright[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function app(text: string, file = 'app.ts'): string {
  const path = join(folder, file);
  writeFileSync(path, text);
  return path;
}

const up = (path: string, ...flags: readonly string[]) => kubewright.run(['up', path, '--name', name, ...flags]);
const guestbook = (version: string): string =>
  example.replaceAll('guestbook:v1', `guestbook:${version}`).replaceAll('30080', String(NODE_PORT));

describe('kubewright up', () => {
  it('starts the example, updates it without a failed connection, prunes, and takes it down', async () => {
    const path = app(guestbook('v1'));
    const first = await up(path);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/Deployment +default +guestbook +3 of 3 available/);
    expect(first.stdout).toContain(`http://127.0.0.1:${NODE_PORT}`);
    const kubectl = new Kubectl(kubewright.kubeconfig);
    const names = async (): Promise<readonly string[]> =>
      (await kubectl.ok('get pods -o jsonpath={.items[*].metadata.name}')).split(' ');
    const old = await names();
    expect(old).toHaveLength(3);
    const ip = await kubectl.ok('get service guestbook -o jsonpath={.spec.clusterIP}');

    await using traffic = connectAll([`http://127.0.0.1:${NODE_PORT}/`, `http://${ip}/`], 60);
    await traffic.until(300);
    app(guestbook('v2'));
    const second = await up(path);
    expect(second.code, second.stderr).toBe(0);
    const fresh = (await names()).filter((pod) => !old.includes(pod));
    await traffic.until(300);
    const { failures, bodies, perSecond } = await traffic.stop();
    expect(failures).toEqual([]);
    const answers = [...bodies];
    const answered = (pod: string, version: string): boolean =>
      answers.some((body) => body.includes(`pod: ${pod}\nversion: ${version}\n`));
    expect(old.filter((pod) => !answered(pod, 'v1'))).toEqual([]);
    expect(fresh.filter((pod) => !answered(pod, 'v2'))).toEqual([]);
    expect(fresh.length).toBeGreaterThanOrEqual(3);
    expect(perSecond).toBeGreaterThanOrEqual(100);

    app(guestbook('v2').replace('inside, outside]', 'inside]'));
    const pruned = await up(path);
    expect(pruned.code, pruned.stderr).toBe(0);
    expect(await kubectl.refused('get service guestbook-public')).toContain('not found');

    const down = await kubewright.run(['down', path, '--name', name]);
    expect(down.code, down.stderr).toBe(0);
    expect(await kubectl.ok('get all,configmaps,secrets -l app.kubernetes.io/managed-by=kubewright -o name')).toBe('');
    expect(await kubectl.ok('get pods -o name')).toBe('');
    expect(await kubectl.ok('get services -o name')).toBe('service/kubernetes');
  });

  it('waits for a Job, shows how it failed, and makes it anew when it is changed', async () => {
    const program = (script: string): string => `import { job } from 'kubewright';
const command = ['sh', '-c', ${JSON.stringify(script)}];
export default job({
  metadata: { name: 'migrate' },
  spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: '${BUSYBOX_IMAGE}', command }] } } },
});
`;
    const path = app(program('echo no database; exit 3'), 'migrate.ts');
    const failed = await up(path);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /Job migrate is not ready: Job has reached the specified backoff limit: pod migrate-/,
    );
    expect(failed.stderr).toContain('container main ended with exit code 3');
    expect(failed.stderr).toMatch(/Last lines of container main:\n +no database/);
    app(program('echo done'), 'migrate.ts');
    const second = await up(path);
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).toContain('replaced Job default/migrate');
    expect(second.stdout).toMatch(/Job +default +migrate +1 of 1 completed/);
    const again = await up(path);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).not.toContain('replaced');
    expect((await kubewright.run(['down', path, '--name', name])).code).toBe(0);
  });

  it('says why something cannot become ready, and where it was declared', async () => {
    const path = app(
      `import { deployment } from 'kubewright';
export default deployment({
  metadata: { name: 'broken' },
  spec: { template: { spec: { containers: [{ name: 'main', image: 'kubewright/none:1', imagePullPolicy: 'Never' }] } } },
});
`,
      'broken.ts',
    );
    const { code, stderr, stdout } = await up(path, '--timeout', '60s');
    expect(code, stdout).toBe(1);
    expect(stderr).toContain('ErrImageNeverPull');
    expect(stderr).toMatch(/broken\.ts:\d+/);
    expect((await kubewright.run(['down', path, '--name', name])).code).toBe(0);
  });
});

describe.concurrent('bad input', () => {
  it.each([
    [
      'a type error',
      `import { deployment } from 'kubewright';\nconst n: number = 'x';\nexport default deployment({ metadata: { name: 'a' }, spec: { replicas: 'three' } });\n`,
      /replicas/,
    ],
    ['a thrown exception', `throw new Error('out of luck');\nexport default [];\n`, /out of luck/],
    ['a missing import', `import { nothing } from './absent.ts';\nexport default [nothing];\n`, /absent/],
    ['broken syntax', `export default [;\n`, /bad-.*\.ts:1/],
    ['nothing exported', `export const a = 1;\n`, /export/],
    ['an unknown kind', `export default { apiVersion: 'v1', kind: 'Nothing', metadata: { name: 'x' } };\n`, /Nothing/],
    [
      'an unknown field',
      `export default { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, dta: {} };\n`,
      /dta/,
    ],
    ['an endless loop', `for (;;);\nexport default [];\n`, /endless loop/],
  ])('%s', async (what, text, message) => {
    const path = app(text, `bad-${what.replaceAll(' ', '-')}.ts`);
    const { code, stdout, stderr } = await kubewright.run(['build', path]);
    expect(code, stdout).toBe(1);
    expect(stdout, 'nothing is written').toBe('');
    expect(stderr).toMatch(message);
    expect(stderr, 'the place').toContain(`bad-${what.replaceAll(' ', '-')}.ts`);
  });

  it.each([
    ['invalid YAML', 'a: [\n', /broken\.yaml:\d+/],
    ['an unknown kind', 'apiVersion: v1\nkind: Nothing\nmetadata: {name: x}\n', /Nothing/],
    ['an unknown field', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndta: {}\n', /dta/],
    [
      'a wrong type',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: many}\n',
      /replicas/,
    ],
  ])('YAML with %s', async (what, text, message) => {
    const path = join(folder, what.replaceAll(' ', '-'), 'broken.yaml');
    mkdirSync(join(path, '..'));
    writeFileSync(path, text);
    const lint = await kubewright.run(['lint', path]);
    expect(lint.code, lint.stderr).toBe(1);
    expect(`${lint.stdout}${lint.stderr}`).toMatch(message);
    const applied = await up(path);
    expect(applied.code).toBe(1);
    expect(applied.stderr).toMatch(message);
  });
});
