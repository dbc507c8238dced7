/** DNS wire format (RFC 1035, EDNS: RFC 6891), as far as a server of cluster names and a forwarder need it. */

export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  AXFR: 252,
  ANY: 255,
} as const;
export const responseCodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type ResponseCode = keyof typeof responseCodes;

/** Names are written without the final dot; the root is the empty string. */
export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly data: Buffer }
  | { readonly type: 'CNAME' | 'PTR' | 'NS'; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SOA';
      readonly primary: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly negativeTtl: number;
    }
);

export interface Query {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  /** As the client spelled it, without the final dot. */
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** The question as it came, to be echoed byte for byte: clients compare even the case of letters. */
  readonly question: Buffer;
  /** The largest UDP answer the client takes; undefined where it does not speak EDNS. */
  readonly udpSize: number | undefined;
}

/** What the packet is not: a DNS query that can be understood. `id` is undefined where not even an answer can be addressed. */
export class MalformedQuery extends Error {
  constructor(
    readonly id: number | undefined,
    message: string,
  ) {
    super(message);
  }
}

const headerSize = 12;
const responseBit = 0x8000;

/** @throws MalformedQuery; never anything else, whatever the bytes */
export function decodeQuery(packet: Buffer): Query {
  if (packet.length < headerSize) throw new MalformedQuery(undefined, 'shorter than a header');
  const id = packet.readUInt16BE(0);
  const flags = packet.readUInt16BE(2);
  // Answering an answer could go on for ever.
  if ((flags & responseBit) !== 0) throw new MalformedQuery(undefined, 'not a query');
  if (packet.readUInt16BE(4) !== 1) throw new MalformedQuery(id, 'not exactly one question');
  try {
    const { name, end } = readName(packet, headerSize);
    if (end + 4 > packet.length) throw new RangeError('question cut off');
    return {
      id,
      opcode: (flags >> 11) & 15,
      recursionDesired: (flags & 0x0100) !== 0,
      name,
      type: packet.readUInt16BE(end),
      class: packet.readUInt16BE(end + 2),
      question: packet.subarray(headerSize, end + 4),
      udpSize: readUdpSize(packet, end + 4),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new MalformedQuery(id, error.message);
    throw error;
  }
}

/**
 * A name without back references, which the one name of a question has nothing to refer to. Labels come out as Latin-1, one character
 * per byte; characters that would be mistaken for structure are escaped as in zone files.
 */
function readName(packet: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (;;) {
    const size = byteAt(packet, at);
    if (size === 0) return { name: labels.join('.'), end: at + 1 };
    if (size > 63 || at + 1 + size > packet.length) throw new RangeError('malformed name');
    labels.push(packet.toString('latin1', at + 1, at + 1 + size).replace(/[.\\]/g, '\\$&'));
    at += size + 1;
    if (at - start > 254) throw new RangeError('name too long');
  }
}

function byteAt(packet: Buffer, at: number): number {
  const value = packet[at];
  if (value === undefined) throw new RangeError('cut off');
  return value;
}

/** Offset after a name, without reading it. */
function skipName(packet: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const size = byteAt(packet, at);
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2;
    at += size + 1;
  }
}

interface RawRecord {
  readonly type: number;
  readonly class: number;
  readonly ttlOffset: number;
  readonly data: Buffer;
}

/** The records after the question. @throws RangeError where the packet is cut off */
function* rawRecords(packet: Buffer, start: number): Generator<RawRecord> {
  const count = packet.readUInt16BE(6) + packet.readUInt16BE(8) + packet.readUInt16BE(10);
  let at = start;
  for (let i = 0; i < count; i++) {
    at = skipName(packet, at);
    const end = at + 10 + packet.readUInt16BE(at + 8);
    yield {
      type: packet.readUInt16BE(at),
      class: packet.readUInt16BE(at + 2),
      ttlOffset: at + 4,
      data: packet.subarray(at + 10, end),
    };
    at = end;
  }
  if (at > packet.length) throw new RangeError('record cut off');
}

function readUdpSize(packet: Buffer, start: number): number | undefined {
  for (const record of rawRecords(packet, start))
    if (record.type === recordTypes.OPT) return Math.max(record.class, 512);
  return undefined;
}

export interface Response {
  readonly code: ResponseCode;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities?: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
}

/** What this server puts into its own EDNS option: fits any link without fragments (DNS flag day 2020). */
export const advertisedUdpSize = 1232;

