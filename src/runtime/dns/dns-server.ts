import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { hasCode } from '../../shared/error-code.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Component } from '../../shared/component.ts';
import { NetworkError } from '../network/command.ts';
import type { ClusterNetwork } from '../network/cluster-network.ts';
import type { ServiceSource } from '../network/service-source.ts';
import { DnsForwarder } from './dns-forwarder.ts';
import type { ForwardedResponse } from './dns-forwarder.ts';
import { DnsFrames, frame } from './dns-frames.ts';
import {
  MalformedQuery,
  decodeQuery,
  encodeFormatError,
  encodeQuestion,
  encodeResponse,
  recordTypes,
  truncated,
} from './dns-message.ts';
import type { DnsRecord, Query, Response } from './dns-message.ts';
import { buildZone } from './zone.ts';
import type { Zone, ZoneAnswer } from './zone.ts';

export interface DnsServerOptions {
  readonly source: ServiceSource;
  readonly network: ClusterNetwork;
  /** `cluster.local` */
  readonly domain: string;
  /** Whether a pod with this address is in the namespace. */
  podExists(namespace: string, ip: string): boolean;
  /** The resolvers that know all other names; see `ResolvConf`. */
  upstreams(): Promise<readonly string[]>;
  readonly clock: Clock;
  /** Where to listen; by default the gateway address. */
  readonly address?: string;
  /** By default 53, and where another server has that on all addresses, any free port (pods reach the server by its Service). */
  readonly port?: number;
  warn(message: string, error?: unknown): void;
}

const largestUdp = 4096;
const failure: Response = { code: 'SERVFAIL', authoritative: false, answers: [] };
/** A TCP client that asks nothing for this long is disconnected; and there are never more than this many. */
const tcpIdle = 10_000;
const mostConnections = 256;
/** Answers a TCP client may be waiting for before reading of its questions stops. */
const largestBacklog = 1024 * 1024;

