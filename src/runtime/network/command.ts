import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Something the network needs is missing on this machine or was refused. The message says what to do. */
export class NetworkError extends Error {}

/** A program that is not installed. */
export class ToolMissing extends NetworkError {
  constructor(readonly tool: string) {
    const name = packageOf[tool] ?? tool;
    super(`the program "${tool}" was not found; it comes with the package ${name} (apt-get install ${name})`);
  }
}

/** Debian/Ubuntu package that brings a tool, for the remedy in messages. */
const packageOf: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  iptables: 'iptables',
  'iptables-restore': 'iptables',
  nsenter: 'util-linux',
  conntrack: 'conntrack',
};

/** Tools live in sbin, which an ordinary user's PATH (and sudo's, when so configured) leaves out. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const path = process.env['PATH'] ?? '/usr/bin:/bin';
  return { ...process.env, PATH: `${path}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

/**
 * Runs a program to its end, `input` on its stdin.
 * @throws ToolMissing; a failure of the program itself is in the result
 */
export function runCommand(argv: readonly [string, ...string[]], input = ''): Promise<CommandResult> {
  const [tool, ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: ['pipe', 'pipe', 'pipe'], env: toolEnvironment() });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new ToolMissing(tool) : error),
    );
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    // A program that ends without reading its input is judged by its exit code, not by EPIPE here.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Runs a program that has to succeed. @throws NetworkError with the program's own words */
export async function requireCommand(argv: readonly [string, ...string[]], input = ''): Promise<string> {
  const result = await runCommand(argv, input);
  if (result.code === 0) return result.stdout;
  throw commandFailure(argv.join(' '), result.stderr);
}

export function commandFailure(command: string, stderr: string): NetworkError {
  const words = stderr.trim() === '' ? 'no message' : stderr.trim();
  const remedy = /permitted|denied/i.test(words)
    ? '; changing the network needs root or CAP_NET_ADMIN and CAP_SYS_ADMIN'
    : '';
  return new NetworkError(`"${command}" failed: ${words}${remedy}`);
}