/** The response to `query` in at most `limit` bytes: records that do not fit are left out, and where answers are, TC is set. */
export function encodeResponse(query: Query, response: Response, limit: number): Buffer {
  const writer = new MessageWriter(query.question);
  const optSize = query.udpSize === undefined ? 0 : 11;
  const room = limit - optSize;
  const sections = [response.answers, response.authorities ?? [], response.additionals ?? []];
  const counts = sections.map((records) => writer.records(records, room));
  const truncated = counts[0] !== response.answers.length;
  if (query.udpSize !== undefined) writer.option();
  const flags =
    responseBit |
    (query.opcode << 11) |
    (response.authoritative ? 0x0400 : 0) |
    (truncated ? 0x0200 : 0) |
    (query.recursionDesired ? 0x0100 : 0) |
    0x0080 |
    responseCodes[response.code];
  const [answers = 0, authorities = 0, additionals = 0] = counts;
  return writer.finish(query.id, flags, [1, answers, authorities, additionals + (optSize > 0 ? 1 : 0)]);
}

/** An error for a packet of which only the id could be read. */
export function encodeFormatError(id: number): Buffer {
  const packet = Buffer.alloc(headerSize);
  packet.writeUInt16BE(id, 0);
  packet.writeUInt16BE(responseBit | responseCodes.FORMERR, 2);
  return packet;
}

/** Writes names with back references to those written before (RFC 1035 4.1.4). */
class MessageWriter {
  #parts: Buffer[] = [];
  #size: number;
  readonly #question: Buffer;
  readonly #suffixes = new Map<string, number>();

  constructor(question: Buffer) {
    this.#question = question;
    this.#size = headerSize + question.length;
    this.#noteQuestion(question);
  }

  /** How many of the records were written before `limit` was reached. */
  records(records: readonly DnsRecord[], limit: number): number {
    let count = 0;
    for (const record of records) {
      const before = { size: this.#size, parts: this.#parts.length };
      this.#record(record);
      if (this.#size > limit) {
        this.#parts.length = before.parts;
        this.#size = before.size;
        for (const [suffix, at] of this.#suffixes) if (at >= before.size) this.#suffixes.delete(suffix);
        return count;
      }
      count++;
    }
    return count;
  }

  option(): void {
    const bytes = Buffer.alloc(11);
    bytes.writeUInt16BE(recordTypes.OPT, 1);
    bytes.writeUInt16BE(advertisedUdpSize, 3);
    this.#push(bytes);
  }

  finish(id: number, flags: number, counts: readonly number[]): Buffer {
    const header = Buffer.alloc(headerSize);
    for (const [i, value] of [id, flags, ...counts].entries()) header.writeUInt16BE(value, i * 2);
    return Buffer.concat([header, this.#question, ...this.#parts]);
  }

  #noteQuestion(question: Buffer): void {
    for (let at = 0; ;) {
      const size = question[at] ?? 0;
      if (size === 0 || size > 63) return;
      const rest = readName(question, at).name.toLowerCase();
      this.#suffixes.set(rest, headerSize + at);
      at += size + 1;
    }
  }

  #record(record: DnsRecord): void {
    this.#name(record.name);
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(recordTypes[record.type], 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(record.ttl, 4);
    this.#push(fixed);
    const start = this.#size;
    this.#data(record);
    fixed.writeUInt16BE(this.#size - start, 8);
  }

  #data(record: DnsRecord): void {
    switch (record.type) {
      case 'A':
        return this.#push(Buffer.from(record.address.split('.').map(Number)));
      case 'AAAA':
        return this.#push(record.data);
      case 'CNAME':
      case 'PTR':
      case 'NS':
        return this.#name(record.target);
      case 'SRV': {
        this.#numbers16([record.priority, record.weight, record.port]);
        return this.#name(record.target, false); // RFC 2782: no compression of the target
      }
      case 'TXT': {
        const text = Buffer.from(record.text).subarray(0, 255);
        return this.#push(Buffer.concat([Buffer.from([text.length]), text]));
      }
      case 'SOA': {
        this.#name(record.primary);
        this.#name(record.mailbox);
        const numbers = Buffer.alloc(20);
        for (const [i, value] of [record.serial, 7200, 1800, 86_400, record.negativeTtl].entries())
          numbers.writeUInt32BE(value, i * 4);
        return this.#push(numbers);
      }
    }
  }

  #numbers16(values: readonly number[]): void {
    const bytes = Buffer.alloc(values.length * 2);
    for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
    this.#push(bytes);
  }

  #name(name: string, compress = true): void {
    let rest = name;
    while (rest !== '') {
      const known = this.#suffixes.get(rest.toLowerCase());
      if (compress && known !== undefined) return this.#numbers16([0xc000 | known]);
      if (this.#size < 0x3fff && known === undefined) this.#suffixes.set(rest.toLowerCase(), this.#size);
      const [label = ''] = /^(?:[^.\\]|\\.)*/.exec(rest) ?? [];
      const bytes = Buffer.from(label.replace(/\\(.)/g, '$1'), 'latin1').subarray(0, 63);
      this.#push(Buffer.concat([Buffer.from([bytes.length]), bytes]));
      rest = rest.slice(label.length + 1);
    }
    this.#push(Buffer.from([0]));
  }

  #push(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
  }
}

/** The same question for another server. EDNS is asked for when the client did; its other options are between it and us. */
export function encodeQuery(id: number, question: Buffer, withOption: boolean): Buffer {
  const packet = Buffer.alloc(headerSize + question.length + (withOption ? 11 : 0));
  packet.writeUInt16BE(id, 0);
  packet.writeUInt16BE(0x0100, 2);
  packet.writeUInt16BE(1, 4);
  question.copy(packet, headerSize);
  if (withOption) {
    packet.writeUInt16BE(1, 10);
    packet.writeUInt16BE(recordTypes.OPT, headerSize + question.length + 1);
    packet.writeUInt16BE(advertisedUdpSize, headerSize + question.length + 3);
  }
  return packet;
}

/** The bytes of a question, for names this server asks for by itself. Undefined for what is no host name. */
export function encodeQuestion(name: string, type: number): Buffer | undefined {
  const labels = name
    .replace(/\.$/, '')
    .split('.')
    .map((label) => Buffer.from(label, 'latin1'));
  if (labels.some((label) => label.length === 0 || label.length > 63) || name.length > 253) return undefined;
  const tail = Buffer.alloc(5);
  tail.writeUInt16BE(type, 1);
  tail.writeUInt16BE(1, 3);
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), tail]);
}

