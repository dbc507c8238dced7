/** `kubewright cluster start|stop|status|list|delete`. */
import type { Command } from 'commander';
import { Kubeconfig } from '../../runtime/client/kubeconfig-reader.ts';
import { readYaml } from '../../types/yaml/read.ts';
import { mergeKubeconfig, removeFromKubeconfig } from '../../runtime/kubeconfig.ts';
import { deleteCluster, daemonOptions, startDaemon, stopDaemon } from '../cluster-control.ts';
import type { StartOptions } from '../cluster-control.ts';
import { clusterNames, isRunning, readRecord, statusOf } from '../cluster-record.ts';
import type { ClusterRecord, ClusterStatus } from '../cluster-record.ts';
import { Exit, usageError } from '../command.ts';
import { checkClusterName, clusterFolder, contextName, defaultClusterName, userKubeconfig } from '../home.ts';
import { interruption } from '../interruption.ts';
import { printTable } from '../output.ts';

interface NameOption {
  readonly name: string;
}
interface StartFlags extends NameOption {
  readonly port?: string;
  readonly dataDir?: string;
  readonly store?: string;
  readonly foreground?: boolean;
  readonly kubeconfig?: string;
  readonly expose?: boolean;
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw usageError(`--port takes a number from 1 to 65535, not ${text}`);
  return port;
}

function startOptions({ port, dataDir, store, expose }: Omit<StartFlags, 'name'>): StartOptions {
  const number = parsePort(port);
  return {
    ...(number === undefined ? {} : { port: number }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(store === undefined ? {} : { store }),
    ...(expose === undefined ? {} : { expose }),
  };
}

/** Merges the cluster's context into the user's kubeconfig, or writes it to the file that was named. */
export async function publishKubeconfig(record: ClusterRecord, file: string | undefined): Promise<string> {
  const target = file ?? userKubeconfig();
  const own = await Kubeconfig.read([record.kubeconfig], readYaml);
  const { cluster, user } = await own.context(undefined);
  await mergeKubeconfig(target, {
    name: contextName(record.name),
    server: cluster.server,
    authority: cluster.certificateAuthority ?? '',
    clientCertificate: user.clientCertificate ?? '',
    clientKey: user.clientKey ?? '',
  });
  return target;
}

export async function ensureStarted(
  name: string,
  flags: Omit<StartFlags, 'name' | 'foreground'>,
): Promise<ClusterRecord> {
  const running = await readRecord(clusterFolder(name));
  if (running && isRunning(running)) return running;
  return startDaemon(await daemonOptions(name, startOptions(flags)));
}

async function start(flags: StartFlags): Promise<void> {
  const name = checkClusterName(flags.name);
  const before = await readRecord(clusterFolder(name));
  if (before && isRunning(before)) {
    const file = await publishKubeconfig(before, flags.kubeconfig);
    process.stdout.write(
      `Cluster ${name} is running already at ${before.server}; kubeconfig context ${contextName(name)} in ${file}\n`,
    );
    return;
  }
  if (flags.foreground === true) {
    const { serve } = await import('../serve.ts');
    const options = await daemonOptions(name, startOptions(flags));
    await serve(options, async (record) => {
      const context = `kubeconfig context ${contextName(name)} in ${await publishKubeconfig(record, flags.kubeconfig)}`;
      process.stdout.write(`Cluster ${name} runs at ${record.server}; ${context}. Stop it with Ctrl-C\n`);
    });
    return;
  }
  const record = await ensureStarted(name, flags);
  const file = await publishKubeconfig(record, flags.kubeconfig);
  process.stdout.write(
    `Cluster ${name} runs at ${record.server}; kubeconfig context ${contextName(name)} in ${file}\n`,
  );
}

async function stop({ name }: NameOption): Promise<void> {
  using interrupted = interruption();
  const stopped = await stopDaemon(checkClusterName(name), interrupted.signal);
  if (!stopped && (await statusOf(name)).state === 'absent') throw new Exit(1, `there is no cluster ${name}`);
  process.stdout.write(
    stopped ? `Cluster ${name} is stopped; its state is kept\n` : `Cluster ${name} was not running\n`,
  );
}

function print(statuses: readonly ClusterStatus[], output: string | undefined, single: boolean): void {
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify(single ? statuses[0] : statuses, undefined, 2)}\n`);
  } else if (output !== undefined) {
    throw usageError(`--output is json, not ${output}`);
  } else {
    const rows = statuses.map((status) => [
      status.name,
      status.state,
      String(status.pid ?? ''),
      status.server ?? '',
      status.version ?? '',
    ]);
    printTable(['NAME', 'STATE', 'PID', 'SERVER', 'VERSION'], rows);
  }
}

async function remove({ name, kubeconfig }: NameOption & { readonly kubeconfig?: string }): Promise<void> {
  using interrupted = interruption();
  const found = await deleteCluster(checkClusterName(name), interrupted.signal);
  await removeFromKubeconfig(kubeconfig ?? userKubeconfig(), contextName(name));
  process.stdout.write(found ? `Cluster ${name} is deleted\n` : `There was no cluster ${name}\n`);
}

export function configure(command: Command): void {
  const named = (word: string, summary: string): Command =>
    command.command(word).description(summary).option('--name <name>', 'name of the cluster', defaultClusterName);
  named('start', 'start a cluster in the background')
    .option('--port <port>', 'port of the API server on 127.0.0.1')
    .option('--data-dir <dir>', 'where its state is kept')
    .option('--store <store>', 'lmdb, etcd://HOST:PORT, or memory for a cluster that forgets')
    .option('--foreground', 'stay in the foreground')
    .option('--expose', "let NodePorts answer on the machine's other addresses too")
    .option('--kubeconfig <file>', 'kubeconfig to merge the context into')
    .action(start);
  named('stop', 'stop a cluster and keep its state').action(stop);
  named('status', 'show the state of a cluster')
    .option('--output <format>', 'json')
    .action(async ({ name, output }: NameOption & { readonly output?: string }) => {
      print([await statusOf(checkClusterName(name))], output, true);
    });
  command
    .command('list')
    .description('list all clusters')
    .option('--output <format>', 'json')
    .action(async ({ output }: { readonly output?: string }) => {
      print(await Promise.all((await clusterNames()).map(statusOf)), output, false);
    });
  named('delete', 'stop a cluster and remove everything of it')
    .option('--kubeconfig <file>', 'kubeconfig to remove the context from')
    .action(remove);
}
