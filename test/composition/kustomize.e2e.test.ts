/** Kustomizations through the real kubectl, from a program. */
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.ts';
import { writeFiles } from '../support/built-cli.ts';
import { newestKubectl } from '../support/kubectl.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const kubectl = newestKubectl().path;

function project(program: readonly string[]): string {
  const folder = temporaryDirectory();
  writeFiles(folder, {
    'base/kustomization.yaml': `resources: [web.yaml]
labels: [{ pairs: { app: web }, includeSelectors: true }]
configMapGenerator: [{ name: settings, literals: [mode=fast], files: [page.html] }]
secretGenerator: [{ name: token, literals: [token=t], type: Opaque }]
`,
    'base/page.html': '<p>hello</p>\n',
    'base/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
      - { name: web, image: nginx, envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: token } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
`,
    'overlays/dev/kustomization.yaml': `namespace: dev
namePrefix: dev-
resources: [../../base]
images: [{ name: nginx, newTag: "1.29" }]
replicas: [{ name: web, count: 3 }]
patches:
- path: patch.yaml
- target: { kind: Service }
  patch: |-
    - { op: add, path: /spec/type, value: NodePort }
`,
    'overlays/dev/patch.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { spec: { containers: [{ name: web, env: [{ name: "NO", value: "off" }] }] } } }
`,
    'app.ts': program.join('\n'),
  });
  return join(folder, 'app.ts');
}

describe('a kustomization', () => {
  it('comes in with everything that kustomize does, and is changed like anything else', async () => {
    const path = project([
      "import { fromKustomize, patched } from 'kubewright';",
      `const app = await fromKustomize('./overlays/dev', { kubectl: ${JSON.stringify(kubectl)} });`,
      "export default patched(app, { kind: 'Deployment', name: 'dev-web' }, { spec: { replicas: 5 } });",
    ]);
    const { set, problems, inputs } = await compile(path);
    expect(problems).toEqual([]);
    const own = dirname(path);
    expect(inputs.map((file) => relative(own, file)).sort()).toEqual([
      'app.ts',
      'base',
      'base/kustomization.yaml',
      'base/page.html',
      'base/web.yaml',
      'overlays/dev',
      'overlays/dev/kustomization.yaml',
      'overlays/dev/patch.yaml',
    ]);
    const objects = (set?.manifests ?? []).map(({ object }) => object);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      expect.stringMatching(/^ConfigMap dev\/dev-settings-\w{10}$/),
      expect.stringMatching(/^Secret dev\/dev-token-\w{10}$/),
      'Service dev/dev-web',
      'Deployment dev/dev-web',
    ]);
    expect(objects[0]).toMatchObject({ data: { mode: 'fast', 'page.html': '<p>hello</p>\n' } });
    expect(objects[2]).toMatchObject({ spec: { type: 'NodePort', selector: { app: 'web' } } });
    expect(objects[3]).toMatchObject({
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: 'web' } },
        template: {
          spec: {
            containers: [
              {
                image: 'nginx:1.29',
                env: [{ name: 'NO', value: 'off' }],
                envFrom: [
                  { configMapRef: { name: objects[0]?.metadata.name } },
                  { secretRef: { name: objects[1]?.metadata.name } },
                ],
              },
            ],
          },
        },
      },
    });
  });

  it('that cannot be built is an error at the call, with what kubectl says', async () => {
    const path = project([
      "import { fromKustomize } from 'kubewright';",
      'function overlay(name: string) {',
      `  return fromKustomize(\`./overlays/\${name}\`, { kubectl: ${JSON.stringify(kubectl)} });`,
      '}',
      "export default [await overlay('prod')];",
    ]);
    const { set, problems } = await compile(path);
    expect(set).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/kustomize .*overlays\/prod failed \(1\): .*no such file or directory/s);
    expect(problems[0]?.place?.line).toBe(3);
    expect(problems[0]?.calledFrom?.[0]?.line).toBe(5);
  });
});
