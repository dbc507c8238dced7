/** A probe over gRPC: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
import { connect } from 'node:http2';
import { failureText } from './network-failure.ts';
import type { CheckResult } from './probe-check.ts';

/** HealthCheckResponse.ServingStatus */
const STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const PREFIX_BYTES = 5;
const UNIMPLEMENTED = '12';
const LONGEST_ANSWER = 1024;

/** grpc.health.v1: a request with the service's name in field 1, an answer with the status in field 1. */
export function checkGrpc(host: string, port: number, service: string, signal: AbortSignal): Promise<CheckResult> {
  return new Promise((resolve) => {
    if (!(port > 0 && port < 65_536)) return resolve({ ok: false, output: `invalid port number: ${port}` });
    const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
    const done = (ok: boolean, output: string): void => {
      signal.removeEventListener('abort', onAbort);
      session.destroy();
      resolve({ ok, output });
    };
    const timeout = `timeout: failed to connect service "${host}:${port}" within the deadline: context deadline exceeded`;
    const onAbort = (): void => done(false, timeout);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    const fail = (error: Error): void => done(false, failureText(error, host, port, signal, timeout));
    session.on('error', fail);
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let body = Buffer.alloc(0);
    let grpcStatus = '';
    const status = (headers: Readonly<Record<string, unknown>>): void => {
      if (typeof headers['grpc-status'] === 'string') grpcStatus = headers['grpc-status'];
    };
    call.on('response', status);
    call.on('trailers', status);
    call.on('data', (part: Buffer) => {
      if (body.length < LONGEST_ANSWER) body = Buffer.concat([body, part]);
    });
    // A call that never reached the server says so, and its cause why.
    call.on('error', (error) => fail(error.cause instanceof Error ? error.cause : error));
    call.on('end', () => done(...verdict(body, grpcStatus)));
    call.end(request(service));
  });
}

function verdict(body: Buffer, grpcStatus: string): [boolean, string] {
  if (grpcStatus === UNIMPLEMENTED) {
    return [false, 'this server does not implement the grpc health protocol (grpc.health.v1.Health)'];
  }
  if (grpcStatus !== '' && grpcStatus !== '0') return [false, `service unhealthy (responded with code ${grpcStatus})`];
  const number = body.length >= PREFIX_BYTES + 2 && body[PREFIX_BYTES] === 0x08 ? (body[PREFIX_BYTES + 1] ?? 0) : 0;
  const name = STATUS[number] ?? 'UNKNOWN';
  return name === 'SERVING' ? [true, ''] : [false, `service unhealthy (responded with "${name}")`];
}

function request(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? [] : [Buffer.from([0x0a, ...varint(name.length)]), name];
  const frame = Buffer.alloc(PREFIX_BYTES);
  frame.writeUInt32BE(Buffer.concat(message).length, 1);
  return Buffer.concat([frame, ...message]);
}

function varint(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
