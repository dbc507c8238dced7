/** Starts the server and registers the commands; what is known of Kubernetes is known there. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { ClusterView } from './cluster-view.ts';
import type { ClusterObject } from './cluster-objects.ts';
import { chooseCommandLine, chooseServer, contextOf } from './server-process.ts';

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
    documentSelector: [{ language: 'yaml' }, { language: 'json', pattern: '**/*.{json,yaml}' }],
    initializationOptions: { kubewright: { trusted } },
    synchronize: { configurationSection: 'kubewright' },
  });
  await client.start();
}

/** In a terminal: what runs for long is seen, and can be stopped. */
function inTerminal(title: string, words: readonly string[]): void {
  const [program, ...before] = commandLine();
  const terminal = vscode.window.createTerminal({ name: title, shellPath: program, shellArgs: [...before, ...words] });
  terminal.show(true);
}

async function showCompiled(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return;
  await document.save();
  const [program, ...before] = commandLine();
  const { stdout } = await run(program, [...before, 'build', document.uri.fsPath], { maxBuffer: 64 * 1024 * 1024 });
  const compiled = await vscode.workspace.openTextDocument({ language: 'yaml', content: stdout });
  await vscode.window.showTextDocument(compiled, vscode.ViewColumn.Beside, true);
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

/** What a command needs and does not get is told, not lost. */
function command(name: string, action: (...words: ClusterObject[]) => unknown): vscode.Disposable {
  return vscode.commands.registerCommand(`kubewright.${name}`, async (...words: ClusterObject[]) => {
    try {
      await action(...words);
    } catch (error) {
      await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  });
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Kubewright Cluster');
  const view = new ClusterView(
    commandLine,
    () => contextOf(clusterName()),
    (message) => output.appendLine(message),
  );
  const tree = vscode.window.createTreeView('kubewright.cluster', { treeDataProvider: view });
  context.subscriptions.push(
    output,
    view,
    tree,
    tree.onDidChangeVisibility(({ visible }) => view.watch(visible)),
    command('startCluster', () => inTerminal('Kubewright: start', ['cluster', 'start', '--name', clusterName()])),
    command('stopCluster', () => inTerminal('Kubewright: stop', ['cluster', 'stop', '--name', clusterName()])),
    command('apply', apply),
    command('showCompiled', showCompiled),
    command('refresh', () => view.refresh()),
    command('logs', (pod) => {
      if (!pod) return;
      const words = ['logs', pod.name, '-n', pod.namespace, '-f', '--context', contextOf(clusterName())];
      inTerminal(`Logs: ${pod.name}`, words);
    }),
    command('restartServer', async () => {
      await client?.stop();
      await startServer(context);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => vscode.commands.executeCommand('kubewright.restartServer')),
  );
  view.watch(tree.visible);
  await startServer(context);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
