/**
 * A Docker daemon of the test's own, beside the machine's: own socket, data and containerd, no bridge, no iptables.
 * It can be stopped midway for real. Needs root. Leaves nothing behind when disposed.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  watch,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerEngine } from '../../src/runtime/engine/docker/docker-engine.ts';
import { EngineError } from '../../src/runtime/engine/container-engine.ts';
import { sleep, systemClock } from '../../src/shared/clock.ts';

export class OwnDockerd implements AsyncDisposable {
  readonly folder: string;
  readonly socketPath: string;
  #daemon: ChildProcess | undefined;

  private constructor(folder: string) {
    this.folder = folder;
    this.socketPath = join(folder, 'docker.sock');
  }

  /** Resolves once the daemon answers. */
  static async start(): Promise<OwnDockerd> {
    // Short, since a socket's path has at most 107 bytes, and containerd makes some below this folder.
    const daemon = new OwnDockerd(mkdtempSync(join(tmpdir(), 'kwd-')));
    try {
      await daemon.startAgain();
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    if (this.#daemon?.pid === undefined) throw new Error('the daemon does not run');
    return this.#daemon.pid;
  }

  engine(): DockerEngine {
    return new DockerEngine({ socketPath: this.socketPath, clock: systemClock });
  }

  async startAgain(): Promise<void> {
    const log = createWriteStream(join(this.folder, 'dockerd.log'), { flags: 'a' });
    await once(log, 'open');
    // One that was killed leaves these. Its containerd ends with it, but where process 1 reaps nothing it stays a
    // zombie, which the next daemon takes for a running one.
    for (const left of ['docker.sock', 'dockerd.pid', 'exec/containerd/containerd.pid']) {
      rmSync(join(this.folder, left), { force: true });
    }
    // Before the process can make the socket, so that its appearance cannot be missed.
    const appeared = appearance(this.folder, this.socketPath);
    // In a network namespace of its own: a daemon without a bridge deletes docker0, which is the machine's.
    const daemon = spawn('unshare', ['--net', 'dockerd', ...this.#arguments()], {
      stdio: ['ignore', log, log],
    });
    this.#daemon = daemon;
    const failed = once(daemon, 'exit').then(() => {
      throw new Error(`the test's dockerd did not start:\n${this.#lastLines()}`);
    });
    await Promise.race([appeared.promise, failed]).finally(appeared.stop);
    await Promise.race([this.#answers(), failed]);
    failed.catch(() => undefined);
    log.close();
  }

  /** Stops the daemon as an administrator would (its containers end), or kills it (they go on under their shims). */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const pid of this.#leftProcesses()) signalIfThere(pid, 'SIGKILL');
    for (const target of this.#leftMounts()) execFileSync('umount', ['-l', target]);
    const groups = this.#leftControlGroups();
    for (const group of groups) endProcesses(group);
    for (const group of groups) rmdirSync(group);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #arguments(): readonly string[] {
    const at = (name: string): string => join(this.folder, name);
    return [
      ...['--host', `unix://${this.socketPath}`, '--data-root', at('data'), '--exec-root', at('exec')],
      ...['--pidfile', at('dockerd.pid')],
      ...['--bridge', 'none', '--iptables=false', '--ip-masq=false', '--ip-forward=false', '--log-level', 'warn'],
      // Apart from the groups of the machine's Docker.
      ...['--cgroup-parent', `/${this.#controlGroup}`],
    ];
  }

  #lastLines(): string {
    const file = join(this.folder, 'dockerd.log');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-6).join('\n') : '';
  }

  /** A daemon that was killed leaves its containerd and shims, all of which name this folder. */
  #leftProcesses(): readonly number[] {
    const listed = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
    return listed
      .split('\n')
      .filter((line) => line.includes(`${this.folder}/`))
      .map((line) => Number.parseInt(line, 10))
      .filter((pid) => pid !== process.pid);
  }

  /** Docker leaves the parent of its containers' groups behind, in every hierarchy of version 1 or the one of 2. */
  #leftControlGroups(): readonly string[] {
    const root = '/sys/fs/cgroup';
    const parents = [root, ...readdirSync(root).map((name) => join(root, name))]
      .map((folder) => join(folder, this.#controlGroup))
      .filter((group) => existsSync(group));
    // Containers' own groups, of version 1 or 2, lie directly in them.
    return parents.flatMap((parent) => {
      const inner = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
      return [...inner.map(({ name }) => join(parent, name)), parent];
    });
  }

  /** The socket is there a moment before anybody listens on it; from then on connections wait in its queue. */
  async #answers(): Promise<void> {
    await using engine = this.engine();
    const { signal } = new AbortController();
    for (let attempt = 1; ; attempt++) {
      try {
        await engine.info(signal);
        return;
      } catch (error) {
        if (!(error instanceof EngineError) || attempt >= 1000) throw error;
        await sleep(systemClock, 50, signal);
      }
    }
  }

  get #controlGroup(): string {
    return `kubewright-test-${this.folder.slice(-6)}`;
  }

  /** Innermost first. */
  #leftMounts(): readonly string[] {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    return mounts
      .map((line) => line.split(' ')[1] ?? '')
      .filter((target) => target.startsWith(`${this.folder}/`))
      .reverse();
  }
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Containers whose daemon and shim were killed live on, and nothing but their group tells whose they are. */
function endProcesses(group: string): void {
  const pids = readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
  for (const pid of pids) signalIfThere(Number(pid), 'SIGKILL');
  for (const pid of pids) execFileSync('tail', [`--pid=${pid}`, '--follow', '/dev/null']);
}

function appearance(folder: string, path: string): { readonly promise: Promise<void>; stop(): void } {
  let stop = (): void => {};
  const promise = new Promise<void>((resolve, reject) => {
    const watcher = watch(folder, () => {
      if (existsSync(path)) resolve();
    });
    watcher.once('error', reject);
    stop = () => watcher.close();
  });
  return { promise, stop: () => stop() };
}
