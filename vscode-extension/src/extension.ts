/** Starts the server and registers the commands; what is known of Kubernetes is known there. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { ClusterLink } from './cluster-link.ts';
import { portsOf, target } from './cluster-rows.ts';
import type { Row } from './cluster-rows.ts';
import { ClusterView } from './cluster-view.ts';
import { dashboardHtml } from './dashboard-panel.ts';
import { chooseCommandLine, chooseServer, contextOf, hasTypeScriptPlugin } from './server-process.ts';

const run = promisify(execFile);
let client: LanguageClient | undefined;

function folders(): readonly string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration('kubewright');
}

function commandLine(): readonly [string, ...string[]] {
  return chooseCommandLine(folders(), vscode.workspace.isTrusted);
}

async function startServer(context: vscode.ExtensionContext): Promise<void> {
  const trusted = vscode.workspace.isTrusted;
  const configured = settings().get<string>('server.path') ?? '';
  const { file } = chooseServer(configured, folders(), context.extensionPath, trusted);
  const server = { module: file, transport: TransportKind.stdio };
  client = new LanguageClient('kubewright', 'Kubewright', server, {
    documentSelector: [
      { language: 'yaml' },
      { language: 'json', pattern: '**/*.{json,yaml}' },
      ...(hasTypeScriptPlugin(folders()) ? [] : [{ language: 'typescript' }]),
    ],
    initializationOptions: { kubewright: { trusted } },
    synchronize: { configurationSection: 'kubewright' },
  });
  await client.start();
}

/** In a terminal: what runs for long is seen, and can be stopped. */
function inTerminal(title: string, words: readonly string[]): void {
  const [program, ...before] = commandLine();
  // The editor's own program is a Node only when told so.
  const env = { ELECTRON_RUN_AS_NODE: '1' };
  const shellArgs = [...before, ...words];
  const terminal = vscode.window.createTerminal({ name: title, shellPath: program, shellArgs, env });
  terminal.show(true);
}

async function showCompiled(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return;
  await document.save();
  await showYaml(await said('build', document.uri.fsPath));
}

/** The standard output of a command. @throws Error with what it said otherwise */
async function said(...words: readonly string[]): Promise<string> {
  const [program, ...before] = commandLine();
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { stdout } = await run(program, [...before, ...words], { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

async function showYaml(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'yaml', content });
  await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside, true);
}

/** The words that name an object of the local cluster. */
function at(row: Row): readonly string[] {
  return [target(row), ...(row.namespace === '' ? [] : ['-n', row.namespace]), '--context', contextOf(clusterName())];
}

async function portForward(row: Row): Promise<void> {
  const ports = portsOf(await said('get', ...at(row), '-o', 'json'));
  const port = await vscode.window.showQuickPick(ports, { placeHolder: `Port of ${target(row)}` });
  if (port !== undefined) inTerminal(`Ports: ${row.name}`, ['port-forward', ...at(row), `:${port}`]);
}

async function openDashboard(link: ClusterLink): Promise<void> {
  const { url } = await link.process();
  const panel = vscode.window.createWebviewPanel('kubewright.dashboard', 'Kubewright', vscode.ViewColumn.Active, {
    enableScripts: true,
    retainContextWhenHidden: true,
  });
  // Where the editor's window is on another machine, this is the address that reaches here.
  panel.webview.html = dashboardHtml((await vscode.env.asExternalUri(vscode.Uri.parse(url))).toString(true));
}

async function deleteObject(link: ClusterLink, row: Row): Promise<void> {
  const answer = await vscode.window.showWarningMessage(`Delete ${target(row)}?`, { modal: true }, 'Delete');
  const { kind, namespace, name } = row;
  if (answer === 'Delete') await (await link.process()).act({ action: 'delete', kind, namespace, name });
}

async function apply(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return;
  await document.save();
  inTerminal('Kubewright: apply', ['up', document.uri.fsPath, '--name', clusterName()]);
}

function clusterName(): string {
  return settings().get<string>('cluster') ?? 'kubewright';
}

/** What goes wrong in a command is told, not lost. Commands of the tree get the row that they were called at. */
function command(name: string, action: (row: Row) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(`kubewright.${name}`, async (row: Row) => {
    try {
      await action(row);
    } catch (error) {
      await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  });
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Kubewright Cluster');
  const view = new ClusterView();
  const status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Left);
  const link = new ClusterLink(
    commandLine,
    () => contextOf(clusterName()),
    (running) => {
      status.text = running ? `$(pass) ${clusterName()}` : `$(circle-slash) ${clusterName()}`;
      status.tooltip = running ? 'Kubewright: open the dashboard' : 'Kubewright: the local cluster does not run';
      status.command = running ? 'kubewright.openDashboard' : 'kubewright.startCluster';
      status.show();
      view.draw();
    },
    (message) => output.appendLine(message),
  );
  view.show(link);
  const tree = vscode.window.createTreeView('kubewright.cluster', { treeDataProvider: view });
  context.subscriptions.push(
    output,
    view,
    link,
    status,
    tree,
    tree.onDidChangeVisibility(({ visible }) => link.follow(visible)),
    command('startCluster', () => inTerminal('Kubewright: start', ['cluster', 'start', '--name', clusterName()])),
    command('stopCluster', () => inTerminal('Kubewright: stop', ['cluster', 'stop', '--name', clusterName()])),
    command('apply', apply),
    command('showCompiled', showCompiled),
    command('refresh', () => link.refresh()),
    command('openDashboard', () => openDashboard(link)),
    command('logs', (row) => inTerminal(`Logs: ${row.name}`, ['logs', ...at(row), '-f'])),
    command('showObject', async (row) => showYaml(await said('get', ...at(row), '-o', 'yaml'))),
    command('portForward', portForward),
    command('delete', (row) => deleteObject(link, row)),
    command('restartServer', async () => {
      await client?.stop();
      await startServer(context);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => vscode.commands.executeCommand('kubewright.restartServer')),
  );
  link.follow(tree.visible);
  await startServer(context);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
