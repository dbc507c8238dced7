/** Connections to ports of a pod as programs inside of it would make them: to its own loopback interface. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { hasCode } from '../../shared/error-code.ts';
import { NetworkError, ToolMissing, toolEnvironment } from './command.ts';

export interface PodNamespace {
  /** Of any process in the pod's network namespace. */
  readonly pid: number;
  readonly ip: string;
}

const REFUSED = 3;
/**
 * Runs in the pod's network namespace, which a thread of this process cannot enter: says one byte when it is connected,
 * then carries the bytes of its standard streams.
 */
const relay = `
const socket = require('node:net').connect({ host: '127.0.0.1', port: Number(process.argv[1]), allowHalfOpen: true });
socket.once('connect', () => {
  process.stdout.write('\\0');
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
});
socket.once('error', () => process.exit(${REFUSED}));
socket.once('close', () => process.exit(0));
`;

/**
 * Most programs listen on every address, so the pod's own address is tried first: that takes no process.
 * @param namespace undefined for a pod that shares the machine's network
 * @throws NetworkError in words for the user when nothing listens there
 */
export async function connectLoopback(
  namespace: PodNamespace | undefined,
  port: number,
  signal: AbortSignal,
): Promise<Duplex> {
  try {
    return await connectTo(namespace?.ip ?? '127.0.0.1', port, signal);
  } catch (error) {
    if (!hasCode(error, 'ECONNREFUSED')) throw error;
    if (!namespace) throw refused(port);
  }
  return connectInside(namespace.pid, port, signal);
}

function refused(port: number): NetworkError {
  return new NetworkError(`connection refused: nothing listens on port ${port} of the pod`);
}

function connectTo(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const abort = (): void => void socket.destroy();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function connectInside(pid: number, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const child = spawn('nsenter', ['-t', String(pid), '-n', process.execPath, '-e', relay, String(port)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: toolEnvironment(),
      signal,
    });
    child.once('error', (error) => reject(hasCode(error, 'ENOENT') ? new ToolMissing('nsenter') : error));
    child.once('close', () => reject(refused(port)));
    child.stdout.once('readable', () => {
      // The one byte that says that it is connected; null at the end of a stream without it.
      if (child.stdout.read(1) === null) return;
      const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
      duplex.once('close', () => child.kill());
      child.on('error', () => duplex.destroy());
      resolve(duplex);
    });
  });
}
