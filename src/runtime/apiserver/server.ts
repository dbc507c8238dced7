/** The HTTPS listeners: HTTP/2 and HTTP/1.1 on one port, client certificates optional. */
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { DisposeStack } from '../../shared/dispose.ts';
import { builtInSchemas } from '../../types/schema-table.ts';
import type { Aggregation } from './aggregation/aggregation.ts';
import type { Certificates } from './certificates.ts';
import { Discovery } from './discovery.ts';
import { PodUpgrade } from './streams/pod-upgrade.ts';
import type { FlowControl } from './flow-control/flow-control.ts';
import type { HealthChecks } from './health.ts';
import { HttpExchange } from './http-exchange.ts';
import type { Metrics } from './metrics.ts';
import { OpenApiDocuments } from './openapi/documents.ts';
import type { OnFailure, Pipeline } from './pipeline.ts';
import type { ServerParts } from './request-context.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Open listeners. Disposing closes them and every connection. */
export interface Listening extends AsyncDisposable {
  /** In the order of the addresses asked for, with the ports that they got. */
  readonly addresses: readonly ListenAddress[];
}

export interface ListenerParts {
  readonly pipeline: Pipeline;
  readonly parts: ServerParts;
  readonly certificates: Certificates;
  readonly health: HealthChecks;
  readonly metrics: Metrics;
  readonly flowControl: FlowControl;
  readonly aggregation: Aggregation;
  readonly onFailure: OnFailure;
}

// Slow senders of headers and bodies are cut off; a connection without a request may stay for a while.
const TIMEOUTS = { headersTimeout: 30_000, requestTimeout: 120_000, keepAliveTimeout: 120_000 };
const TCP_KEEP_ALIVE = 30_000;
const HTTP2_SETTINGS = { maxConcurrentStreams: 1000, initialWindowSize: 1024 * 1024 };

/** @throws Error with the address in its text when one cannot be listened on. */
export async function openListeners(addresses: readonly ListenAddress[], listener: ListenerParts): Promise<Listening> {
  const stack = new DisposeStack();
  const exchange = new HttpExchange({
    ...listener,
    discovery: new Discovery(listener.parts.registry, () => listener.aggregation.versions()),
    openApi: stack.use(new OpenApiDocuments(listener.parts.registry, builtInSchemas)),
  });
  const upgrade = new PodUpgrade(listener);
  const open: ListenAddress[] = [];
  try {
    for (const address of addresses)
      open.push(await openListener(address, listener.certificates, exchange, upgrade, stack));
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
  return { addresses: open, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

async function openListener(
  address: ListenAddress,
  certificates: Certificates,
  exchange: HttpExchange,
  upgrade: PodUpgrade,
  stack: DisposeStack,
): Promise<ListenAddress> {
  const server = createSecureServer({
    allowHTTP1: true,
    key: certificates.server.key,
    cert: certificates.server.certificate,
    ca: certificates.authority,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    settings: HTTP2_SETTINGS,
  });
  Object.assign(server, TIMEOUTS);
  const connections = trackConnections(server);
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) =>
    exchange.handle(request, response),
  );
  server.on('upgrade', (request, socket, head) => {
    if (socket instanceof TLSSocket) upgrade.handle(request, socket, head);
    else socket.destroy();
  });
  // Garbage on the port, TLS faults and clients that vanish are the other side's business.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('sessionError', () => undefined);
  server.on('clientError', (_error, socket) => socket.destroy());
  await listening(server, address);
  stack.defer(async () => {
    for (const close of connections) close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const bound = server.address();
  return { host: address.host, port: isAddressInfo(bound) ? bound.port : address.port };
}

function isAddressInfo(bound: AddressInfo | string | null): bound is AddressInfo {
  return typeof bound === 'object' && bound !== null;
}

/** Ways to end each open connection, so that closing the server does not wait for its clients. */
function trackConnections(server: Http2SecureServer): ReadonlySet<() => void> {
  const open = new Set<() => void>();
  server.on('connection', (socket) => {
    socket.setKeepAlive(true, TCP_KEEP_ALIVE);
    socket.setNoDelay(true);
    const close = (): void => void socket.destroy();
    open.add(close);
    socket.once('close', () => open.delete(close));
  });
  return open;
}

function listening(server: Http2SecureServer, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`the API server cannot listen on ${host}:${port}: ${error.message}`, { cause: error })),
    );
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve();
    });
  });
}
