/** One probe, carried out once. */
import { connect } from 'node:net';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { formatDuration } from '../../types/duration.ts';
import type { Container, HTTPGetAction } from '../../types/kinds/generated/core-v1.gen.ts';
import type { IntOrString } from '../../types/int-or-string.ts';
import { EngineError, type ContainerEngine } from '../engine/container-engine.ts';
import { checkGrpc } from './grpc-check.ts';
import { checkHttp } from './http-check.ts';
import { failureText } from './network-failure.ts';

export interface CheckResult {
  readonly ok: boolean;
  /** What went wrong, as the Unhealthy event says it. */
  readonly output: string;
  /** What its user should know although it went well, as the ProbeWarning event says it. */
  readonly warning?: string;
}

export interface CheckTarget {
  readonly container: Container;
  readonly containerId: string;
  /** The pod's address, or the node's for pods on its network. */
  readonly address: string;
}

/** What a probe and a lifecycle hook have in common. */
export interface CheckAction {
  readonly exec?: { readonly command?: readonly string[] | undefined } | undefined;
  readonly httpGet?: HTTPGetAction | undefined;
  readonly tcpSocket?: { readonly host?: string | undefined; readonly port: IntOrString } | undefined;
  readonly grpc?: { readonly port: number; readonly service?: string | undefined } | undefined;
}

const OUTPUT_LIMIT = 10 * 1024;

export interface CheckTools {
  readonly engine: ContainerEngine;
  readonly clock: Clock;
}

/** Never throws for what the checked program does. */
export async function check(
  action: CheckAction,
  target: CheckTarget,
  timeout: Milliseconds,
  tools: CheckTools,
  signal: AbortSignal,
): Promise<CheckResult> {
  const expiry = new AbortController();
  using _timer = tools.clock.schedule(timeout, () => expiry.abort());
  // Awaited here: the timer has to live until the answer is there.
  const either = AbortSignal.any([expiry.signal, signal]);
  if (action.exec)
    return await checkExec(action.exec.command ?? [], target, { timeout, engine: tools.engine, signal: either });
  if (action.httpGet) {
    const port = portOf(target.container, action.httpGet.port);
    return await checkHttp(action.httpGet, action.httpGet.host || target.address, port, either);
  }
  if (action.tcpSocket) {
    const port = portOf(target.container, action.tcpSocket.port);
    return await checkTcp(action.tcpSocket.host || target.address, port, either);
  }
  if (action.grpc) return await checkGrpc(target.address, action.grpc.port, action.grpc.service ?? '', either);
  return { ok: true, output: '' };
}

function portOf(container: Container, port: IntOrString): number {
  if (typeof port === 'number') return port;
  return container.ports?.find((candidate) => candidate.name === port)?.containerPort ?? Number(port);
}

async function checkExec(
  command: readonly string[],
  target: CheckTarget,
  at: { readonly timeout: Milliseconds; readonly engine: ContainerEngine; readonly signal: AbortSignal },
): Promise<CheckResult> {
  let output = '';
  const gather = async (data: Uint8Array): Promise<void> => {
    if (output.length < OUTPUT_LIMIT)
      output += Buffer.from(data)
        .toString('utf8')
        .slice(0, OUTPUT_LIMIT - output.length);
  };
  const io = { stdin: undefined, stdout: gather, stderr: gather, resize: undefined };
  const options = { command, tty: false, stdin: false, stdout: true, stderr: true };
  try {
    const code = await at.engine.exec(target.containerId, options, io, at.signal);
    return { ok: code === 0, output };
  } catch (error) {
    if (at.signal.aborted) {
      const words = command.join(' ');
      return { ok: false, output: `command timed out: "${words}" timed out after ${formatDuration(at.timeout)}` };
    }
    if (error instanceof EngineError) return { ok: false, output: error.message };
    throw error;
  }
}

function checkTcp(host: string, port: number, signal: AbortSignal): Promise<CheckResult> {
  return new Promise((resolve) => {
    if (!(port > 0 && port < 65_536)) return resolve({ ok: false, output: `invalid port number: ${port}` });
    const socket = connect({ host, port });
    const onAbort = (): void => void socket.destroy(new Error('i/o timeout'));
    const done = (result: CheckResult): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(result);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => done({ ok: true, output: '' }));
    socket.on('error', (error) =>
      done({ ok: false, output: failureText(error, host, port, signal, `dial tcp ${host}:${port}: i/o timeout`) }),
    );
  });
}
