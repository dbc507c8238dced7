/** The stock kubectl: the versions of it on this machine, and ways to run one. */
import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isRecord } from '../../src/shared/deep.ts';

export interface KubectlBinary {
  readonly path: string;
  /** 1.MINOR */
  readonly minor: number;
}

const OLDEST = 27;
const REMEDY = `these tests need kubectl 1.${OLDEST} or later in PATH: https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/`;

/** Newest first. @throws Error with the remedy where none is new enough */
export function kubectlBinaries(): readonly KubectlBinary[] {
  const folders = new Set(
    (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '' && existsSync(folder)),
  );
  for (const folder of [...folders]) {
    const binary = join(folder, 'kubectl');
    // A distribution of several versions keeps them beside the one that PATH finds.
    if (existsSync(binary)) folders.add(dirname(realpathSync(binary)));
  }
  const paths = [...folders].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^kubectl(\.1\.\d+)?$/.test(name))
      .map((name) => realpathSync(join(folder, name))),
  );
  const found = [...new Set(paths)].map((path) => ({ path, minor: minorOf(path) }));
  const usable = found.filter(({ minor }) => minor >= OLDEST).sort((a, b) => b.minor - a.minor);
  if (usable.length === 0) throw new Error(REMEDY);
  return usable;
}

function minorOf(path: string): number {
  const named = /\.1\.(\d+)$/.exec(path)?.[1];
  if (named !== undefined) return Number(named);
  const answer: unknown = JSON.parse(execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' }));
  const version = isRecord(answer) ? answer['clientVersion'] : undefined;
  return isRecord(version) ? Number.parseInt(String(version['minor']), 10) : 0;
}

export function newestKubectl(): KubectlBinary {
  const [newest] = kubectlBinaries();
  if (!newest) throw new Error(REMEDY);
  return newest;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a program to its end, whatever its exit code. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
    child.stdin.end(options.input ?? '');
  });
}

export class Kubectl {
  readonly #binary: KubectlBinary;
  readonly #flags: readonly string[];

  constructor(kubeconfig: string, options: { readonly binary?: KubectlBinary; readonly namespace?: string } = {}) {
    this.#binary = options.binary ?? newestKubectl();
    this.kubeconfig = kubeconfig;
    this.#flags = ['--kubeconfig', kubeconfig, ...(options.namespace === undefined ? [] : ['-n', options.namespace])];
  }

  readonly kubeconfig: string;

  get path(): string {
    return this.#binary.path;
  }

  in(namespace: string): Kubectl {
    return new Kubectl(this.kubeconfig, { binary: this.#binary, namespace });
  }

  /** Whatever the exit code. A single text is split at spaces. */
  run(args: string | readonly string[], options?: RunOptions): Promise<Finished> {
    return runProgram(this.#binary.path, this.#arguments(args), options);
  }

  /** Standard output without the last line break. @throws Error with everything said when the exit code is not 0 */
  async ok(args: string | readonly string[], options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code === 0) return stdout.replace(/\n$/, '');
    throw new Error(`kubectl ${listed(args).join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  }

  /** What was said on standard error. @throws Error when the command succeeds */
  async refused(args: string | readonly string[], options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code === 0) throw new Error(`kubectl ${listed(args).join(' ')} should fail, but says:\n${stdout}`);
    return stderr;
  }

  apply(manifest: string, ...flags: readonly string[]): Promise<string> {
    return this.ok(['apply', '-f', '-', ...flags], { input: manifest });
  }

  /** A command that goes on: `get -w`, `logs -f`. Disposing ends it. */
  follow(args: string | readonly string[]): Following {
    return new Following(spawn(this.#binary.path, this.#arguments(args)));
  }

  #arguments(args: string | readonly string[]): readonly string[] {
    // Before the command, since what follows `--` is not kubectl's.
    return [...this.#flags, ...listed(args)];
  }
}

function listed(args: string | readonly string[]): readonly string[] {
  return typeof args === 'string' ? args.split(/\s+/).filter((word) => word !== '') : args;
}

export class Following implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly ended: Promise<number | null>;
  #over = false;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    // It may have ended when something is written to it.
    child.stdin.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        for (const wake of this.#waiting) wake();
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#over = true;
        for (const wake of this.#waiting) wake();
        resolve(code);
      });
    });
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  closeInput(): void {
    this.#child.stdin.end();
  }

  /** The first line that matches. @throws Error with all lines when the command ends without one */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.#lines.find((line) => pattern.test(line));
        if (found === undefined && !this.#over) return;
        this.#waiting.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`no line matched ${String(pattern)}:\n${this.#lines.join('\n')}`));
      };
      this.#waiting.add(look);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.ended;
  }
}
