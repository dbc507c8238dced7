/** The server's side of a SPDY/3.1 connection: streams that the client opens, each a Duplex. */
import { Duplex } from 'node:stream';
import { dataFrame, framesOf, goAwayFrame, pingFrame, replyFrame, resetFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { untilDrained } from '../../../shared/stream-drain.ts';
import { HeaderReader, HeaderWriter } from './header-blocks.ts';

const PIECE = 32 * 1024;
const CANCEL = 5;
const REFUSED = 3;
const mostStreams = 1000;
/** What streams may hold that nobody has read, before the connection is read no further. */
const mostUnread = 4 * 1024 * 1024;

export interface SpdyStream {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Ends separately in each direction. */
  readonly duplex: Duplex;
}

class StreamDuplex extends Duplex {
  readonly #send: (frame: Buffer) => Promise<void>;
  readonly #id: number;
  readonly #read: () => void;
  #finished = false;

  constructor(id: number, send: (frame: Buffer) => Promise<void>, read: () => void) {
    super({ allowHalfOpen: true });
    this.#id = id;
    this.#send = send;
    this.#read = read;
  }

  override _read(): void {
    this.#read();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const pieces: Promise<void>[] = [];
    for (let at = 0; at < chunk.length; at += PIECE)
      pieces.push(this.#send(dataFrame(this.#id, chunk.subarray(at, at + PIECE), false)));
    Promise.all(pieces).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finished = true;
    this.#send(dataFrame(this.#id, Buffer.alloc(0), true)).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#finished) done(error);
    else
      this.#send(resetFrame(this.#id, CANCEL)).then(
        () => done(error),
        // The connection is gone, and the stream with it.
        () => done(error),
      );
  }
}

export class SpdyConnection {
  readonly #transport: Duplex;
  readonly #open: (stream: SpdyStream) => void;
  readonly #streams = new Map<number, StreamDuplex>();
  readonly #writer = new HeaderWriter();
  #lastStream = 0;
  #wake: (() => void) | undefined;
  #drained: Promise<void> | undefined;

  constructor(transport: Duplex, open: (stream: SpdyStream) => void) {
    this.#transport = transport;
    this.#open = open;
    // Its failure ends the reading below; nobody else has to hear of it.
    transport.on('error', () => undefined);
  }

  /** Serves until the client goes. Never rejects: a client that speaks something else is hung up on. */
  async serve(): Promise<void> {
    const reader = new HeaderReader();
    try {
      for await (const frame of framesOf(this.#transport)) await this.#take(frame, reader);
    } catch {
      // Whatever is wrong with the bytes, there is nobody to tell it but the client, who sees the end of the connection.
    } finally {
      reader[Symbol.dispose]();
      this.#writer[Symbol.dispose]();
      this.#transport.destroy();
      for (const stream of this.#streams.values()) stream.destroy();
    }
  }

  /** Tells the client that this is all, and hangs up once everything has been sent. */
  async close(): Promise<void> {
    if (this.#transport.destroyed) return;
    await this.#send(goAwayFrame(this.#lastStream));
    this.#transport.end();
  }

  async #take(frame: Frame, reader: HeaderReader): Promise<void> {
    switch (frame.type) {
      case 'open':
        return this.#opened(frame, reader);
      case 'headers':
      case 'reply':
        // Read for the sake of the compression, which goes on from block to block.
        await reader.read(frame.block);
        return;
      case 'data':
        return this.#data(frame.stream, frame.data, frame.last);
      case 'reset': {
        const stream = this.#streams.get(frame.stream);
        this.#streams.delete(frame.stream);
        stream?.destroy();
        return;
      }
      case 'ping':
        // Odd numbers are the client's; an even one would be the answer to ours.
        if (frame.id % 2 === 1) await this.#send(pingFrame(frame.id));
        return;
      case 'goaway':
      case 'other':
        return;
    }
  }

  async #opened(frame: Frame & { readonly type: 'open' }, reader: HeaderReader): Promise<void> {
    const headers = await reader.read(frame.block);
    const id = frame.stream;
    if (this.#streams.has(id) || this.#streams.size >= mostStreams) {
      await this.#send(resetFrame(id, REFUSED));
      return;
    }
    this.#lastStream = id;
    const duplex = new StreamDuplex(
      id,
      (bytes) => this.#send(bytes),
      () => this.#wake?.(),
    );
    // Whoever uses the stream hears of its end; an error that nobody listens for must not end the process.
    duplex.on('error', () => undefined);
    duplex.once('close', () => {
      if (this.#streams.get(id) === duplex) this.#streams.delete(id);
      this.#wake?.();
    });
    this.#streams.set(id, duplex);
    await this.#send(replyFrame(id, await this.#writer.write(new Map())));
    if (frame.last) duplex.push(null);
    this.#open({ headers, duplex });
  }

  async #data(id: number, data: Buffer, last: boolean): Promise<void> {
    const stream = this.#streams.get(id);
    if (!stream || stream.readableEnded) return;
    if (data.length > 0) stream.push(data);
    if (last) stream.push(null);
    while (this.#unread() > mostUnread && !this.#transport.destroyed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  #unread(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.readableLength;
    return sum;
  }

  async #send(bytes: Buffer): Promise<void> {
    const transport = this.#transport;
    if (transport.destroyed || transport.writableEnded) throw new Error('the client has gone');
    if (transport.write(bytes)) return;
    this.#drained ??= untilDrained(transport).finally(() => {
      this.#drained = undefined;
    });
    await this.#drained;
  }
}
