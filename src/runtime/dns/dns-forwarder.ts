import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { DnsFrames, frame } from './dns-frames.ts';
import { decodeForeignResponse, encodeQuery } from './dns-message.ts';
import type { ForeignResponse } from './dns-message.ts';

export interface ForwarderOptions {
  /** Addresses of the servers to ask, in order of preference. */
  servers(): Promise<readonly string[]>;
  readonly clock: Clock;
  /** Port of those servers. */
  readonly port?: number;
}

export interface ForwardedResponse extends ForeignResponse {
  /** As it came; the id is the forwarder's own. */
  readonly packet: Buffer;
}

/** Each server gets this long in the first and in the second round: together less than the 5 s after which clients give up. */
const rounds: readonly Milliseconds[] = [1_000, 1_500];
/** A server that let all rounds pass is left alone this long, so that an offline machine answers at once. */
const restTime: Milliseconds = 3_000;
/** Questions open at once; each has a socket. */
const mostOpen = 512;
const mostCached = 2_000;
const longestCached: Milliseconds = 30_000;
/** Codes of which another server may know better. */
const unhelpful = new Set([2, 5]);

/** Asks the machine's own resolvers about names outside the cluster. */
export class DnsForwarder {
  readonly #options: ForwarderOptions;
  readonly #port: number;
  readonly #restsUntil = new Map<string, Milliseconds>();
  readonly #cache = new Map<
    string,
    { readonly response: ForwardedResponse; readonly storedAt: Milliseconds; readonly expiresAt: Milliseconds }
  >();
  readonly #open = new Map<string, Promise<ForwardedResponse | undefined>>();

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#port = options.port ?? 53;
  }

  /** The response to a question, TTLs counted down; undefined where no server can be reached. `viaTcp`: the whole of it. */
  async ask(question: Buffer, withOption: boolean, viaTcp: boolean): Promise<ForwardedResponse | undefined> {
    const key = `${withOption}/${viaTcp}/${question.toString('latin1').toLowerCase()}`;
    const cached = this.#cached(key);
    if (cached !== undefined) return cached;
    const open = this.#open.get(key);
    if (open !== undefined) return await open;
    if (this.#open.size >= mostOpen) return undefined;
    const asking = this.#askServers(question, withOption, viaTcp).finally(() => this.#open.delete(key));
    this.#open.set(key, asking);
    const response = await asking;
    if (response !== undefined) this.#store(key, response);
    return response;
  }

  async #askServers(question: Buffer, withOption: boolean, viaTcp: boolean): Promise<ForwardedResponse | undefined> {
    const { clock } = this.#options;
    const servers = await this.#options.servers();
    let lastWord: ForwardedResponse | undefined;
    const silent = new Set(servers);
    for (const timeout of rounds) {
      for (const server of servers) {
        if ((this.#restsUntil.get(server) ?? 0) > clock.monotonic()) continue;
        let response = await this.#exchange(server, question, withOption, timeout, false);
        if (response?.truncated === true && viaTcp)
          response = await this.#exchange(server, question, withOption, timeout, true);
        if (response === undefined) continue;
        silent.delete(server);
        this.#restsUntil.delete(server);
        if (!unhelpful.has(response.code)) return response;
        lastWord = response;
      }
      if (lastWord !== undefined) return lastWord;
    }
    const until = clock.monotonic() + restTime;
    for (const server of silent)
      if ((this.#restsUntil.get(server) ?? 0) < clock.monotonic()) this.#restsUntil.set(server, until);
    return undefined;
  }

  /** One question to one server. A new source port and id each time make answers hard to forge. Undefined when none came. */
  #exchange(
    server: string,
    question: Buffer,
    withOption: boolean,
    timeout: Milliseconds,
    viaTcp: boolean,
  ): Promise<ForwardedResponse | undefined> {
    const id = randomInt(65_536);
    const request = encodeQuery(id, question, withOption);
    return new Promise((resolve) => {
      const finish = (response: ForwardedResponse | undefined): void => {
        timer[Symbol.dispose]();
        close();
        resolve(response);
      };
      const receive = (packet: Buffer): void => {
        const response = decodeForeignResponse(packet, id, question);
        if (response !== undefined) finish({ ...response, packet });
      };
      const open = viaTcp ? this.#openTcp : this.#openUdp;
      const timer = this.#options.clock.schedule(timeout, () => finish(undefined));
      const close = open.call(this, server, request, receive, () => finish(undefined));
    });
  }

  #openUdp(server: string, request: Buffer, receive: (packet: Buffer) => void, fail: () => void): () => void {
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
    let isClosed = false;
    socket.on('message', receive);
    socket.on('error', fail);
    // Connected, the socket hears nobody else, and learns at once when the port is closed.
    socket.once('connect', () => {
      if (!isClosed) socket.send(request);
    });
    socket.connect(this.#port, server);
    return () => {
      if (!isClosed) socket.close();
      isClosed = true;
    };
  }

  #openTcp(server: string, request: Buffer, receive: (packet: Buffer) => void, fail: () => void): () => void {
    const frames = new DnsFrames();
    const socket = connect(this.#port, server, () => socket.write(frame(request)));
    socket.on('data', (chunk: Buffer) => {
      for (const packet of frames.push(chunk)) receive(packet);
    });
    socket.on('error', fail);
    socket.on('close', fail);
    return () => void socket.destroy();
  }

  #cached(key: string): ForwardedResponse | undefined {
    const entry = this.#cache.get(key);
    if (entry === undefined) return undefined;
    const now = this.#options.clock.monotonic();
    if (now >= entry.expiresAt) {
      this.#cache.delete(key);
      return undefined;
    }
    const packet = Buffer.from(entry.response.packet);
    const age = Math.floor((now - entry.storedAt) / 1000);
    for (const offset of entry.response.ttlOffsets)
      packet.writeUInt32BE(Math.max(packet.readUInt32BE(offset) - age, 0), offset);
    return { ...entry.response, packet };
  }

  #store(key: string, response: ForwardedResponse): void {
    const lifetime = Math.min(response.ttl * 1000, longestCached);
    if (lifetime <= 0 || response.truncated || (response.code !== 0 && response.code !== 3)) return;
    const oldest = this.#cache.keys().next();
    if (this.#cache.size >= mostCached && oldest.done !== true) this.#cache.delete(oldest.value);
    const storedAt = this.#options.clock.monotonic();
    this.#cache.set(key, { response, storedAt, expiresAt: storedAt + lifetime });
  }
}
