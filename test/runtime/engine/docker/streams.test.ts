import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demultiplex, jsonLines, rawOutput } from '../../../../src/runtime/engine/docker/streams.ts';

/** The bytes in chunks that end at these places. */
async function* cut(bytes: Uint8Array, places: readonly number[]): AsyncGenerator<Uint8Array> {
  let begin = 0;
  for (const end of [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    yield bytes.subarray(begin, end);
    begin = end;
  }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of source) found.push(item);
  return found;
}

function frame(stream: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const places = fc.array(fc.nat(), { maxLength: 20 });

describe('jsonLines', () => {
  it('reads values however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { maxLength: 5 }), places, async (documents, ends) => {
        const bytes = Buffer.from(documents.map((document) => `${document}\r\n`).join(''));
        expect(await all(jsonLines(cut(bytes, ends)))).toEqual(documents.map((document) => JSON.parse(document)));
      }),
    );
  });

  it('reads a last line without an end, and says what is no JSON', async () => {
    expect(await all(jsonLines(cut(Buffer.from('{"a":1}\n{"b":2}'), [])))).toEqual([{ a: 1 }, { b: 2 }]);
    await expect(all(jsonLines(cut(Buffer.from('<html>\n'), [])))).rejects.toThrow('"<html>", which is not JSON');
  });

  it('gives up on an endless line', async () => {
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(1024 * 1024, 'x');
    })();
    await expect(all(jsonLines(endless))).rejects.toMatchObject({ reason: 'Failed' });
  });
});

describe('demultiplex', () => {
  it('puts frames together however the bytes are cut', async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(frames, places, async (parts, ends) => {
        const bytes = Buffer.concat(parts.map(([stream, payload]) => frame(stream, payload)));
        const chunks = await all(demultiplex(cut(bytes, ends)));
        for (const [number, name] of [[1, 'stdout'] as const, [2, 'stderr'] as const]) {
          const wanted = parts.filter(([stream]) => stream === number).map(([, payload]) => payload);
          const found = chunks.filter(({ stream }) => stream === name).map(({ data }) => data);
          expect(Buffer.concat(found).equals(Buffer.concat(wanted))).toBe(true);
        }
      }),
    );
  });

  it('keeps one stamp for each line, however many frames it has', async () => {
    const frames = fc.array(fc.constantFrom('a', 'long', 'end\n', '\n'), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(frames, places, async (parts, ends) => {
        const bytes = Buffer.concat(parts.map((part) => frame(1, Buffer.from(`<>${part}`))));
        const chunks = await all(demultiplex(cut(bytes, ends), 2));
        const text = Buffer.concat(chunks.map(({ data }) => data)).toString();
        expect(text).toBe(parts.join('').replace(/^(?=.)|(?<=\n)(?=.)|^(?=\n)|(?<=\n)(?=\n)/g, '<>'));
      }),
    );
  });

  it('refuses what is not multiplexed', async () => {
    await expect(all(demultiplex(cut(Buffer.from('plain text'), [])))).rejects.toThrow('unknown stream');
  });
});

describe('rawOutput', () => {
  it('is stdout as it comes', async () => {
    const chunks = await all(rawOutput(cut(Buffer.from('ab'), [1])));
    expect(chunks.map(({ stream, data }) => [stream, Buffer.from(data).toString()])).toEqual([
      ['stdout', 'a'],
      ['stdout', 'b'],
    ]);
  });
});
