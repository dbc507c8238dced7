import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compile } from '../../src/index.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function compiled(body: string) {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'app.ts': `import * as k from 'kubewright';\n${body}\n` });
  const { set, problems } = await compile(join(folder, 'app.ts'));
  const told = problems.map(({ severity, path, message, place }) => `${severity} ${place?.line} ${path}: ${message}`);
  return { objects: set?.manifests.map(({ object }) => object), told };
}
const service = "apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }";

it('raw objects keep fields that nobody knows, through patches and groups, and tell of them', async () => {
  const { objects, told } =
    await compiled(`const made = k.raw({ ${service}, spec: { ports: [{ port: 80, sinceNextYear: 1 }] } });
export default k.namespaced('shop', k.patched([made], { kind: 'Service' }, {
  spec: { fromAnotherWorld: { deep: [1] } } }));`);
  expect(told).toEqual([
    'warning 2 spec.ports[0].sinceNextYear: unknown field; it is kept as it is',
    'warning 4 spec.fromAnotherWorld: unknown field; it is kept as it is',
  ]);
  expect(objects).toMatchObject([
    { metadata: { namespace: 'shop' }, spec: { ports: [{ sinceNextYear: 1 }], fromAnotherWorld: { deep: [1] } } },
  ]);
});

it('what looks like a slip is an error there too, and every unknown field is one elsewhere', async () => {
  const { objects, told } = await compiled(`export default [
  k.raw({ ${service}, spec: { clusterIp: 'None', ports: [{ port: 80 }] } }),
  k.configMap({ metadata: { name: 'a' }, fromAnotherWorld: 1 } as never),
];`);
  expect(told).toEqual([
    'error 3 spec.clusterIp: unknown field; did you mean clusterIP?',
    'error 4 fromAnotherWorld: unknown field',
  ]);
  expect(objects).toBeUndefined();
});
