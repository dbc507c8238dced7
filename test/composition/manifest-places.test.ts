/** Mistakes in manifests that a program has read are shown where they are. */
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const yaml = `apiVersion: v1
kind: ConfigMap
metadata: { name: fine }
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: { name: Bad_Name }
- apiVersion: apps/v1
  kind: Deployment
  metadata: { name: web }
  spec:
    replicas: -1
    selector: { matchLabels: { a: b } }
    template:
      metadata: { labels: { a: b } }
      spec:
        containers:
        - name: web
          imag: nginx
          image: nginx:1
`;

async function problemsOf(program: string): Promise<readonly unknown[]> {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'material/all.yaml': yaml, 'app.ts': program });
  const { problems } = await compile(join(folder, 'app.ts'));
  return problems.map(({ path, place, calledFrom }) => [
    path,
    `${basename(place?.file ?? '')}:${place?.line}`,
    ...(calledFrom ?? []).map((caller) => `${basename(caller.file)}:${caller.line}`),
  ]);
}

describe('mistakes in files of YAML', () => {
  it('have their place there, and the call that read them', async () => {
    const program = [
      "import { fromYaml } from 'kubewright';",
      "const material = (): Promise<readonly object[]> => fromYaml('./material');",
      'export default [await material()];',
    ];
    expect(await problemsOf(program.join('\n'))).toEqual([
      ['metadata.name', 'all.yaml:10', 'app.ts:2', 'app.ts:3'],
      ['spec.template.spec.containers[0].imag', 'all.yaml:22', 'app.ts:2', 'app.ts:3'],
      ['spec.replicas', 'all.yaml:15', 'app.ts:2', 'app.ts:3'],
    ]);
  });

  it('have it also when other parts were changed; what was changed itself has not', async () => {
    const program = [
      "import { fromYaml, namespaced, patched } from 'kubewright';",
      "const all = namespaced('shop', await fromYaml('./material/all.yaml'));",
      "export default patched(all, { kind: 'Deployment' }, { spec: { replicas: -2 } });",
    ];
    const problems = await problemsOf(program.join('\n'));
    expect(problems).toContainEqual(['metadata.name', 'all.yaml:10', 'app.ts:2']);
    expect(problems).toContainEqual(['spec.template.spec.containers[0].imag', 'all.yaml:22', 'app.ts:2']);
    expect(problems).toContainEqual(['spec.replicas', 'app.ts:3']);
  });
});
