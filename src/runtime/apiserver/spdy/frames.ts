/** Frames of SPDY/3.1 (draft 3.1, section 2), as far as the Kubernetes API uses them: no flow control, no priorities. */

export type Frame =
  | { readonly type: 'data'; readonly stream: number; readonly last: boolean; readonly data: Buffer }
  | { readonly type: 'open'; readonly stream: number; readonly last: boolean; readonly block: Buffer }
  | { readonly type: 'reply' | 'headers'; readonly stream: number; readonly last: boolean; readonly block: Buffer }
  | { readonly type: 'reset'; readonly stream: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' }
  /** Settings and windows, which ask for nothing here. */
  | { readonly type: 'other' };

const HEAD = 8;
const VERSION = 3;
const FIN = 1;
/** Clients write pieces of at most 32 KiB; this bounds what a hostile one makes us hold. */
const mostBytes = 4 * 1024 * 1024;

const types = { open: 1, reply: 2, reset: 3, ping: 6, goaway: 7, headers: 8 } as const;

function streamOf(body: Buffer): number {
  return body.readUInt32BE(0) & 0x7fff_ffff;
}

/** The least length of a control frame's body, so that fields of it can be read. */
const least: Readonly<Record<number, number>> = {
  [types.open]: 10,
  [types.reply]: 4,
  [types.reset]: 8,
  [types.ping]: 4,
  [types.headers]: 4,
};

function control(type: number, flags: number, body: Buffer): Frame {
  if (body.length < (least[type] ?? 0)) throw new Error(`a SPDY frame of type ${type} is cut short`);
  const last = (flags & FIN) !== 0;
  switch (type) {
    case types.open:
      return { type: 'open', stream: streamOf(body), last, block: body.subarray(10) };
    case types.reply:
    case types.headers:
      return {
        type: type === types.reply ? 'reply' : 'headers',
        stream: streamOf(body),
        last,
        block: body.subarray(4),
      };
    case types.reset:
      return { type: 'reset', stream: streamOf(body), status: body.readUInt32BE(4) };
    case types.ping:
      return { type: 'ping', id: body.readUInt32BE(0) };
    case types.goaway:
      return { type: 'goaway' };
    default:
      return { type: 'other' };
  }
}

/** @throws Error for what is no SPDY/3 */
export async function* framesOf(chunks: AsyncIterable<unknown>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (!Buffer.isBuffer(chunk)) continue;
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD) {
      const length = rest.readUIntBE(5, 3);
      if (length > mostBytes) throw new Error(`a SPDY frame of ${length} bytes is too large`);
      if (rest.length < HEAD + length) break;
      const first = rest.readUInt32BE(0);
      const flags = rest.readUInt8(4);
      const body = rest.subarray(HEAD, HEAD + length);
      if ((first & 0x8000_0000) === 0) yield { type: 'data', stream: first, last: (flags & FIN) !== 0, data: body };
      else {
        const version = (first >>> 16) & 0x7fff;
        if (version !== VERSION) throw new Error(`SPDY version ${version} is not spoken here`);
        yield control(first & 0xffff, flags, body);
      }
      rest = rest.subarray(HEAD + length);
    }
  }
}

function head(first: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEAD);
  bytes.writeUInt32BE(first >>> 0, 0);
  bytes.writeUInt8(flags, 4);
  bytes.writeUIntBE(length, 5, 3);
  return bytes;
}

function controlFrame(type: number, flags: number, ...parts: readonly (number | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (Buffer.isBuffer(part)) return part;
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(part >>> 0);
      return bytes;
    }),
  );
  return Buffer.concat([head(0x8000_0000 | (VERSION << 16) | type, flags, body.length), body]);
}

export function dataFrame(stream: number, data: Uint8Array, last: boolean): Buffer {
  return Buffer.concat([head(stream, last ? FIN : 0, data.length), data]);
}

/** What a client sends to begin a stream. */
export function openFrame(stream: number, block: Buffer): Buffer {
  return controlFrame(types.open, 0, stream, 0, Buffer.alloc(2), block);
}

export function replyFrame(stream: number, block: Buffer): Buffer {
  return controlFrame(types.reply, 0, stream, block);
}

export function resetFrame(stream: number, status: number): Buffer {
  return controlFrame(types.reset, 0, stream, status);
}

export function pingFrame(id: number): Buffer {
  return controlFrame(types.ping, 0, id);
}

export function goAwayFrame(lastStream: number): Buffer {
  return controlFrame(types.goaway, 0, lastStream, 0);
}
