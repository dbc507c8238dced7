/** `kubewright apply` and `diff` against a server that other people change too. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { Kubectl } from '../support/kubectl.ts';

const name = clusterName();
let kubewright: CommandLine;
let folder: string;
beforeAll(async () => {
  kubewright = new CommandLine();
  folder = mkdtempSync(join(tmpdir(), 'kubewright-apply-'));
  await kubewright.ok(['cluster', 'start', '--name', name]);
});
afterAll(async () => {
  await kubewright[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function manifest(file: string, text: string): string {
  const path = join(folder, file);
  writeFileSync(path, text);
  return path;
}

const shop = (b: string, password: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
data: { a: "1", b: "${b}" }
---
apiVersion: v1
kind: Secret
metadata: { name: login, namespace: shop }
stringData: { password: ${password} }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`;

describe('apply and diff', () => {
  it('tell of a whole new namespace, apply it, and see no difference then', async () => {
    const path = manifest('shop.yaml', shop('2', 'first'));
    const before = await kubewright.run(['diff', path]);
    expect(before.code, before.stderr).toBe(1);
    expect(before.stdout).toContain('+++ applied/ConfigMap shop/settings');
    expect(before.stdout).not.toContain('first');
    expect(await kubewright.ok(['apply', path])).toBe(
      'namespace/shop created\nconfigmap/settings created\nsecret/login created\n',
    );
    expect((await kubewright.run(['diff', path])).code).toBe(0);
    expect(await kubewright.ok(['apply', path])).toBe(
      'namespace/shop unchanged\nconfigmap/settings unchanged\nsecret/login unchanged\n',
    );
  });

  it('show what changes, values of secrets only as changed', async () => {
    const path = manifest('shop.yaml', shop('3', 'second'));
    const { code, stdout } = await kubewright.run(['diff', path]);
    expect(code).toBe(1);
    expect(stdout).toContain("-  b: '2'\n+  b: '3'\n");
    expect(stdout).toContain("-  password: '*** (before)'\n+  password: '*** (after)'\n");
    const tried = await kubewright.ok(['apply', '--dry-run', path]);
    expect(tried).toContain('configmap/settings configured (server dry run)');
    expect((await kubewright.run(['diff', path])).code).toBe(1);
  });

  it('leave fields of other managers alone until told otherwise, and apply the rest', async () => {
    const kubectl = new Kubectl(kubewright.kubeconfig).in('shop');
    await kubectl.ok(['patch', 'configmap', 'settings', '-p', '{"data":{"a":"theirs"}}']);
    const path = manifest('shop.yaml', shop('4', 'third'));
    const refused = await kubewright.run(['apply', path]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /shop\.yaml:5:12: error: ConfigMap shop\/settings: Apply failed with 1 conflict.*\.data\.a/,
    );
    expect(refused.stderr).toContain('--force-conflicts');
    expect(refused.stdout).toContain('secret/login configured');
    expect((await kubewright.run(['diff', path])).code).toBe(2);
    expect(await kubewright.ok(['apply', '--force-conflicts', path])).toContain('configmap/settings configured');
    expect(await kubectl.ok(['get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}{.data.b}'])).toBe('14');
  });

  it('put what names no namespace where they are told', async () => {
    const path = manifest('plain.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\n');
    await kubewright.ok(['apply', '-n', 'shop', path]);
    expect((await kubewright.run(['diff', '-n', 'shop', path])).code).toBe(0);
    expect((await kubewright.run(['diff', path])).code).toBe(1);
  });

  it('end with a clear error for a context that is not there and a manifest that is wrong', async () => {
    const path = manifest('plain.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\n');
    const lost = await kubewright.run(['apply', '--context', 'nowhere', path]);
    expect(lost.code).toBe(1);
    expect(lost.stderr).toContain('"nowhere"');
    const wrong = manifest('wrong.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: Plain_1 }\n');
    const { code, stderr } = await kubewright.run(['apply', wrong]);
    expect(code).toBe(1);
    expect(stderr).toContain('wrong.yaml:3');
  });
});
