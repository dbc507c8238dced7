import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.ts';
import { kubewright } from '../support/built-cli.ts';

const root = resolve(import.meta.dirname, '../..');
const examples = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

async function titles(name: string, env?: string): Promise<readonly string[]> {
  const { set, problems } = await compile(join(root, 'examples', name, 'app.ts'), env === undefined ? {} : { env });
  expect(problems.filter(({ severity }) => severity !== 'info')).toEqual([]);
  return (set?.manifests ?? []).map(
    ({ object: { kind, metadata } }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
  );
}

describe('the examples', () => {
  it('are at least eight', () => {
    expect(examples.length).toBeGreaterThanOrEqual(8);
  });

  it('have no type error', () => {
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
    const program = ts.createProgram(
      examples.map((name) => join(root, 'examples', name, 'app.ts')),
      {
        ...options,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        paths: { kubewright: [join(root, 'src/index.ts')] },
      },
    );
    const found = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(join(root, 'examples/')))
      .flatMap((source) => [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]);
    expect(
      found.map(
        ({ file, messageText }) =>
          `${relative(root, file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      ),
    ).toEqual([]);
  });

  it.each(examples)('%s compiles and has no error', async (name) => {
    const outcome = await kubewright(root, ['lint', join('examples', name, 'app.ts')]);
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toMatch(/\b0 errors\b/);
  });
});

describe('what they make', () => {
  it('differs from environment to environment', async () => {
    expect(await titles('environments')).toEqual([
      'ConfigMap /dev-shop',
      'Service /dev-shop',
      'Deployment /dev-shop',
      'Ingress /dev-shop',
    ]);
    expect(await titles('environments', 'prod')).toContain('Deployment production/shop');
  });

  it('has custom resources beside their definition', async () => {
    expect(await titles('certificates')).toEqual([
      'CustomResourceDefinition /certificates.certs.example.io',
      'Service /shop',
      'Certificate /shop',
      'Deployment /shop',
      'Ingress /shop',
    ]);
  });

  it('has the files of its folder in it', async () => {
    const { set, inputs } = await compile(join(root, 'examples/website/app.ts'));
    const pages = set?.manifests.find(({ object }) => object.metadata.name === 'pages')?.object;
    expect(Object.keys(Object(Reflect.get(pages ?? {}, 'data')))).toEqual(['index.html', 'style.css']);
    expect(inputs.map((file) => relative(root, file))).toContain('examples/website/html/style.css');
  });

  it('is existing YAML, changed', async () => {
    const { set } = await compile(join(root, 'examples/existing/app.ts'));
    const [, service, deployment] = set?.manifests ?? [];
    expect(service?.object).toMatchObject({
      metadata: { namespace: 'hello', labels: { team: 'web' } },
      spec: { type: 'NodePort' },
    });
    expect(deployment?.object).toMatchObject({
      metadata: { labels: { app: 'hello', team: 'web' } },
      spec: { replicas: 3 },
    });
  });
});
