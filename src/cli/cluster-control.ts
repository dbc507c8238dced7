/** Starts, stops and deletes clusters from outside their process. */
import { spawn } from 'node:child_process';
import { open, readFile, rm } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemClock, sleep } from '../shared/clock.ts';
import { builtFile } from '../compiler/package-folder.ts';
import { Exit } from './command.ts';
import { isRunning, readRecord } from './cluster-record.ts';
import type { ClusterRecord } from './cluster-record.ts';
import { isDaemonMessage } from './daemon-options.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { clusterFolder } from './home.ts';

export interface StartOptions {
  readonly port?: number;
  readonly dataDir?: string;
  readonly store?: string;
  readonly expose?: boolean;
}

/** What the daemon is started with: what was asked now, else what the cluster had before. */
export async function daemonOptions(name: string, options: StartOptions): Promise<DaemonOptions> {
  const folder = clusterFolder(name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const before = await readRecord(folder);
  const dataDir = options.dataDir === undefined ? (before?.dataDir ?? folder) : resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  return {
    name,
    folder,
    dataDir,
    port: options.port ?? before?.port ?? 0,
    store: storeOf(name, options.store, before),
    expose: options.expose ?? before?.expose ?? false,
  };
}

/** The store that holds the cluster's state; that of a cluster that has run before is not another all of a sudden. */
function storeOf(name: string, asked: string | undefined, before: ClusterRecord | undefined): string {
  const known = before === undefined ? undefined : (before.store ?? 'lmdb');
  if (asked === undefined || known === undefined || asked === known) return asked ?? known ?? 'lmdb';
  // An etcd can move.
  const scheme = (store: string): string => store.replace(/s?:.*/s, '');
  if (scheme(asked) === scheme(known)) return asked;
  throw new Exit(
    2,
    `cluster ${name} has its state in ${known}, and starting it on ${asked} would begin anew: ` +
      `delete it first (kubewright cluster delete --name ${name}), or start another with --name`,
  );
}

async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').slice(-15).join('\n').trim();
}

/** Starts the background daemon and resolves once its API answers. @throws Exit with the daemon's own reason */
export async function startDaemon(options: DaemonOptions): Promise<ClusterRecord> {
  const logFile = join(options.folder, 'daemon.log');
  const log = await open(logFile, 'a', 0o600);
  try {
    const daemon = spawn(process.execPath, ['--enable-source-maps', builtFile('daemon.js'), JSON.stringify(options)], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      cwd: options.folder,
    });
    const failure = await new Promise<string | undefined>((resolve) => {
      daemon.once('error', (error) => resolve(error.message));
      daemon.once('exit', (code, signal) =>
        resolve(`the daemon ended (${signal ?? `code ${code ?? '?'}`}) before it was ready`),
      );
      daemon.on('message', (message: unknown) => {
        if (isDaemonMessage(message)) resolve('failed' in message ? message.failed : undefined);
      });
    });
    if (failure !== undefined) {
      const tail = failure.startsWith('the daemon ended') ? `\n${await logTail(logFile)}` : '';
      throw new Exit(1, `cluster ${options.name} could not be started: ${failure}${tail}\nIts log: ${logFile}`);
    }
    if (daemon.connected) daemon.disconnect();
    daemon.unref();
  } finally {
    await log.close();
  }
  const record = await readRecord(options.folder);
  if (!record) throw new Exit(1, `cluster ${options.name} started, but left no record in ${options.folder}`);
  return record;
}

/** Asks the daemon to stop (with SIGQUIT to leave its containers) and waits until its process is gone. False when it was not running. */
export async function stopDaemon(
  name: string,
  signal: AbortSignal,
  how: 'SIGTERM' | 'SIGQUIT' = 'SIGTERM',
): Promise<boolean> {
  const record = await readRecord(clusterFolder(name));
  if (!record || !isRunning(record)) return false;
  process.kill(record.pid, how);
  const deadline = systemClock.monotonic() + 120_000;
  while (isRunning(record)) {
    if (systemClock.monotonic() > deadline) {
      throw new Exit(
        1,
        `cluster ${name} did not stop within 2 minutes; its process is ${record.pid}, its log ${join(clusterFolder(name), 'daemon.log')}`,
      );
    }
    await sleep(systemClock, 20, signal);
  }
  return true;
}

/** Stops the cluster and removes all that is left of it on the machine. False when there was none. */
export async function deleteCluster(name: string, signal: AbortSignal): Promise<boolean> {
  const folder = clusterFolder(name);
  const record = await readRecord(folder);
  await stopDaemon(name, signal, 'SIGQUIT');
  const { removeCluster, removeRemoteState } = await import('../runtime/index.ts');
  const found = await removeCluster({ name, dataDir: record?.dataDir ?? folder });
  await rm(folder, { recursive: true, force: true });
  await removeRemoteState(name, record?.store);
  return found || record !== undefined;
}
