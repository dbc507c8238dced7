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
      'a CustomResourceDefinition is not sound: spec.versions has no version that is served',
    ]);
    expect((await said('empty.yaml'))[0]).toBe(1);
    expect(await said('app.ts')).toEqual([2, 'app.ts is a program already; import takes YAML and JSON']);
    expect(existsSync(join(folder, 'out.ts'))).toBe(false);
  });
});
