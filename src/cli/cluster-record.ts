/** The record that a cluster's daemon leaves in its folder, and what can be told from it. */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../shared/error-code.ts';
import { isRecord } from '../shared/deep.ts';
import { processStat } from '../shared/process-files.ts';
import { homeFolder } from './home.ts';

export interface ClusterRecord {
  readonly name: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Start time of the process in the machine's ticks: a recycled pid has another. */
  readonly processStart: string;
  readonly server: string;
  readonly port: number;
  readonly kubeconfig: string;
  readonly version: string;
  readonly nodes: readonly string[];
  readonly expose: boolean;
  /** Left out by versions that had one kind of store only: lmdb. */
  readonly store?: string;
}

export interface ClusterStatus {
  readonly name: string;
  readonly state: 'running' | 'stopped' | 'absent';
  readonly pid: number | null;
  readonly server: string | null;
  readonly kubeconfig: string | null;
  readonly version: string | null;
  readonly nodes: readonly string[];
}

const fileName = 'cluster.json';

/** Field 22 of /proc/PID/stat; the empty string where there is no such process (or only its zombie) or no /proc. */
export function processStart(pid: number): string {
  try {
    const stat = processStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat === undefined || stat.zombie ? '' : stat.start;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return '';
    throw error;
  }
}

export function isRunning(record: ClusterRecord): boolean {
  return record.pid > 0 && record.processStart !== '' && processStart(record.pid) === record.processStart;
}

function isClusterRecord(value: unknown): value is ClusterRecord {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['dataDir'] === 'string' &&
    typeof value['pid'] === 'number'
  );
}

export async function readRecord(folder: string): Promise<ClusterRecord | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, fileName), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  return isClusterRecord(value) ? value : undefined;
}

export async function writeRecord(folder: string, record: ClusterRecord): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `${fileName}.${process.pid}`);
  await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(folder, fileName));
}

export async function statusOf(name: string): Promise<ClusterStatus> {
  const record = await readRecord(join(homeFolder(), name));
  if (!record) return { name, state: 'absent', pid: null, server: null, kubeconfig: null, version: null, nodes: [] };
  const running = isRunning(record);
  const { server, kubeconfig, version, nodes } = record;
  return {
    name,
    state: running ? 'running' : 'stopped',
    pid: running ? record.pid : null,
    server,
    kubeconfig,
    version,
    nodes,
  };
}

/** Names of all clusters that have a record. */
export async function clusterNames(): Promise<readonly string[]> {
  const entries = await readdir(homeFolder(), { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (await readRecord(join(homeFolder(), entry.name)))) names.push(entry.name);
  }
  return names.sort();
}
