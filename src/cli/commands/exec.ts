/** `kubewright exec`: a command in a container, with kubectl's flags. */
import { once } from 'node:events';
import type { Command } from 'commander';
import { isRecord } from '../../shared/deep.ts';
import { ApiFailure } from '../../runtime/client/api-client.ts';
import type { WebSocket } from '../../runtime/client/http.ts';
import { processChannels, processProtocols } from '../../runtime/apiserver/streams/process-channels.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { podTarget } from '../pod-target.ts';

interface Options {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly container?: string;
  readonly stdin?: boolean;
  readonly tty?: boolean;
}

const OUTPUT_BUFFER = 1024 * 1024;

function message(channel: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([channel]), data]);
}

/** Sends the standard input to its end; v5 can tell that it ended, before that the command has to end by itself. */
async function sendInput(socket: WebSocket): Promise<void> {
  for await (const chunk of process.stdin) {
    if (!Buffer.isBuffer(chunk) || socket.readyState !== socket.OPEN) continue;
    const sent = new Promise<void>((resolve) => socket.send(message(processChannels.stdin, chunk), () => resolve()));
    if (socket.bufferedAmount > OUTPUT_BUFFER) await sent;
  }
  if (socket.protocol === processProtocols[0] && socket.readyState === socket.OPEN)
    socket.send(Buffer.from([processChannels.close, processChannels.stdin]));
}

/** The terminal as the command's: no echo, no line editing here, and its size there. */
function useTerminal(socket: WebSocket): Disposable {
  const resize = (): void => {
    const { columns, rows } = process.stdout;
    const size = JSON.stringify({ Width: columns, Height: rows });
    if (socket.readyState === socket.OPEN) socket.send(message(processChannels.resize, Buffer.from(size)));
  };
  process.stdin.setRawMode(true);
  process.stdout.on('resize', resize);
  resize();
  return {
    [Symbol.dispose]() {
      process.stdout.off('resize', resize);
      process.stdin.setRawMode(false);
    },
  };
}

/** @throws Exit with the command's own exit code, or 1 and the reason when it could not be run */
function judge(status: unknown): void {
  if (!isRecord(status) || status['status'] === 'Success') return;
  const text = typeof status['message'] === 'string' ? status['message'] : 'the command failed';
  const details = isRecord(status['details']) ? status['details'] : {};
  const causes: readonly unknown[] = Array.isArray(details['causes']) ? details['causes'] : [];
  const code = causes.find((cause) => isRecord(cause) && cause['reason'] === 'ExitCode');
  if (isRecord(code))
    throw new Exit(Number(code['message']), `command terminated with exit code ${String(code['message'])}`);
  throw new Exit(1, text);
}

async function converse(socket: WebSocket, options: Options, tty: boolean): Promise<void> {
  let status: unknown;
  socket.on('message', (data: Buffer) => {
    const rest = data.subarray(1);
    if (data[0] === processChannels.stdout) process.stdout.write(rest);
    else if (data[0] === processChannels.stderr) process.stderr.write(rest);
    else if (data[0] === processChannels.error) status = JSON.parse(rest.toString('utf8'));
  });
  const closed = once(socket, 'close');
  using _terminal = tty ? useTerminal(socket) : undefined;
  if (options.stdin === true) {
    sendInput(socket).catch(() => undefined);
  }
  await closed;
  // Otherwise a terminal that nobody reads any more keeps the program alive.
  process.stdin.destroy();
  if (status === undefined) throw new Exit(1, 'the connection ended before the command did');
  judge(status);
}

async function exec(word: string, command: readonly string[], options: Options): Promise<void> {
  if (command.length === 0) throw usageError('exec takes a command after --, as in: kubewright exec web-1 -- ls');
  const tty = options.tty === true && process.stdin.isTTY;
  if (options.tty === true && !tty) process.stderr.write('the standard input is no terminal; going on without one\n');
  using interrupted = interruption();
  const { signal } = interrupted;
  using connection = await connect(options, signal);
  const { pod } = await podTarget(connection, word, options.namespace ?? connection.namespace, signal);
  const query = new URLSearchParams();
  for (const argument of command) query.append('command', argument);
  if (options.container !== undefined) query.set('container', options.container);
  for (const stream of ['stdout', ...(tty ? [] : ['stderr']), ...(options.stdin === true ? ['stdin'] : [])])
    query.set(stream, 'true');
  if (tty) query.set('tty', 'true');
  const { namespace, name } = pod.metadata;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace ?? '')}/pods/${encodeURIComponent(name)}/exec?${query.toString()}`;
  try {
    await converse(await connection.http.webSocket(path, processProtocols, signal), options, tty);
  } catch (error) {
    if (error instanceof ApiFailure) throw new Exit(1, error.message);
    signal.throwIfAborted();
    throw error;
  }
}

export function configure(command: Command): void {
  command
    .argument('<pod>', 'POD, or TYPE/NAME of what has pods (deploy/web, service/web)')
    .argument('[command...]', 'program and arguments, after --')
    .option('-n, --namespace <namespace>', 'its namespace')
    .option('-c, --container <container>', 'its container')
    .option('-i, --stdin', 'pass the standard input on')
    .option('-t, --tty', 'the standard input is a terminal')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(exec);
}
