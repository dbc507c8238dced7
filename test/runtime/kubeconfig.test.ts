import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeKubeconfig, removeFromKubeconfig } from '../../src/runtime/kubeconfig.ts';
import { readYaml } from '../../src/types/yaml/read.ts';

const entry = {
  name: 'kubewright',
  server: 'https://127.0.0.1:6443',
  authority: 'CA',
  clientCertificate: 'CERT',
  clientKey: 'KEY',
};
const other = `apiVersion: v1
kind: Config
clusters: [{ name: far, cluster: { server: "https://far:6443" } }]
users: [{ name: far, user: { token: secret } }]
contexts: [{ name: far, context: { cluster: far, user: far, namespace: "n" } }]
current-context: far
extensions: [{ name: kept }]
`;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubewright-config-'));
  file = join(folder, 'config');
});
afterEach(() => rm(folder, { recursive: true }));

describe('the kubeconfig file', () => {
  it('is made for its owner alone', async () => {
    await mergeKubeconfig(file, entry);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['config']);
    expect(readYaml(await readFile(file, 'utf8'))).toMatchObject({ 'current-context': 'kubewright', kind: 'Config' });
  });

  it('keeps what others wrote, and is as before once the context is taken out', async () => {
    await writeFile(file, other);
    await mergeKubeconfig(file, entry);
    await mergeKubeconfig(file, { ...entry, server: 'https://127.0.0.1:7443' });
    const merged = readYaml(await readFile(file, 'utf8'));
    expect(merged).toMatchObject({
      clusters: [{ name: 'far' }, { name: 'kubewright', cluster: { server: 'https://127.0.0.1:7443' } }],
      users: [{ name: 'far', user: { token: 'secret' } }, { name: 'kubewright' }],
      extensions: [{ name: 'kept' }],
      'current-context': 'kubewright',
    });
    await removeFromKubeconfig(file, 'kubewright');
    expect(readYaml(await readFile(file, 'utf8'))).toMatchObject({
      clusters: [{ name: 'far' }],
      contexts: [{ name: 'far', context: { namespace: 'n' } }],
      'current-context': '',
    });
  });

  it('is left alone when it is something else', async () => {
    await writeFile(file, '- a list\n');
    await expect(mergeKubeconfig(file, entry)).rejects.toThrow(/is no kubeconfig/);
    expect(await readFile(file, 'utf8')).toBe('- a list\n');
  });

  it('need not be there to have a context taken out', async () => {
    await removeFromKubeconfig(file, 'kubewright');
    expect(await readdir(folder)).toEqual([]);
  });
});
