/** `kubewright dashboard` in a real browser, on a cluster that runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterRows } from '../../vscode-extension/src/cluster-rows.ts';
import { startDashboardProcess } from '../../vscode-extension/src/dashboard-process.ts';
import { openPage } from '../support/browser.ts';
import { BUSYBOX_IMAGE, clusterName } from '../support/cluster.ts';
import { CommandLine } from '../support/command-line.ts';
import { localDocker } from '../support/docker.ts';
import { Following, Kubectl } from '../support/kubectl.ts';

const name = clusterName();
const cli = resolve(import.meta.dirname, '../../dist/cli.js');
let kubewright: CommandLine;
let folder: string;
let kubectl: Kubectl;
let started: Following;
let url: string;

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: web, image: "${BUSYBOX_IMAGE}", command: [sh, -c, "echo '<b>begun</b>'; sleep 1000"] }]
---
apiVersion: v1
kind: Secret
metadata: { name: login }
stringData: { password: opensesame }
`;

beforeAll(async () => {
  await using engine = await localDocker([BUSYBOX_IMAGE]);
  await engine.info(new AbortController().signal);
  kubewright = new CommandLine();
  folder = mkdtempSync(join(tmpdir(), 'kubewright-dashboard-'));
  const path = join(folder, 'web.yaml');
  writeFileSync(path, manifests);
  await kubewright.ok(['up', path, '--name', name]);
  kubectl = new Kubectl(kubewright.kubeconfig);
  const child = spawn(process.execPath, [cli, 'dashboard', '--no-open'], {
    env: { ...process.env, KUBEWRIGHT_HOME: kubewright.home, KUBECONFIG: kubewright.kubeconfig },
  });
  started = new Following(child);
  url = await started.line(/^http:/);
});
afterAll(async () => {
  await started[Symbol.asyncDispose]();
  await kubewright[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The status of a plain request, as some other program of the machine would send it. */
async function statusOf(path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, headers });
  sent.end();
  const [response]: { readonly statusCode?: number; resume(): void }[] = await once(sent, 'response');
  response?.resume();
  return response?.statusCode ?? 0;
}

