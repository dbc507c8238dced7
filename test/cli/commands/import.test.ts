import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubewright, writeFiles } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const manifests = [
  '# What the site says.',
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata: { name: site, namespace: web, labels: { app: site } }',
  'data:',
  '  # Shown on every page.',
  '  greeting: hello # for now',
  '---',
  'apiVersion: v1',
  'kind: List',
  'items:',
  '- apiVersion: v1',
  '  kind: Service',
  '  metadata: { name: site, namespace: web, labels: { app: site } }',
  '  spec: { selector: { app: site }, ports: [{ port: 80, targetPort: http }] }',
  '- apiVersion: apps/v1',
  '  kind: Deployment',
  '  metadata: { name: site, namespace: web, labels: { app: site } }',
  '  spec:',
  '    selector: { matchLabels: { app: site } }',
  '    template:',
  '      metadata: { labels: { app: site } }',
  '      spec:',
  '        containers:',
  '        - name: site',
  '          image: site:1',
  '          ports: [{ name: http, containerPort: 80 }]',
  '          env: [{ name: GREETING, valueFrom: { configMapKeyRef: { name: site, key: greeting } } }]',
  '---',
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata: { name: site, namespace: other }',
  '---',
  'apiVersion: batch/v1',
  'kind: Job',
  'metadata: { generateName: migrate- }',
  'spec: { template: { spec: { restartPolicy: Never, containers: [{ name: a, image: b }] } } }',
  '---',
  'apiVersion: example.com/v1',
  'kind: Widget',
  'metadata: { name: deployment }',
  '',
].join('\n');

const program = `import { configMap, deployment, job, raw, service } from 'kubewright';

const namespace = 'web';
const labels = { app: 'site' };

// What the site says.
const siteConfigMap = configMap({
  metadata: { name: 'site', namespace, labels },
  data: {
    // Shown on every page.
    greeting: 'hello', // for now
  },
});

const site = deployment({
  metadata: { name: 'site', namespace, labels },
  spec: {
    template: {
      metadata: { labels },
      spec: {
        containers: [
          {
            name: 'site',
            image: 'site:1',
            ports: [{ name: 'http', containerPort: 80 }],
            env: [{ name: 'GREETING', valueFrom: siteConfigMap.key('greeting') }],
          },
        ],
      },
    },
  },
});

const siteService = service({
  metadata: { name: 'site', namespace, labels },
  spec: { selector: site, ports: [{ port: 80, targetPort: site.port('http') }] },
});

const siteConfigMapOther = configMap({ metadata: { name: 'site', namespace: 'other' } });

const migrate = job({
  metadata: { generateName: 'migrate-' },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } },
  },
});

const deploymentWidget = raw({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'deployment' } });

export default [siteConfigMap, siteService, site, siteConfigMapOther, migrate, deploymentWidget];
`;

