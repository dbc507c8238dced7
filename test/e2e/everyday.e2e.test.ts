/** `kubewright get`, `describe`, `events` and `delete`, for people without kubectl; of custom resources too. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { Following } from '../support/kubectl.ts';

const name = clusterName();
const cli = resolve(import.meta.dirname, '../../dist/cli.js');
let kubewright: CommandLine;
let folder: string;
let file: string;

const manifests = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all] }
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }]
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { size: { type: integer, minimum: 1 } } } }
---
apiVersion: example.com/v1
kind: Widget
metadata: { name: one, labels: { tier: front } }
spec: { size: 3 }
---
apiVersion: v1
kind: Secret
metadata: { name: login }
stringData: { password: opensesame }
`;

beforeAll(async () => {
  kubewright = new CommandLine();
  folder = mkdtempSync(join(tmpdir(), 'kubewright-everyday-'));
  file = join(folder, 'all.yaml');
  writeFileSync(file, manifests);
  await kubewright.ok(['cluster', 'start', '--name', name]);
  await kubewright.ok(['apply', file]);
});
afterAll(async () => {
  await kubewright[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function follow(...args: readonly string[]): Following {
  const env = { ...process.env, KUBEWRIGHT_HOME: kubewright.home, KUBECONFIG: kubewright.kubeconfig };
  return new Following(spawn(process.execPath, [cli, ...args], { env }));
}

describe('everyday commands', () => {
  it('find kinds that only the server knows', async () => {
    expect(await kubewright.ok(['get', 'wd'])).toBe('NAME   SIZE\none    3\n');
    expect(await kubewright.ok(['get', 'widgets.example.com/one', '-o', 'name'])).toBe('widget.example.com/one\n');
    expect(await kubewright.ok(['get', 'all'])).toMatch(/kubernetes[^]*one +3/);
    const unknown = await kubewright.run(['get', 'gadgets']);
    expect(unknown).toMatchObject({ code: 1, stderr: 'the server doesn\'t have a resource type "gadgets"\n' });
  });

  it('follow changes', async () => {
    await using watching = follow('get', 'wd', '-w');
    await watching.line(/^one +3/);
    await using names = follow('get', 'secrets', '-w', '-o', 'name');
    await names.line(/^secret\/login$/);
    writeFileSync(join(folder, 'more.yaml'), manifests.replace('size: 3', 'size: 5'));
    await kubewright.ok(['apply', join(folder, 'more.yaml')]);
    await watching.line(/^one +5/);
  });

  it('describe objects without telling secrets', async () => {
    const described = await kubewright.ok(['describe', 'widget', 'one']);
    expect(described).toMatch(/^Name: +one\nNamespace: +default\nLabels: +tier=front\n/);
    expect(described).toMatch(/Spec:\n {2}Size: +5\n/);
    const secret = await kubewright.ok(['describe', 'secret/login']);
    expect(secret).toMatch(/password: +10 bytes/);
    expect(secret).not.toContain('b3Blb');
    expect(await kubewright.run(['describe', 'widget', 'two'])).toMatchObject({
      code: 1,
      stderr: 'widgets "two" not found\n',
    });
  });

  it('list events of one object', async () => {
    const pod = join(folder, 'pod.yaml');
    writeFileSync(
      pod,
      'apiVersion: v1\nkind: Pod\nmetadata: { name: lost }\nspec: { nodeSelector: { no: where }, containers: [{ name: c, image: none.example.com/x:1 }] }\n',
    );
    await kubewright.ok(['apply', pod]);
    await using watching = follow('events', '--for', 'pod/lost', '--types', 'Warning', '-w');
    await watching.line(/Warning +FailedScheduling +pod\/lost/);
    expect(await kubewright.ok(['events', '--for', 'pod/lost'])).toContain('FailedScheduling');
    expect(await kubewright.ok(['describe', 'pod', 'lost'])).toMatch(/Events:\n {2}LAST SEEN[^]*FailedScheduling/);
    expect((await kubewright.run(['events', '--types', 'Odd'])).code).toBe(2);
    await kubewright.ok(['delete', '-f', pod]);
  });

  it('show what is used', async () => {
    // The first look is at the node's first 15 seconds, from one second on.
    expect(await kubewright.ok(['top', 'nodes'])).toMatch(
      new RegExp(
        `^NAME +CPU\\(cores\\) +CPU\\(%\\) +MEMORY\\(bytes\\) +MEMORY\\(%\\)\n${name} +\\d+m +\\d+% +\\d+Mi +\\d+%\n$`,
      ),
    );
    expect(await kubewright.ok(['top', 'node', name, '--no-headers', '--sort-by', 'memory'])).toMatch(
      new RegExp(`^${name} `),
    );
    const json: unknown = JSON.parse(await kubewright.ok(['top', 'nodes', '-o', 'json']));
    expect(json).toMatchObject({ items: [{ kind: 'NodeMetrics', metadata: { name } }] });
    const none = await kubewright.run(['top', 'pods']);
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No pods are measured in default.\n' });
    expect((await kubewright.run(['top', 'pod', 'none'])).code).toBe(1);
    expect((await kubewright.run(['top', 'services'])).code).toBe(2);
    expect((await kubewright.run(['top', 'pods', '--sort-by', 'name'])).code).toBe(2);
    expect(await kubewright.run(['get', 'pods'])).toMatchObject({ code: 0 });
  });

  it('delete by name, by label and by file, and wait until it is gone', async () => {
    expect(await kubewright.run(['delete', 'wd', 'two'])).toMatchObject({
      code: 1,
      stderr: 'widgets "two" not found\n',
    });
    expect(await kubewright.ok(['delete', 'wd', 'two', '--ignore-not-found'])).toBe('');
    expect((await kubewright.run(['delete', 'wd'])).code).toBe(2);
    expect((await kubewright.run(['delete', 'wd', 'one', '--grace-period', 'soon'])).code).toBe(2);
    expect(await kubewright.ok(['delete', 'wd', '-l', 'tier=front'])).toBe('widget.example.com "one" deleted\n');
    const { stdout } = await kubewright.run(['delete', '-f', file, '--ignore-not-found']);
    expect(stdout.split('\n').sort()).toEqual(
      [
        '',
        'customresourcedefinition.apiextensions.k8s.io "widgets.example.com" deleted',
        'secret "login" deleted',
      ].sort(),
    );
    expect((await kubewright.run(['get', 'wd'])).code).toBe(1);
  });
});