describe('the dashboard', () => {
  it('shows what runs, live', async () => {
    await using opened = await openPage(url);
    const { page } = opened;
    await page.getByRole('button', { name: 'web', exact: true }).waitFor();
    await page.getByText('1 of 1 available').waitFor();
    expect(await page.getByRole('columnheader').allTextContents()).toEqual(
      expect.arrayContaining(['Namespace', 'Name', 'Ready', 'Age']),
    );
    await kubectl.ok(['create', 'configmap', 'born-later', '--from-literal=a=b']);
    await page.getByRole('button', { name: /^ConfigMap/ }).click();
    await page.getByRole('button', { name: 'born-later' }).waitFor();
    await kubectl.ok(['delete', 'configmap', 'born-later']);
    await page.getByRole('button', { name: 'born-later' }).waitFor({ state: 'detached' });
    expect(opened.complaints).toEqual([]);
    // The token does not stay in the address.
    expect(page.url()).not.toContain('#');
  });

  it('shows logs as text, YAML, events and relatives of an object', async () => {
    await using opened = await openPage(url);
    const { page } = opened;
    await page.getByRole('button', { name: 'web', exact: true }).click();
    await page.getByRole('button', { name: /^replicasets\/web-/ }).click();
    await page.getByRole('button', { name: /^pods\/web-/ }).click();
    const panel = page.getByRole('complementary', { name: 'Object' });
    await panel.getByRole('button', { name: 'web', exact: true }).click();
    await panel.getByText('<b>begun</b>').first().waitFor();
    await panel.getByRole('cell', { name: 'Started', exact: true }).waitFor();
    expect(await panel.getByLabel('YAML').textContent()).toContain(`image: ${BUSYBOX_IMAGE}`);
    expect(opened.complaints).toEqual([]);
  });

  it('masks the values of secrets until they are asked for', async () => {
    await using opened = await openPage(url);
    const { page } = opened;
    await page.getByRole('button', { name: /^Secret/ }).click();
    await page.getByRole('button', { name: 'login', exact: true }).click();
    const yaml = page.getByLabel('YAML');
    await yaml.waitFor();
    expect(await yaml.textContent()).not.toContain('b3BlbnNlc2FtZQ==');
    await page.getByRole('button', { name: 'show values' }).click();
    await page.getByText('b3BlbnNlc2FtZQ==').waitFor();
  });

  it('scales, restarts and deletes after it asked', async () => {
    await using opened = await openPage(url);
    const { page } = opened;
    await page.getByRole('button', { name: 'web', exact: true }).click();
    await page.getByRole('button', { name: 'scale', exact: true }).click();
    await page.getByRole('spinbutton', { name: 'Replicas' }).fill('2');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await kubectl.ok('get deploy web -o jsonpath={.spec.replicas}')).toBe('1');
    await page.getByRole('button', { name: 'scale', exact: true }).click();
    await page.getByRole('spinbutton', { name: 'Replicas' }).fill('2');
    await page.getByRole('dialog').getByRole('button', { name: 'scale' }).click();
    await page.getByText('2 of 2 available').first().waitFor();
    await page.getByRole('button', { name: 'restart', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'restart' }).click();
    await page.getByText('restart: done').waitFor();
    await kubectl.ok('rollout status deploy/web');
    await page.getByRole('button', { name: 'delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'delete' }).click();
    await page.getByText('Nothing here.').waitFor();
    expect(await kubectl.refused('get deploy web')).toContain('not found');
    expect(opened.complaints).toEqual([]);
  });

  it('answers nobody without its token, and no page of another name', async () => {
    expect(await statusOf('/api/changes')).toBe(401);
    expect(await statusOf('/api/object?kind=v1/secrets&name=login', { authorization: 'Bearer x' })).toBe(401);
    expect(await statusOf('/', { host: 'attacker.example.com' })).toBe(421);
    expect(await statusOf('/../../etc/passwd')).toBe(401);
    const lost = url.replace(/#.*/, '#wrong');
    await using opened = await openPage(lost);
    await opened.page.getByText('lacks its token').waitFor();
  });

  it('cannot be framed by other pages', async () => {
    await using opened = await openPage(new URL('/api/', url).href);
    await opened.page.setContent(`<iframe src="${url}"></iframe>`);
    await opened.page.waitForTimeout(0);
    await expect.poll(() => opened.complaints.join()).toMatch(/frame-ancestors|refused to connect|Framing/i);
  });

  it('tells the editor of every change', async () => {
    const link = await startDashboardProcess(
      [process.execPath, cli],
      name === 'kubewright' ? name : `kubewright-${name}`,
      {
        KUBEWRIGHT_HOME: kubewright.home,
        KUBECONFIG: kubewright.kubeconfig,
      },
    );
    try {
      const rows = new ClusterRows();
      const abort = new AbortController();
      for await (const change of link.changes(abort.signal)) {
        rows.take(change);
        const group = rows.groups().find(({ kind }) => kind.kind === 'Secret');
        if (group?.rows.some((row) => row.name === 'login')) break;
      }
      const secret = rows
        .groups()
        .find(({ kind }) => kind.kind === 'Secret')
        ?.rows.find((row) => row.name === 'login');
      expect(secret?.namespace).toBe('default');
      await expect(
        link.act({ action: 'delete', kind: 'v1/secrets', namespace: 'default', name: 'nobody' }),
      ).resolves.toBeUndefined();
      await expect(
        link.act({ action: 'scale', kind: 'v1/secrets', namespace: 'default', name: 'login' }),
      ).rejects.toThrow();
    } finally {
      link.dispose();
    }
    await expect(startDashboardProcess([process.execPath, cli], 'nowhere')).rejects.toThrow('nowhere');
    await expect(startDashboardProcess(['no-such-program'], 'any')).rejects.toThrow('npm install');
  });

  it('says so when the cluster is gone, and goes on when it is back', async () => {
    await using opened = await openPage(url);
    const { page } = opened;
    await page.getByRole('button', { name: /^Secret/ }).click();
    await page.getByRole('button', { name: 'login', exact: true }).waitFor();
    await kubewright.ok(['cluster', 'stop', '--name', name]);
    await page.getByText('cannot reach the API server').waitFor();
    await kubewright.ok(['cluster', 'start', '--name', name]);
    await page.getByText('cannot reach the API server').waitFor({ state: 'hidden' });
    await kubectl.ok(['create', 'secret', 'generic', 'late', '--from-literal=a=b']);
    await page.getByRole('button', { name: 'late', exact: true }).waitFor();
  });
});
