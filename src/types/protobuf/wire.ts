/** The protobuf wire format: https://protobuf.dev/programming-guides/encoding/ */

/** Bytes that are not what they claim to be. The API answers 400. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

export const varint = 0;
export const fixed64 = 1;
export const delimited = 2;
export const fixed32 = 5;
export type WireType = typeof varint | typeof fixed64 | typeof delimited | typeof fixed32;

export class WireReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** Field number and wire type. */
  tag(): { readonly number: number; readonly wire: number } {
    const key = this.#small();
    const number = key >>> 3;
    if (number === 0) throw new DecodeError('protobuf: illegal field number 0');
    return { number, wire: key & 7 };
  }

  /** A varint as a two's complement 64-bit number. Exact up to 2^53, the nearest double beyond. */
  integer(): number {
    let low = 0;
    let factor = 1;
    // Up to 49 bits fit a double without loss.
    for (let i = 0; i < 7; i++) {
      const byte = this.#byte();
      low += (byte & 0x7f) * factor;
      if (byte < 0x80) return low;
      factor *= 128;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new DecodeError('protobuf: a number is longer than 10 bytes');
  }

  double(): number {
    this.#need(8);
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  /** The part of a length-delimited field. Shares memory with the whole. */
  bytes(): Buffer {
    const length = this.#small();
    this.#need(length);
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  text(): string {
    const length = this.#small();
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    // Short ASCII is by far the most common.
    return length < 24 ? this.#shortText(start, this.#at) : this.#bytes.toString('utf8', start, this.#at);
  }

  /** A reader of an embedded message. */
  message(): WireReader {
    const length = this.#small();
    this.#need(length);
    const start = this.#at;
    this.#at += length;
    return new WireReader(this.#bytes, start, this.#at);
  }

  skip(wire: number): void {
    switch (wire) {
      case varint:
        this.integer();
        return;
      case fixed64:
        this.#need(8);
        this.#at += 8;
        return;
      case delimited:
        this.bytes();
        return;
      case fixed32:
        this.#need(4);
        this.#at += 4;
        return;
      default:
        throw new DecodeError(`protobuf: unsupported wire type ${wire}`);
    }
  }

  #shortText(start: number, end: number): string {
    let text = '';
    for (let i = start; i < end; i++) {
      const byte = this.#bytes[i] ?? 0;
      if (byte >= 0x80) return this.#bytes.toString('utf8', start, end);
      text += String.fromCharCode(byte);
    }
    return text;
  }
  #byte(): number {
    if (this.#at >= this.#end) throw new DecodeError('protobuf: unexpected end of the message');
    return this.#bytes[this.#at++] ?? 0;
  }
  #need(length: number): void {
    if (length > this.#end - this.#at) throw new DecodeError('protobuf: unexpected end of the message');
  }
  #small(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new DecodeError('protobuf: a length or tag is out of range');
  }
}

/** Writes from the end to the front, so that the length of an embedded message is known when it is written. */
export class ReverseWriter {
  #bytes: Buffer;
  #at: number;

  constructor(size = 1024) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#at = size;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }
  finish(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  tag(number: number, wire: WireType): void {
    this.#unsigned(number * 8 + wire);
  }

  /** 64-bit two's complement: negative numbers take ten bytes. */
  integer(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) this.#unsigned(value);
    else this.#wide(BigInt.asUintN(64, BigInt(value)));
  }
  double(value: number): void {
    this.#grow(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }
  raw(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#at -= bytes.length;
    this.#bytes.set(bytes, this.#at);
  }
  /** Length and content of a text. */
  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.#grow(length);
    this.#at -= length;
    this.#bytes.write(value, this.#at, 'utf8');
    this.#unsigned(length);
  }
  /** Length and content of bytes. */
  bytes(value: Uint8Array): void {
    this.raw(value);
    this.#unsigned(value.length);
  }
  /** Length of what was written since `mark`, a former `length`. */
  close(mark: number): void {
    this.#unsigned(this.length - mark);
  }

  #unsigned(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    this.#grow(size);
    this.#at -= size;
    let rest = value;
    for (let i = 0; i < size - 1; i++) {
      this.#bytes[this.#at + i] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#at + size - 1] = rest;
  }
  #wide(value: bigint): void {
    const encoded: number[] = [];
    let rest = value;
    while (rest >= 128n) {
      encoded.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    encoded.push(Number(rest));
    this.raw(Buffer.from(encoded));
  }
  #grow(size: number): void {
    if (size <= this.#at) return;
    const used = this.length;
    const bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, used + size * 2));
    this.#bytes.copy(bytes, bytes.length - used, this.#at);
    this.#at = bytes.length - used;
    this.#bytes = bytes;
  }
}
