/** A cluster of the built package, started through its command line with a home folder of its own. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '../../src/cli/connection.ts';
import { isRecord } from '../../src/shared/deep.ts';
import type { HttpConnection } from '../../src/runtime/client/http.ts';

const run = promisify(execFile);
export const cli = resolve('dist/cli.js');
const name = 'bench';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

export class BenchCluster implements AsyncDisposable {
  readonly name = name;
  readonly port: number;
  readonly #home: string;

  private constructor(home: string, port: number) {
    this.#home = home;
    this.port = port;
  }

  static async create(): Promise<BenchCluster> {
    return new BenchCluster(await mkdtemp(join(tmpdir(), 'kubewright-bench-')), await freePort());
  }

  /** Written by the daemon before its API listens. */
  get kubeconfig(): string {
    return join(this.#home, name, 'kubeconfig');
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, KUBEWRIGHT_HOME: this.#home, KUBECONFIG: join(this.#home, 'config') };
  }

  /** Spawns `kubewright cluster start`; `done` resolves when that command has ended. */
  start(): { readonly done: Promise<void> } {
    const command = spawn(process.execPath, [cli, 'cluster', 'start', '--name', name, '--port', String(this.port)], {
      env: this.#environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const done = new Promise<void>((fulfil, reject) => {
      command.once('error', reject);
      command.once('exit', (code) => (code === 0 ? fulfil() : reject(new Error(`cluster start ended with ${code}`))));
    });
    return { done };
  }

  async stop(): Promise<void> {
    await run(process.execPath, [cli, 'cluster', 'stop', '--name', name], { env: this.#environment });
  }

  async pid(): Promise<number> {
    const record: unknown = JSON.parse(await readFile(join(this.#home, name, 'cluster.json'), 'utf8'));
    if (!isRecord(record) || typeof record['pid'] !== 'number') throw new Error('the cluster has no record');
    return record['pid'];
  }

  async connect(): Promise<HttpConnection> {
    const { http } = await connect({ kubeconfig: this.kubeconfig }, new AbortController().signal);
    return http;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(process.execPath, [cli, 'cluster', 'delete', '--name', name], { env: this.#environment });
    await rm(this.#home, { recursive: true, force: true });
  }
}