describe('kubewright import', () => {
  it('writes the program that a person would have written, which gives the same YAML', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'site.yaml': manifests });
    const outcome = await kubewright(folder, ['import', 'site.yaml', '-o', 'app.ts']);
    expect([outcome.code, outcome.stdout, outcome.stderr]).toEqual([0, '', '']);
    expect(readFileSync(join(folder, 'app.ts'), 'utf8')).toBe(program);
    const built = await kubewright(folder, ['build', 'app.ts']);
    expect(built.stdout).toContain('targetPort: http\n');
    expect(built.stdout.match(/^kind: .*$/gm)).toHaveLength(6);
  });

  it('reads the standard input', async () => {
    const outcome = await kubewright(
      temporaryDirectory(),
      ['import', '-'],
      '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}',
    );
    expect(outcome.stdout).toBe(
      "import { secret } from 'kubewright';\n\nconst a = secret({ metadata: { name: 'a' } });\n\nexport default [a];\n",
    );
  });

  it('writes nothing for what it cannot read', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'none.yaml': 'a: b\n',
      'broken.yaml': 'apiVersion: v1\nkind: [\n',
      'bomb.yaml': `apiVersion: v1\nkind: Pod\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map(
          (name, index) =>
            `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'.charAt(index)}`).join(',')}]`,
        )
        .join('\n')}\n`,
      'crd.yaml':
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: a }\nspec: { names: { kind: A }, versions: [] }\n',
      'empty.yaml': '',
      'app.ts': '',
    });
    const said = async (file: string): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await kubewright(folder, ['import', file, '-o', 'out.ts']);
      return [code, stderr.split('\n')[0] ?? ''];
    };
    expect(await said('none.yaml')).toEqual([
      1,
      'none.yaml:1:1: error: this is no manifest: it has no apiVersion and no kind',
    ]);
    expect((await said('broken.yaml'))[0]).toBe(1);
    expect((await said('bomb.yaml'))[1]).toContain('excessive aliasing');
    expect(await said('crd.yaml')).toEqual([
      1,
      'crd.yaml:4:29: error: a CustomResourceDefinition is not sound: spec.versions has no version that is served',
    ]);
    expect((await said('empty.yaml'))[0]).toBe(1);
    expect(await said('app.ts')).toEqual([2, 'app.ts is a program already; import takes YAML and JSON']);
    expect(await said('https://example.com/a.yaml')).toEqual([
      2,
      'https://example.com/a.yaml is an address; import reads files: curl -fsSL https://example.com/a.yaml | kubewright import -',
    ]);
    writeFiles(folder, { 'chart.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n' });
    const chart = await kubewright(folder, ['import', 'chart.yaml']);
    expect(chart.stderr).toContain('\nchart.yaml looks like a template: render it first, as in helm template CHART');
    expect(existsSync(join(folder, 'out.ts'))).toBe(false);
  });

  it('keeps what is no TypeScript, and says what it replaces', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n', 'out/old.ts': 'old' });
    const to = async (output: string): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await kubewright(folder, ['import', 'a.yaml', '-o', output]);
      return [code, stderr];
    };
    expect(await to('a.yaml')).toEqual([
      2,
      '--output a.yaml: import writes TypeScript; name a file that ends in .ts\n',
    ]);
    expect(await to('out')).toEqual([2, '--output out is a folder; name a file, such as out/app.ts\n']);
    expect(await to('out/old.ts')).toEqual([0, 'out/old.ts: what was there is replaced\n']);
    expect(await to('out/old.ts')).toEqual([0, '']);
    expect(await to('new/folder/app.ts')).toEqual([0, '']);
    expect(readFileSync(join(folder, 'new/folder/app.ts'), 'utf8')).toContain("secret({ metadata: { name: 'a' } })");
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toContain('kind: Secret');
  });

  it('says where it takes manifests as they are, and leaves kustomizations out', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'base/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [role.yaml]\n',
      'base/role.yaml':
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: a, namespace: b }\nrules: []\n',
    });
    const outcome = await kubewright(folder, ['import', 'base', '-o', 'app.ts']);
    expect([outcome.code, outcome.stderr]).toEqual([
      0,
      'base/kustomization.yaml:1:1: a Kustomization is for kustomize and left out; ' +
        'to import what it makes, kubectl kustomize FOLDER | kubewright import -\n' +
        'base/role.yaml:1:1: a ClusterRole is taken as it is, by raw: its type has no namespace here\n',
    ]);
    const built = await kubewright(folder, ['build', 'app.ts']);
    expect(built.code).toBe(0);
    expect(built.stdout).toContain('namespace: b\n');
    expect(built.stderr).toContain('warning: ClusterRole b/a metadata.namespace: a ClusterRole is in no namespace');
  });

  it('reads large definitions in little time', async () => {
    const folder = temporaryDirectory();
    const fields = Array.from({ length: 9_000 }, (_, index) => [
      `                field${index}:`,
      '                  description: "What\\',
      `                    \\ this is, number ${index}: \\"no\\"`,
      '                    more"',
      '                  type: string',
    ]).flat();
    const head = [
      ...['apiVersion: apiextensions.k8s.io/v1', 'kind: CustomResourceDefinition', 'metadata: { name: larges.a.io }'],
      ...['spec:', '  group: a.io', '  names: { kind: Large, plural: larges }', '  scope: Namespaced', '  versions:'],
      ...['    - name: v1', '      served: true', '      storage: true', '      schema:', '        openAPIV3Schema:'],
      ...['          type: object', '          properties:', '            spec:', '              type: object'],
    ];
    writeFiles(folder, { 'large.yaml': [...head, '              properties:', ...fields, ''].join('\n') });
    const outcome = await kubewright(folder, ['import', 'large.yaml']);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toContain('  /** What this is, number 8999: "no" more */\n  readonly field8999?: string');
  });
});