/** Cluster DNS: answers for the cluster's names, asks the machine's resolvers for the rest. */
export class DnsServer implements Component {
  readonly name = 'dns';
  readonly #options: DnsServerOptions;
  readonly #forwarder: DnsForwarder;
  readonly #connections = new Set<Socket>();
  #zone: Zone | undefined;
  #serial = 1;
  #port = 0;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#forwarder = new DnsForwarder({ servers: () => options.upstreams(), clock: options.clock });
  }

  /** The port it listens on, UDP and TCP; 0 before it is started. */
  get port(): number {
    return this.#port;
  }

  async start(signal: AbortSignal): Promise<AsyncDisposable> {
    signal.throwIfAborted();
    const wanted = this.#options.port ?? 53;
    const isFixed = this.#options.port !== undefined;
    const { udp, tcp } = await this.#listen(wanted, isFixed ? 0 : 5);
    const subscription = this.#options.source.subscribe(() => (this.#zone = undefined));
    udp.on('message', (packet, from) => {
      void this.#answer(packet, false).then((response) => {
        // The client may be gone, and with it the way back: nobody to tell.
        if (response !== undefined) udp.send(response, from.port, from.address, () => undefined);
      });
    });
    return {
      [Symbol.asyncDispose]: async () => {
        subscription[Symbol.dispose]();
        for (const socket of this.#connections) socket.destroy();
        await Promise.all([
          new Promise<void>((done) => udp.close(() => done())),
          new Promise((done) => tcp.close(done)),
        ]);
      },
    };
  }

  /** Both sockets on one port. With `attempts` left, a port that is taken is replaced by a free one. */
  async #listen(port: number, attempts: number): Promise<{ readonly udp: UdpSocket; readonly tcp: Server }> {
    const address = this.#options.address ?? this.#options.network.gateway;
    const tcp = createServer((socket) => this.#serve(socket));
    try {
      await listening(tcp, () => tcp.listen(port, address));
      const bound = tcp.address();
      this.#port = typeof bound === 'object' && bound !== null ? bound.port : port;
      const udp = createSocket('udp4');
      await listening(udp, () => udp.bind(this.#port, address));
      const report = (error: Error): void => this.#options.warn('a DNS socket had an error', error);
      udp.on('error', report);
      tcp.on('error', report);
      return { udp, tcp };
    } catch (error) {
      tcp.close();
      const isTaken = hasCode(error, 'EADDRINUSE');
      if (isTaken && attempts > 0) return await this.#listen(0, attempts - 1);
      const detail = error instanceof Error ? error.message : String(error);
      throw new NetworkError(`cluster DNS cannot listen on ${address}:${port}: ${detail}`, { cause: error });
    }
  }

  #serve(socket: Socket): void {
    if (this.#connections.size >= mostConnections) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    const frames = new DnsFrames();
    socket.setTimeout(tcpIdle, () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('drain', () => socket.resume());
    socket.on('data', (chunk: Buffer) => {
      for (const packet of frames.push(chunk)) {
        void this.#answer(packet, true).then((response) => {
          if (response === undefined) socket.destroy();
          else if (!socket.destroyed) socket.write(frame(response));
          if (socket.writableLength > largestBacklog) socket.pause();
        });
      }
    });
  }

  /** The rim: whatever goes wrong with one packet ends here. Undefined: no answer. */
  async #answer(packet: Buffer, viaTcp: boolean): Promise<Buffer | undefined> {
    try {
      const query = decodeQuery(packet);
      const limit = viaTcp ? 65_535 : Math.min(query.udpSize ?? 512, largestUdp);
      return await this.#respond(query, limit, viaTcp);
    } catch (error) {
      if (error instanceof MalformedQuery) return error.id === undefined ? undefined : encodeFormatError(error.id);
      this.#options.warn('a DNS query could not be answered', error);
      return undefined;
    }
  }

  async #respond(query: Query, limit: number, viaTcp: boolean): Promise<Buffer> {
    const refusal = refuse(query);
    if (refusal !== undefined) return encodeResponse(query, refusal, limit);
    const found = this.#currentZone().lookup(query.name, query.type, shuffled);
    if (found !== undefined) return encodeResponse(query, await this.#complete(found, query), limit);
    const response = await this.#forwarder.ask(query.question, query.udpSize !== undefined, viaTcp);
    return response === undefined ? encodeResponse(query, failure, limit) : passOn(response, query, limit);
  }

  /** Adds the addresses of a name outside that a CNAME leads to. */
  async #complete(found: ZoneAnswer, query: Query): Promise<Response> {
    const { elsewhere } = found;
    if (elsewhere === undefined || (query.type !== recordTypes.A && query.type !== recordTypes.AAAA)) return found;
    const question = encodeQuestion(elsewhere, query.type);
    const response = question === undefined ? undefined : await this.#forwarder.ask(question, false, true);
    if (response === undefined) return { ...failure, answers: found.answers };
    const ttl = Math.min(response.ttl, 30);
    const addresses = response.addresses.map((data): DnsRecord =>
      data.length === 4
        ? { name: elsewhere, ttl, type: 'A', address: data.join('.') }
        : { name: elsewhere, ttl, type: 'AAAA', data },
    );
    return { ...found, code: response.code === 3 ? 'NXDOMAIN' : 'NOERROR', answers: [...found.answers, ...addresses] };
  }

  #currentZone(): Zone {
    const { source, domain, network, podExists } = this.#options;
    const { podCidr, serviceCidr } = network;
    this.#zone ??= buildZone(source.services(), source.slices(), {
      domain,
      podCidr,
      serviceCidr,
      serial: this.#serial++,
      podExists,
    });
    return this.#zone;
  }
}

function refuse(query: Query): Response | undefined {
  if (query.opcode !== 0) return { code: 'NOTIMP', authoritative: false, answers: [] };
  const isTransfer = query.type === recordTypes.AXFR || query.type === recordTypes.AXFR - 1;
  return query.class !== 1 || isTransfer ? { code: 'REFUSED', authoritative: false, answers: [] } : undefined;
}

/** Somebody else's response under the client's id and spelling, cut where it would not fit. */
function passOn(response: ForwardedResponse, query: Query, limit: number): Buffer {
  const packet =
    response.packet.length > limit ? truncated(response.packet, response.questionEnd) : Buffer.from(response.packet);
  packet.writeUInt16BE(query.id, 0);
  query.question.copy(packet, response.questionEnd - query.question.length);
  return packet;
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const [a, b] = [order[i], order[j]];
    if (a !== undefined && b !== undefined) [order[i], order[j]] = [b, a];
  }
  return order;
}

function listening(socket: Server | UdpSocket, bind: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('listening', () => {
      socket.off('error', reject);
      resolve();
    });
    bind();
  });
}
