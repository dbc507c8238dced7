/** One probe, carried out once. */
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { formatDuration } from '../../types/duration.ts';
import type { Container, HTTPGetAction } from '../../types/kinds/generated/core-v1.gen.ts';
import type { IntOrString } from '../../types/int-or-string.ts';
import { EngineError, type ContainerEngine } from '../engine/container-engine.ts';

export interface CheckResult {
  readonly ok: boolean;
  /** What went wrong, as the Unhealthy event says it. */
  readonly output: string;
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
  const either = AbortSignal.any([expiry.signal, signal]);
  if (action.exec)
    return checkExec(action.exec.command ?? [], target, { timeout, engine: tools.engine, signal: either });
  if (action.httpGet) return checkHttp(action.httpGet, target, either);
  if (action.tcpSocket) {
    const port = portOf(target.container, action.tcpSocket.port);
    return checkTcp(action.tcpSocket.host || target.address, port, either);
  }
  if (action.grpc) return checkGrpc(target.address, action.grpc.port, action.grpc.service ?? '', either);
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

function checkHttp(action: HTTPGetAction, target: CheckTarget, signal: AbortSignal): Promise<CheckResult> {
  const secure = action.scheme === 'HTTPS';
  const host = action.host || target.address;
  const port = portOf(target.container, action.port);
  const path = (action.path ?? '/').replace(/^(?!\/)/, '/');
  const url = `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', Connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value;
  const options = { host, port, path, headers, agent: false, signal } as const;
  return new Promise((resolve) => {
    const fail = (error: Error): void =>
      resolve({ ok: false, output: `Get "${url}": ${failureText(error, host, port, signal, HTTP_TIMEOUT)}` });
    // Certificates are not checked: a pod's own can hardly name its address.
    const call = secure ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    call.on('error', fail);
    call.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.on('error', fail);
      response.on('end', () => {
        const ok = status >= 200 && status < 400;
        resolve({ ok, output: ok ? '' : `HTTP probe failed with statuscode: ${status}` });
      });
      response.resume();
    });
    call.end();
  });
}

const HTTP_TIMEOUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

function failureText(error: Error, host: string, port: number, signal: AbortSignal, timeout: string): string {
  if (signal.aborted) return timeout;
  const code = 'code' in error ? error.code : undefined;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: `dial tcp ${host}:${port}: connect: connection refused`,
    EHOSTUNREACH: `dial tcp ${host}:${port}: connect: no route to host`,
    ENETUNREACH: `dial tcp ${host}:${port}: connect: network is unreachable`,
    ECONNRESET: `read tcp ${host}:${port}: read: connection reset by peer`,
  };
  return (typeof code === 'string' ? words[code] : undefined) ?? error.message;
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

/** grpc.health.v1: a request with the service's name in field 1, an answer with the status in field 1; 1 is SERVING. */
function checkGrpc(host: string, port: number, service: string, signal: AbortSignal): Promise<CheckResult> {
  const name = Buffer.from(service);
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return new Promise((resolve) => {
    const session = connectHttp2(`http://${host}:${port}`);
    const done = (ok: boolean, output: string): void => {
      signal.removeEventListener('abort', onAbort);
      session.destroy();
      resolve({ ok, output });
    };
    const timeout = `timeout: failed to connect service "${host}:${port}" within the deadline: context deadline exceeded`;
    const onAbort = (): void => done(false, timeout);
    signal.addEventListener('abort', onAbort, { once: true });
    session.on('error', (error) => done(false, failureText(error, host, port, signal, timeout)));
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const parts: Buffer[] = [];
    call.on('data', (part: Buffer) => parts.push(part));
    call.on('error', (error) => done(false, error.message));
    call.on('end', () => {
      const body = Buffer.concat(parts);
      const serving = body.length >= 7 && body[5] === 0x08 && body[6] === 1;
      done(serving, serving ? '' : 'service unhealthy (responded with "NOT_SERVING")');
    });
    call.end(Buffer.concat([frame, message]));
  });
}
