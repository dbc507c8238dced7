/** Blocks of header fields as SPDY/3.1 packs them: one zlib stream in each direction, begun with a dictionary (draft 3.1, 2.6.10). */
import { createDeflate, createInflate, constants } from 'node:zlib';
import type { Deflate, Inflate } from 'node:zlib';

/** Words that the dictionary of the draft lists with their length in front. */
const words = [
  ...['options', 'head', 'post', 'put', 'delete', 'trace', 'accept', 'accept-charset', 'accept-encoding'],
  ...['accept-language', 'accept-ranges', 'age', 'allow', 'authorization', 'cache-control', 'connection'],
  ...['content-base', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5'],
  ...['content-range', 'content-type', 'date', 'etag', 'expect', 'expires', 'from', 'host', 'if-match'],
  ...['if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'location'],
  ...['max-forwards', 'pragma', 'proxy-authenticate', 'proxy-authorization', 'range', 'referer', 'retry-after'],
  ...['server', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent', 'vary', 'via', 'warning'],
  ...['www-authenticate', 'method', 'get', 'status', '200 OK', 'version', 'HTTP/1.1', 'url', 'public', 'set-cookie'],
  ...['keep-alive', 'origin'],
];
/** What follows them, without lengths. */
const tail = [
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505',
  '203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized',
  '403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable',
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT',
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,',
  'publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.',
].join('');

export const dictionary: Buffer = Buffer.concat([
  ...words.flatMap((word) => [count(word.length), Buffer.from(word)]),
  Buffer.from(tail),
]);

/** Far above what any client of the Kubernetes API sends. */
const mostBytes = 64 * 1024;
const mostPairs = 100;

function count(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** @throws Error for a block that is none */
export class HeaderReader implements Disposable {
  readonly #inflate: Inflate = createInflate({ dictionary, finishFlush: constants.Z_SYNC_FLUSH });

  /** Names are lower-cased. Calls must not overlap: each block continues the one before. */
  async read(block: Buffer): Promise<ReadonlyMap<string, string>> {
    const plain = await this.#inflated(block);
    let at = 0;
    const integer = (): number => {
      if (at + 4 > plain.length) throw new Error('a block of SPDY header fields is cut short');
      at += 4;
      return plain.readUInt32BE(at - 4);
    };
    const text = (): string => {
      const length = integer();
      if (length > plain.length - at) throw new Error('a SPDY header field is longer than its block');
      at += length;
      return plain.toString('utf8', at - length, at);
    };
    const pairs = integer();
    if (pairs > mostPairs) throw new Error(`a block of ${pairs} SPDY header fields is too large`);
    const headers = new Map<string, string>();
    for (let index = 0; index < pairs; index += 1) {
      const name = text().toLowerCase();
      headers.set(name, text());
    }
    return headers;
  }

  #inflated(block: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const take = (chunk: Buffer): void => {
        size += chunk.length;
        if (size > mostBytes) reject(new Error('a block of SPDY header fields is larger than 64 KiB'));
        else chunks.push(chunk);
      };
      this.#inflate.on('data', take);
      this.#inflate.once('error', reject);
      this.#inflate.write(block, () => {
        this.#inflate.off('data', take);
        this.#inflate.off('error', reject);
        resolve(Buffer.concat(chunks));
      });
    });
  }

  [Symbol.dispose](): void {
    this.#inflate.on('error', () => undefined);
    this.#inflate.destroy();
  }
}

export class HeaderWriter implements Disposable {
  readonly #deflate: Deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH });

  /** Calls must not overlap. */
  write(headers: ReadonlyMap<string, string>): Promise<Buffer> {
    const fields = [...headers].flatMap(([name, value]) =>
      [name, value].flatMap((text) => [count(Buffer.byteLength(text)), Buffer.from(text)]),
    );
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const take = (chunk: Buffer): void => void chunks.push(chunk);
      this.#deflate.on('data', take);
      this.#deflate.once('error', reject);
      this.#deflate.write(Buffer.concat([count(headers.size), ...fields]), () => {
        this.#deflate.off('data', take);
        this.#deflate.off('error', reject);
        resolve(Buffer.concat(chunks));
      });
    });
  }

  [Symbol.dispose](): void {
    this.#deflate.on('error', () => undefined);
    this.#deflate.destroy();
  }
}
