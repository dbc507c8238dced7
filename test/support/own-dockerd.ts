/**
 * A Docker daemon of the test's own, beside the machine's: own socket, data and containerd, no bridge, no iptables.
 * It can be stopped midway for real. Needs root. Leaves nothing behind when disposed.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerEngine } from '../../src/runtime/engine/docker/docker-engine.ts';
import { systemClock } from '../../src/shared/clock.ts';

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
    const daemon = spawn('dockerd', this.#arguments(), { stdio: ['ignore', log, log], detached: true });
    this.#daemon = daemon;
    const failed = once(daemon, 'exit').then(() => {
      throw new Error(`the test's dockerd did not start:\n${this.#lastLines()}`);
    });
    await Promise.race([appeared.promise, failed]).finally(appeared.stop);
    // The socket is there before the daemon takes connections, which then wait in its queue.
    await using engine = this.engine();
    await Promise.race([engine.info(new AbortController().signal), failed]);
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
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #arguments(): readonly string[] {
    const at = (name: string): string => join(this.folder, name);
    return [
      ...['--host', `unix://${this.socketPath}`, '--data-root', at('data'), '--exec-root', at('exec')],
      ...['--pidfile', at('dockerd.pid')],
      ...['--bridge', 'none', '--iptables=false', '--ip-masq=false', '--ip-forward=false', '--log-level', 'warn'],
      // A namespace of its own keeps cgroups apart from those of the machine's Docker.
      ...['--cgroup-parent', `/kubewright-test-${this.folder.slice(-6)}`],
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
