import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { systemClock } from '../../src/shared/clock.ts';
import { EtcdClient } from '../../src/runtime/storage/etcd-client.ts';

/** What it says when it is up. */
const READY = 'ready to serve client requests';

/** A real etcd on loopback, with a folder of its own. */
export interface Etcd extends AsyncDisposable {
  /** `etcd://127.0.0.1:PORT` */
  readonly address: string;
  readonly client: EtcdClient;
  /** Freezes the process: connections are accepted, and nothing is answered. */
  pause(): void;
  resume(): void;
  /** Kills it and starts it again on the same folder and port. */
  restart(): Promise<void>;
}

export async function startEtcd(options: readonly string[] = []): Promise<Etcd> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-etcd-'));
  const [port, peer] = await freePorts();
  const url = (of: number): string => `http://127.0.0.1:${of}`;
  const client = new EtcdClient({ endpoints: [url(port)], tls: undefined }, systemClock);
  const start = async (): Promise<ChildProcess> => {
    const words = [
      ...['--name', 'test', '--data-dir', join(folder, 'data'), '--initial-cluster', `test=${url(peer)}`],
      ...['--listen-client-urls', url(port), '--advertise-client-urls', url(port)],
      ...['--listen-peer-urls', url(peer), '--initial-advertise-peer-urls', url(peer)],
    ];
    const child = spawn('etcd', [...words, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.once('error', (error) => child.stderr.destroy(error));
    const said: string[] = [];
    for await (const line of createInterface(child.stderr)) {
      said.push(line);
      if (line.includes(READY)) break;
    }
    if (!said.at(-1)?.includes(READY)) throw new Error(`etcd ended: ${said.slice(-3).join('; ')}`);
    child.stderr.resume();
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  let process = await start();
  return {
    address: `etcd://127.0.0.1:${port}`,
    client,
    pause: () => void process.kill('SIGSTOP'),
    resume: () => void process.kill('SIGCONT'),
    async restart() {
      await end(process);
      process = await start();
    },
    async [Symbol.asyncDispose]() {
      await end(process);
      client[Symbol.dispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Two ports that nobody listens on. They lie below those that outgoing connections get, so that none of those takes them
 * before etcd does, or while it is restarted.
 */
async function freePorts(): Promise<readonly [number, number]> {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return [port, port + 1];
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const answer = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(port, '127.0.0.1');
  const free = await answer;
  if (free) await promisify(server.close.bind(server))();
  return free;
}
