/** What a hostile or broken client may send over SPDY: the connection ends, nothing else does. */
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataFrame, framesOf, openFrame, pingFrame, replyFrame } from '../../../src/runtime/apiserver/spdy/frames.ts';
import type { Frame } from '../../../src/runtime/apiserver/spdy/frames.ts';
import { HeaderReader, HeaderWriter } from '../../../src/runtime/apiserver/spdy/header-blocks.ts';
import { SpdyConnection } from '../../../src/runtime/apiserver/spdy/spdy-connection.ts';
import type { SpdyStream } from '../../../src/runtime/apiserver/spdy/spdy-connection.ts';

interface Client {
  readonly streams: SpdyStream[];
  readonly send: PassThrough;
  readonly answers: AsyncGenerator<Frame>;
  readonly served: Promise<void>;
}

function client(): Client {
  const send = new PassThrough();
  const received = new PassThrough();
  const streams: SpdyStream[] = [];
  const transport = Duplex.from({ readable: send, writable: received });
  const served = new SpdyConnection(transport, (stream) => streams.push(stream)).serve();
  return { streams, send, answers: framesOf(received), served };
}

async function next(answers: AsyncGenerator<Frame>): Promise<Frame> {
  const { value, done } = await answers.next();
  if (done === true) throw new Error('the connection has ended');
  return value;
}

describe('a SPDY connection', () => {
  it('opens streams with their headers and ends each direction by itself', async () => {
    const { streams, send, answers, served } = client();
    const writer = new HeaderWriter();
    send.write(openFrame(1, await writer.write(new Map([['streamType', 'data']]))));
    expect(await next(answers)).toMatchObject({ type: 'reply', stream: 1 });
    send.write(openFrame(3, await writer.write(new Map([['streamType', 'error']]))));
    expect(await next(answers)).toMatchObject({ type: 'reply', stream: 3 });
    expect(streams.map(({ headers }) => headers.get('streamtype'))).toEqual(['data', 'error']);
    const [data] = streams;
    send.write(dataFrame(1, Buffer.from('hello'), true));
    const chunks: string[] = [];
    data?.duplex.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    if (data) await once(data.duplex, 'end');
    expect(chunks).toEqual(['hello']);
    data?.duplex.end('bye');
    expect(await next(answers)).toMatchObject({ type: 'data', stream: 1, data: Buffer.from('bye') });
    expect(await next(answers)).toMatchObject({ type: 'data', stream: 1, last: true });
    send.write(pingFrame(7));
    expect(await next(answers)).toEqual({ type: 'ping', id: 7 });
    send.end();
    await served;
    expect(streams[1]?.duplex.destroyed).toBe(true);
  });

  it('refuses a second stream of the same number', async () => {
    const { streams, send, answers } = client();
    const writer = new HeaderWriter();
    for (const type of ['data', 'error']) send.write(openFrame(1, await writer.write(new Map([['streamType', type]]))));
    expect(await next(answers)).toMatchObject({ type: 'reply' });
    expect(await next(answers)).toMatchObject({ type: 'reset', stream: 1 });
    expect(streams).toHaveLength(1);
    send.end();
  });

  it('reads no further while nobody takes what came', async () => {
    const { streams, send, answers, served } = client();
    const writer = new HeaderWriter();
    send.write(openFrame(1, await writer.write(new Map())));
    expect(await next(answers)).toMatchObject({ type: 'reply' });
    const piece = dataFrame(1, Buffer.alloc(1024 * 1024), false);
    let sent = 0;
    while (send.writableLength < piece.length * 2) {
      send.write(piece);
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (++sent > 100) throw new Error('100 MiB were taken in that nobody reads');
    }
    const stream = streams[0]?.duplex;
    if (!stream) throw new Error('the stream was not opened');
    stream.resume();
    send.end();
    await served;
    if (!stream.destroyed) await once(stream, 'close');
  });

  it('hangs up on bytes that are no SPDY', async () => {
    const sound = Buffer.concat([
      openFrame(1, await new HeaderWriter().write(new Map([['port', '80']]))),
      dataFrame(1, Buffer.from('x'), false),
      replyFrame(2, Buffer.alloc(3)),
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.tuple(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length)).map(([at, byte, length]) =>
            Buffer.from(sound)
              .fill(byte, at, at + 1)
              .subarray(0, length),
          ),
        ),
        async (bytes) => {
          const { send, served } = client();
          send.end(bytes);
          await served;
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('blocks of headers', () => {
  it('bound what they unfold to', async () => {
    const block = await new HeaderWriter().write(new Map([['a', 'x'.repeat(10_000_000)]]));
    await expect(new HeaderReader().read(block)).rejects.toThrow('larger than 64 KiB');
  });

  it('come back as they were written', async () => {
    const writer = new HeaderWriter();
    const reader = new HeaderReader();
    const fields = fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string()), {
      selector: ([name]) => name,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(fields, async (pairs) => {
        const headers = new Map(pairs);
        expect(await reader.read(await writer.write(headers))).toEqual(headers);
      }),
    );
  });
});