/** Of a response from elsewhere: its code, whether it is truncated, and where its TTLs stand. */
export interface ForeignResponse {
  readonly code: number;
  readonly truncated: boolean;
  readonly ttlOffsets: readonly number[];
  /** Smallest TTL in seconds; 0 where the response has no records. */
  readonly ttl: number;
  /** Where the question ends. */
  readonly questionEnd: number;
  /** Its A and AAAA records, whatever name they have. */
  readonly addresses: readonly Buffer[];
}

/** Undefined when `packet` is no well-formed response to this very question. */
export function decodeForeignResponse(packet: Buffer, id: number, question: Buffer): ForeignResponse | undefined {
  if (packet.length < headerSize + question.length || packet.readUInt16BE(0) !== id) return undefined;
  const flags = packet.readUInt16BE(2);
  if ((flags & responseBit) === 0 || packet.readUInt16BE(4) !== 1) return undefined;
  const echoed = packet.subarray(headerSize, headerSize + question.length);
  if (echoed.toString('latin1').toLowerCase() !== question.toString('latin1').toLowerCase()) return undefined;
  const questionEnd = headerSize + question.length;
  try {
    const records = [...rawRecords(packet, questionEnd)].filter(({ type }) => type !== recordTypes.OPT);
    const ttlOffsets = records.map(({ ttlOffset }) => ttlOffset);
    const ttls = ttlOffsets.map((offset) => packet.readUInt32BE(offset));
    const addresses = records
      .filter(
        ({ type, data }) =>
          (type === recordTypes.A && data.length === 4) || (type === recordTypes.AAAA && data.length === 16),
      )
      .map(({ data }) => data);
    return {
      addresses,
      code: flags & 15,
      truncated: (flags & 0x0200) !== 0,
      ttlOffsets,
      ttl: ttls.length === 0 ? 0 : Math.min(...ttls),
      questionEnd,
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A foreign response cut down to its question, with TC set: the client asks again by TCP. */
export function truncated(packet: Buffer, questionEnd: number): Buffer {
  const cut = Buffer.from(packet.subarray(0, questionEnd));
  cut.writeUInt16BE(cut.readUInt16BE(2) | 0x0200, 2);
  cut.fill(0, 6, headerSize);
  return cut;
}
