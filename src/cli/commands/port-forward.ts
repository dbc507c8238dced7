/** `kubewright port-forward`: ports of a pod on this machine, with kubectl's words. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Command } from 'commander';
import { isRecord } from '../../shared/deep.ts';
import { ApiFailure } from '../../runtime/client/api-client.ts';
import { targetPort } from '../../runtime/controllers/endpoint-slice/service-ports.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';
import { Service } from '../../types/kinds/core/service.ts';
import type { Persisted } from '../../types/meta.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { podTarget } from '../pod-target.ts';
import type { PodTarget } from '../pod-target.ts';

interface Options {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly address: string;
}

export interface ForwardedPort {
  /** 0: any free one. */
  readonly local: number;
  readonly remote: number;
}

const protocol = 'v4.channel.k8s.io';
const DATA = 0;
const ERROR = 1;
const OUTPUT_BUFFER = 1024 * 1024;

function numberOf(text: string, word: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw usageError(`${word}: ${text} is no port`);
}

/** The pod's port of that number or name; behind a Service, of the Service's. @throws Exit */
function remotePort({ pod, owner }: PodTarget, text: string, word: string): number {
  if (owner?.kind.kind === 'Service') {
    const service = serviceOf(owner.object);
    const port = service?.spec?.ports?.find(({ name, port }) => name === text || String(port) === text);
    if (!port) throw new Exit(1, `Service ${owner.object.metadata.name} has no port ${text}`);
    const target = targetPort(pod, port);
    if (target === undefined) throw new Exit(1, `pod ${pod.metadata.name} has no port ${String(port.targetPort)}`);
    return target;
  }
  const named = pod.spec?.containers.flatMap(({ ports }) => ports ?? []).find(({ name }) => name === text);
  return named?.containerPort ?? numberOf(text, word);
}

function serviceOf(object: Persisted): Service | undefined {
  const isService = (value: Persisted): value is Persisted<Service> =>
    value.kind === Service.kind && 'spec' in value && isRecord(value.spec);
  return isService(object) ? object : undefined;
}

/** `8080`, `8080:80`, `:80`, `8080:http`. */
export function forwardedPort(target: PodTarget, word: string): ForwardedPort {
  const [first = '', second, ...more] = word.split(':');
  if (more.length > 0 || (second ?? first) === '') throw usageError(`${word}: expected [LOCAL:]REMOTE`);
  if (second !== undefined)
    return { local: first === '' ? 0 : numberOf(first, word), remote: remotePort(target, second, word) };
  const remote = remotePort(target, first, word);
  return { local: /^\d+$/.test(first) ? Number(first) : remote, remote };
}

/** One WebSocket for each connection, so that each ends by itself. */
async function carry(
  connection: Connection,
  pod: Persisted<Pod>,
  remote: number,
  client: Socket,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name } = pod.metadata;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward?ports=${remote}`;
  const socket = await connection.http.webSocket(path, [protocol], signal);
  /** The first message of either channel says the port. */
  const greeted = new Set<number>();
  let failure = '';
  socket.on('message', (data: Buffer) => {
    const [channel = DATA] = data;
    if (!greeted.has(channel)) greeted.add(channel);
    else if (channel === ERROR) failure += data.toString('utf8', 1);
    else if (!client.write(data.subarray(1))) {
      socket.pause();
      client.once('drain', () => socket.resume());
    }
  });
  client.on('data', (chunk: Buffer) => {
    socket.send(Buffer.concat([Buffer.from([DATA]), chunk]), () => client.resume());
    if (socket.bufferedAmount > OUTPUT_BUFFER) client.pause();
  });
  client.once('close', () => socket.close());
  client.resume();
  await once(socket, 'close');
  client.end();
  if (failure !== '') throw new Exit(1, failure);
}

async function listenOn(
  { local, remote }: ForwardedPort,
  address: string,
  serve: (client: Socket) => Promise<void>,
): Promise<Server> {
  const server = createServer({ pauseOnConnect: true }, (client) => {
    client.on('error', () => client.destroy());
    serve(client).catch((error: unknown) => {
      client.destroy();
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  server.listen(local, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Exit(
      1,
      `cannot listen on ${address}:${local}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : local;
  process.stdout.write(`Forwarding from ${address}:${port} -> ${remote}\n`);
  return server;
}

async function portForward(word: string, ports: readonly string[], options: Options): Promise<void> {
  using interrupted = interruption();
  const { signal } = interrupted;
  using connection = await connect(options, signal);
  const target = await podTarget(connection, word, options.namespace ?? connection.namespace, signal);
  const { pod } = target;
  if (pod.status?.phase !== 'Running')
    throw new Exit(1, `pod ${pod.metadata.name} is not running; it is ${pod.status?.phase ?? 'Pending'}`);
  const forwarded = ports.map((text) => forwardedPort(target, text));
  const servers: Server[] = [];
  try {
    for (const port of forwarded)
      servers.push(
        await listenOn(port, options.address, async (client) => {
          process.stdout.write(`Handling connection for ${client.localPort ?? port.local}\n`);
          try {
            await carry(connection, pod, port.remote, client, signal);
          } catch (error) {
            if (signal.aborted) return;
            throw error instanceof ApiFailure ? new Exit(1, error.message) : error;
          }
        }),
      );
    await new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  } finally {
    for (const server of servers) server.close();
  }
}

export function configure(command: Command): void {
  command
    .argument('<target>', 'POD, or TYPE/NAME of what has pods (deploy/web, service/web)')
    .argument('<ports...>', '[LOCAL:]REMOTE, by number or name; :REMOTE takes a free local port')
    .option('-n, --namespace <namespace>', 'its namespace')
    .option('--address <address>', 'address of this machine to listen on', '127.0.0.1')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(portForward);
}
