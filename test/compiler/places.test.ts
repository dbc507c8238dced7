import { describe, expect, it } from 'vitest';
import { kubewright, messages, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Files in which `/*n*\/` marks the place that the n-th complaint is expected at. */
async function check(
  files: Readonly<Record<string, string>>,
  expected: readonly string[],
  { cwd = '.', entry = 'app.ts' } = {},
): Promise<void> {
  const folder = temporaryDirectory();
  const marks = new Map<string, string>();
  const plain = Object.entries(files).map(([name, text]) => {
    text.split('\n').forEach((line, index) => {
      let rest = line;
      for (let match = /\/\*(\w)\*\//.exec(rest); match; match = /\/\*(\w)\*\//.exec(rest)) {
        const shown = cwd === '.' ? name : `${folder}/${name}`;
        marks.set(match[1] ?? '', `${shown}:${index + 1}:${match.index + 1}`);
        rest = rest.replace(match[0], '');
      }
    });
    return [name, text.replaceAll(/\/\*\w\*\//g, '')] as const;
  });
  writeFiles(folder, { ...Object.fromEntries(plain), 'elsewhere/empty.txt': '' });
  const outcome = await kubewright(`${folder}/${cwd}`, ['build', cwd === '.' ? entry : `${folder}/${entry}`]);
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toBe('');
  expect(messages(outcome)).toEqual(
    expected.map((line) => line.replace(/<(\w)>/g, (_, mark: string) => marks.get(mark) ?? '?')),
  );
}

const head = "import { deployment, configMap, raw } from 'kubewright';\n";

describe('the place of a finding', () => {
  it('is the property itself', async () => {
    const app = `${head}export default deployment({
  metadata: { name: 'web' },
  spec: {
    /*1*/repliacs: 3,
    template: { spec: { containers: [{ name: 'web', image: 'x', /*2*/imagePullPolicy: 'Allways', ports: [{ /*3*/containerPort: 70_000 }] }] } },
  },
} as never);`;
    await check({ 'app.ts': app }, [
      '<1>: error: Deployment web spec.repliacs: unknown field; did you mean replicas?',
      '<3>: error: Deployment web spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      '<2>: error: Deployment web spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "Allways": supported values: "Always", "IfNotPresent", "Never"',
    ]);
  });

  it('is found through constants, spreads, helpers, maps and other files', async () => {
    const app = `${head}import { probe } from './probe.ts';
import shared from './shared';
const resources = { /*1*/requets: { cpu: '1' } };
const common = { image: 'x', ...shared };
function container(name: string) {
  return { name, ...common, resources, readinessProbe: probe() };
}
const spec = { containers: ['web'].map((name) => container(name)) };
export default /*4*/deployment({ metadata: { name: 'web' }, spec: { template: { spec } } } as never);`;
    const files = {
      'app.ts': app,
      'probe.ts': "export const probe = () => ({ httpGet: { port: 80, /*2*/pth: '/' } });",
      'shared.ts': 'export default { /*3*/comand: [] };',
    };
    await check(
      files,
      [
        '<1>: error: Deployment web spec.template.spec.containers[0].resources.requets: unknown field; did you mean requests?',
        '<2>: error: Deployment web spec.template.spec.containers[0].readinessProbe.httpGet.pth: unknown field; did you mean path?',
        '<3>: error: Deployment web spec.template.spec.containers[0].comand: unknown field; did you mean command?',
      ].sort(
        (a, b) =>
          ['comand', 'requets', 'pth'].findIndex((word) => a.includes(word)) -
          ['comand', 'requets', 'pth'].findIndex((word) => b.includes(word)),
      ),
    );
  });

  it('is in the export for objects that no builder made', async () => {
    const app = `const plain = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, /*1*/dta: {} };
export default () => ({ all: [plain, /*2*/{ apiVersion: 'v1', kind: 'Secret' }] });`;
    await check({ 'app.ts': app }, [
      '<1>: error: Secret a dta: unknown field; did you mean data?',
      '<2>: error: Secret (without a name) metadata.name: Required value: name or generateName is required',
    ]);
  });

  it('is the call in the program when a library made the object', async () => {
    const files = {
      'node_modules/parts/package.json': '{ "name": "parts", "type": "module", "main": "index.js" }',
      'node_modules/parts/index.js':
        "import { raw } from 'kubewright';\nexport const part = (name) => raw({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, dta: {} });",
      'app.ts':
        "import { part } from 'parts';\nfunction both() {\n  return [/*1*/part('a')];\n}\nexport default /*2*/both();",
    };
    await check(files, ['<1>: error: Secret a dta: unknown field; did you mean data?', '    called from <2>']);
  });

  it('is right when the working folder is another one', async () => {
    const app = `${head}export default [configMap({ metadata: { name: 'a' }, /*1*/dat: {} } as never)];`;
    await check({ 'deep/down/app.ts': app }, ['<1>: error: ConfigMap a dat: unknown field; did you mean data?'], {
      cwd: 'elsewhere',
      entry: 'deep/down/app.ts',
    });
  });
});

describe('identity', () => {
  it('is checked with suggestions', async () => {
    const app = `${head}export default [
  raw({ apiVersion: 'apps/v1', /*1*/kind: 'Deploymnt', metadata: { name: 'a' } }),
  raw({ /*2*/apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'a' } }),
  configMap({ metadata: { name: 'same' } }),
  configMap({ metadata: { /*3*/name: 'same' } }),
  raw({ apiVersion: 'example.com/v1', kind: 'Anything', metadata: { name: 'a' }, spec: { any: 1 } }),
];`;
    await check({ 'app.ts': app }, [
      '<1>: error: Deploymnt a kind: there is no kind Deploymnt in apps/v1; did you mean Deployment?',
      '<2>: error: Deployment a apiVersion: apps/v1beta1 Deployment was removed in Kubernetes 1.16; use apps/v1',
      '<3>: error: ConfigMap same metadata.name: another object has the same kind, namespace and name (app.ts:5)',
    ]);
  });
});
