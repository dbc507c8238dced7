/** `kubewright dashboard`: the cluster in a browser. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { builtFile } from '../../compiler/package-folder.ts';
import { startDashboard } from '../../dashboard/dashboard-server.ts';
import { systemClock } from '../../shared/clock.ts';
import { isRunning, readRecord } from '../cluster-record.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import { checkClusterName, clusterFolder } from '../home.ts';
import { interruption } from '../interruption.ts';
import { readinessOf } from '../up/readiness.ts';

interface Options {
  readonly name?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly port: string;
  readonly open: boolean;
}

/** @throws Exit */
async function kubeconfigOf(name: string): Promise<string> {
  const record = await readRecord(clusterFolder(checkClusterName(name)));
  if (record && isRunning(record)) return record.kubeconfig;
  throw new Exit(1, `cluster ${name} does not run; start it with "kubewright cluster start --name ${name}"`);
}

function openBrowser(url: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  // The address is printed; without a browser here it is opened elsewhere.
  child.on('error', () => undefined);
  child.unref();
}

async function dashboard(options: Options): Promise<void> {
  const port = Number(options.port);
  if (!/^\d+$/.test(options.port) || port > 65_535) throw usageError(`--port takes a port, not ${options.port}`);
  using interrupted = interruption();
  const { signal } = interrupted;
  const kubeconfig = options.name === undefined ? options.kubeconfig : await kubeconfigOf(options.name);
  using connection = await connect(
    {
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(options.context === undefined ? {} : { context: options.context }),
    },
    signal,
  );
  const [html, script, style] = await Promise.all(
    ['index.html', 'page.js', 'style.css'].map((file) => readFile(builtFile(`dashboard/${file}`), 'utf8')),
  );
  await using started = await startDashboard({
    http: connection.http,
    context: connection.context,
    clock: systemClock,
    port,
    page: { html: html ?? '', script: script ?? '', style: style ?? '' },
    judge: readinessOf,
  });
  process.stdout.write(`${started.url}\n`);
  if (options.open && process.stdout.isTTY) openBrowser(started.url);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  signal.throwIfAborted();
}

export function configure(command: Command): void {
  command
    .option('--name <cluster>', 'a local cluster; else what the kubeconfig says')
    .option('--context <context>', 'context of the kubeconfig; the current one when left out')
    .option('--kubeconfig <file>', 'kubeconfig; what KUBECONFIG names, else ~/.kube/config')
    .option('--port <port>', 'port of 127.0.0.1; any free one when left out', '0')
    .option('--no-open', 'print the address only')
    .action(dashboard);
}
