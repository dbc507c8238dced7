import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processStart, writeRecord } from '../../src/cli/cluster-record.ts';
import { startTestServer } from '../support/api-server.ts';
import type { TestServer } from '../support/api-server.ts';
import { bundleProgram } from '../support/bundle.ts';
import { ServerError, startServer } from '../support/lsp-client.ts';
import type { LspClient } from '../support/lsp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const uri = 'untitled:web.yaml';
const text = `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data: {a: b}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - {name: web, image: nginx:1.27, envFrom: [{configMapRef: {name: settings}}]}
`;

/** A folder of clusters in which one called `test` runs: the test's own process. */
async function home(server: TestServer | undefined): Promise<string> {
  const folder = temporaryDirectory();
  if (server) {
    const kubeconfig = join(folder, 'config');
    await server.writeKubeconfig(kubeconfig);
    await writeRecord(join(folder, 'test'), {
      name: 'test',
      dataDir: folder,
      pid: process.pid,
      processStart: processStart(process.pid),
      server: `https://127.0.0.1:${server.port}`,
      port: server.port,
      kubeconfig,
      version: 'test',
      nodes: [],
      expose: false,
    });
  }
  return folder;
}

async function start(server: TestServer | undefined): Promise<LspClient> {
  const before = process.env['KUBEWRIGHT_HOME'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['KUBEWRIGHT_HOME'];
    else process.env['KUBEWRIGHT_HOME'] = before;
  });
  process.env['KUBEWRIGHT_HOME'] = await home(server);
  const program = await bundleProgram(new URL('../../src/cli/language-server/main.ts', import.meta.url));
  const client = await startServer(program);
  await client.request('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { codeLens: { refreshSupport: true } } },
    initializationOptions: { kubewright: { cluster: 'test' } },
  });
  client.notify('initialized', {});
  await client.open(uri, text);
  return client;
}

interface Lens {
  readonly range: { readonly start: { readonly line: number } };
  readonly command: { readonly title: string; readonly command: string; readonly arguments?: readonly unknown[] };
}

function lenses(client: LspClient, document = uri): Promise<readonly Lens[]> {
  return client.request<readonly Lens[]>('textDocument/codeLens', { textDocument: { uri: document } });
}

function titles(found: readonly Lens[]): readonly string[] {
  return found.map(({ range, command }) => `${range.start.line} ${command.title}`);
}

/** Asks whenever the server says that there is something new. */
async function until(client: LspClient, title: string, document = uri): Promise<readonly Lens[]> {
  for (;;) {
    const refreshed = client.next('workspace/codeLens/refresh');
    const found = await lenses(client, document);
    if (titles(found).includes(title)) return found;
    await refreshed;
  }
}

describe('the local cluster in the editor', () => {
  it('shows how objects are doing there, and takes them there', async () => {
    await using server = await startTestServer();
    await using client = await start(server);
    const before = await until(client, '6 ○ not in test');
    const apply = before.filter(({ command }) => command.title === 'apply to test');
    expect(apply.map(({ range }) => range.start.line)).toEqual([0, 6]);
    const { command } = apply[1] ?? before[0] ?? { command: { command: '', arguments: [] } };
    const outcome = await client.request('workspace/executeCommand', {
      command: command.command,
      arguments: command.arguments,
    });
    expect(outcome).toEqual([{ title: 'Deployment web' }]);
    const path = '/apis/apps/v1/namespaces/default/deployments/web';
    const { json, status } = await server.send('GET', path);
    expect(status).toBe(200);
    await until(client, '6 … not seen by its controller yet in test');
    expect(titles(await lenses(client))).toContain('0 ○ not in test');
    const ready = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
    const body = { ...json, status: { observedGeneration: 1, ...ready } };
    expect((await server.send('PUT', `${path}/status`, { body })).status).toBe(200);
    await until(client, '6 ✓ 2 of 2 available in test');
    // What the server refuses is told with its reason.
    const all = await client.request('workspace/executeCommand', {
      command: 'kubewright.applyToCluster',
      arguments: [uri],
    });
    expect(all).toEqual([{ title: 'ConfigMap settings' }, { title: 'Deployment web' }]);
    await until(client, '0 ✓ in test');
  });

  it('does so for what a program makes', async () => {
    await using server = await startTestServer();
    await using client = await start(server);
    const app = `file://${join(temporaryDirectory(), 'app.ts')}`;
    const program = `import { configMap } from 'kubewright';\n\nexport default configMap({ metadata: { name: 'Made' } });\n`;
    const checked = client.nextDiagnostics(app, ({ diagnostics }) => diagnostics.length > 0);
    client.notify('textDocument/didOpen', {
      textDocument: { uri: app, languageId: 'typescript', version: 1, text: program },
    });
    await checked;
    const mended = client.nextDiagnostics(app, ({ diagnostics }) => diagnostics.length === 0);
    client.notify('textDocument/didChange', {
      textDocument: { uri: app, version: 2 },
      contentChanges: [{ text: program.replace('Made', 'made') }],
    });
    await mended;
    const [, apply] = await until(client, '2 ConfigMap made: ○ not in test', app);
    const { command, arguments: words } = apply?.command ?? { command: '' };
    const outcome = await client.request('workspace/executeCommand', { command, arguments: words });
    expect(outcome).toEqual([{ title: 'ConfigMap made' }]);
    expect((await server.send('GET', '/api/v1/namespaces/default/configmaps/made')).status).toBe(200);
  });

  it('says nothing where no cluster runs, and how to start one when it is needed', async () => {
    await using client = await start(undefined);
    expect(titles(await lenses(client))).toEqual(['0 used in 1 place']);
    const applied = client.request('workspace/executeCommand', {
      command: 'kubewright.applyToCluster',
      arguments: [uri],
    });
    await expect(applied).rejects.toThrow(ServerError);
    await expect(applied).rejects.toThrow('kubewright cluster start --name test');
  });
});
