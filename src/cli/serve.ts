/** Runs a cluster in this process until it is told to stop. */
import { createLogger } from '../shared/logger.ts';
import { startCluster } from '../runtime/index.ts';
import { processStart, readRecord, writeRecord } from './cluster-record.ts';
import type { ClusterRecord } from './cluster-record.ts';
import type { DaemonOptions } from './daemon-options.ts';
import { version } from './version.ts';

/**
 * Resolves after SIGTERM, SIGINT or SIGQUIT, when everything has been stopped; after SIGQUIT containers run on. `ready` is
 * called once the API answers.
 */
export async function serve(
  options: DaemonOptions,
  ready: (record: ClusterRecord) => Promise<void> | void,
): Promise<void> {
  const stopping = new AbortController();
  let leaveContainers = false;
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => stopping.abort());
  // Of a cluster that is about to be deleted: its containers are then removed at once.
  process.once('SIGQUIT', () => {
    leaveContainers = true;
    stopping.abort();
  });
  const cluster = await startCluster({
    name: options.name,
    dataDir: options.dataDir,
    port: options.port,
    store: options.store,
    expose: options.expose,
    logger: createLogger(1),
  });
  const started: ClusterRecord = {
    name: options.name,
    dataDir: options.dataDir,
    pid: process.pid,
    processStart: processStart(process.pid),
    server: cluster.server,
    port: cluster.port,
    kubeconfig: cluster.kubeconfigFile,
    version,
    nodes: [cluster.nodeName],
    expose: options.expose,
    store: options.store,
  };
  try {
    await writeRecord(options.folder, started);
    await ready(started);
    await new Promise<void>((resolve) => {
      if (stopping.signal.aborted) resolve();
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await cluster.stop({ leaveContainers });
  }
  const record = await readRecord(options.folder);
  if (record?.pid === process.pid) await writeRecord(options.folder, { ...record, pid: 0, processStart: '' });
}
