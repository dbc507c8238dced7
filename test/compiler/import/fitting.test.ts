import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { customBuilders } from '../../../src/compiler/import/crd/builders.ts';
import { fittingProgram } from '../../../src/compiler/import/fitting.ts';
import type { ManifestSource } from '../../../src/compiler/import/imported-object.ts';
import { misfitsOf } from '../../../src/compiler/import/misfits.ts';
import { isCandidate } from '../../../src/compiler/check.ts';
import { isRecord } from '../../../src/shared/deep.ts';
import { readYamlDocuments } from '../../../src/types/yaml/read.ts';
import { evaluateProgram } from './evaluate-program.ts';
import { typeErrors } from './type-errors.ts';

const declarations = resolve(import.meta.dirname, '../../../src/index.ts');

function sourcesOf(text: string): readonly ManifestSource[] {
  const values = readYamlDocuments(text).map(({ value }) => value);
  return values.filter(isCandidate).map((object) => ({ object }));
}

const manifests = `
{ apiVersion: v1, kind: Namespace, metadata: { name: shop } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader, namespace: shop }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: '\${APP}' }
spec:
  selector: { matchLabels: { app: a } }
  template: { metadata: { labels: { app: a } }, spec: { containers: [{ name: a, image: a }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: a }, spec: { selector: { app: a }, ports: [{ prot: 80 }] } }
---
apiVersion: v1
kind: Pod
metadata: { name: mounts }
spec: { containers: [{ name: a, image: a, volumeMounts: [{ name: none, mountPath: /a }] }] }
---
{ apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: { name: driver } }
---
{ apiVersion: v1, kind: Node, metadata: { name: node-1 }, status: { nodeInfo: { machineID: x } } }
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: c, namespace: shop }, data: { a: null } }
---
{ apiVersion: v1, kind: ReplicationController, metadata: { name: r }, spec: { template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: a }] } } } }
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: d, namespace: shop }, data: { a: b } }
`;

describe('manifests that the types refuse', () => {
  it('are taken as they are, each with the reason', async () => {
    const sources = sourcesOf(manifests);
    const { text, misfits } = await fittingProgram(sources, undefined, (program) => misfitsOf(program, declarations));
    expect(misfits.map(({ source, reason }) => `${source.object.kind}: ${reason}`)).toEqual([
      'ClusterRole: its type has no namespace here',
      "Deployment: '${APP}' is no DNS name; use lower-case letters, digits, - and ., and begin and end with a letter or digit",
      'Service: its type has no prot here',
      'Pod: no volume is declared',
      'CSIDriver: its type asks for spec',
      expect.stringMatching(/^Node: /),
      'ConfigMap: a is null',
      'ReplicationController: its builder would add to it',
    ]);
    expect(text).toContain('// Taken as it is: its type has no namespace here\nconst readerClusterRole = raw({');
    expect(text).toContain('// Taken as it is: a is null\nconst c = raw({');
    expect(text).toContain('// Taken as it is: its builder would add to it\nconst r = raw({');
    // What named one of them by its handle names it by text now.
    expect(text).toContain("roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' }");
    expect(text).toContain("const d = configMap({ metadata: { name: 'd', namespace: shop }, data: { a: 'b' } });");
    expect(await evaluateProgram(text)).toEqual(sources.map(({ object }) => object));
    expect(typeErrors({ text })).toEqual({ text: [] });
  });

  it('are those of custom resources too', async () => {
    const [definition] = readYamlDocuments(`
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: things.example.com }
spec:
  group: example.com
  names: { kind: Thing, plural: things }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, required: [size], properties: { size: { type: integer } } } } } }
`).map(({ value }) => value);
    const prelude = customBuilders(isRecord(definition) ? [definition] : []);
    const sources = sourcesOf(`
{ apiVersion: example.com/v1, kind: Thing, metadata: { name: good }, spec: { size: 1 } }
---
{ apiVersion: example.com/v1, kind: Thing, metadata: { name: less }, spec: {} }
---
{ apiVersion: example.com/v1, kind: Thing, metadata: { name: more }, spec: { size: 1, colour: red } }
---
{ apiVersion: example.com/v1, kind: Thing, metadata: { name: nought }, spec: { size: null } }
---
{ apiVersion: example.com/v2, kind: Thing, metadata: { name: other }, spec: 3 }
`);
    const { text, misfits } = await fittingProgram(sources, prelude, (program) => misfitsOf(program, declarations));
    expect(misfits.map(({ reason }) => reason)).toEqual([
      'its type asks for size',
      'its type has no colour here',
      expect.stringMatching(/^Type 'null' is not assignable/),
    ]);
    expect(text).toContain("const good = thing({ metadata: { name: 'good' }, spec: { size: 1 } });");
    expect(await evaluateProgram(text)).toEqual(sources.map(({ object }) => object));
    expect(typeErrors({ text })).toEqual({ text: [] });
  });

  it('cost nothing where there are none', async () => {
    const sources = sourcesOf('{ apiVersion: v1, kind: ConfigMap, metadata: { name: d }, data: { a: b } }');
    const asked: string[] = [];
    await fittingProgram(sources, undefined, (program) => {
      asked.push(program);
      return [];
    });
    expect(asked).toEqual([]);
  });
});
