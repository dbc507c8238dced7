/** The files of a new project. */

/** A name that npm takes. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '');
  return name === '' || name === 'kubewright' || name === 'node_modules' ? 'my-app' : name;
}

/** A name that Kubernetes takes for an object (RFC 1123 label). */
function objectName(folder: string): string {
  return packageName(folder).replaceAll(/[._]/g, '-').slice(0, 50).replace(/-+$/, '');
}

function manifest(folder: string, version: string): string {
  const content = {
    name: packageName(folder),
    private: true,
    type: 'module',
    scripts: {
      build: 'kubewright build app.ts --output manifests',
      check: 'tsc --noEmit && kubewright lint app.ts',
      test: 'vitest run',
    },
    devDependencies: { kubewright: `^${version}`, typescript: '~6.0.3', vitest: '^4.1.0' },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

const compilerOptions = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  verbatimModuleSyntax: true,
  skipLibCheck: true,
  noEmit: true,
  // What Kubernetes would refuse, at the builder that made it, in every editor that uses TypeScript's own server.
  plugins: [{ name: 'kubewright/ts-plugin' }],
};

const program = (name: string): string => `import { configMap, deployment, expose } from 'kubewright';

const page = configMap({ metadata: { name: '${name}' }, data: { 'index.html': '<h1>Hello</h1>\\n' } });

const web = deployment({
  metadata: { name: '${name}' },
  spec: {
    replicas: 2,
    template: {
      spec: {
        volumes: [{ name: 'page', configMap: page.ref() }],
        containers: [
          {
            name: 'web',
            image: 'nginx:1.29',
            ports: [{ name: 'http', containerPort: 80 }],
            volumeMounts: [{ name: 'page', mountPath: '/usr/share/nginx/html', readOnly: true }],
            resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
            readinessProbe: { httpGet: { path: '/', port: 'http' } },
          },
        ],
      },
    },
  },
});

export default { page, web, ...expose(web, { type: 'NodePort' }) };
`;

const test = (name: string): string => `import { compile } from 'kubewright';
import { expect, it } from 'vitest';

const { set, problems } = await compile('app.ts');

it('has no problem', () => {
  expect(problems).toEqual([]);
});

it('runs two pods behind a Service', () => {
  const objects = set?.manifests.map(({ object }) => object) ?? [];
  expect(objects.map(({ kind, metadata }) => \`\${kind} \${metadata.name}\`)).toEqual([
    'ConfigMap ${name}',
    'Service ${name}',
    'Deployment ${name}',
  ]);
  expect(objects.at(-1)).toHaveProperty('spec.replicas', 2);
});
`;

/** By path in the project. `folder` is its name, from which those of the package and the objects come. */
export function projectFiles(folder: string, version: string): ReadonlyMap<string, string> {
  const name = objectName(folder);
  return new Map([
    ['package.json', manifest(folder, version)],
    ['tsconfig.json', `${JSON.stringify({ compilerOptions, include: ['*.ts'] }, undefined, 2)}\n`],
    ['app.ts', program(name)],
    ['app.test.ts', test(name)],
    ['.gitignore', 'node_modules/\nmanifests/\n'],
  ]);
}
