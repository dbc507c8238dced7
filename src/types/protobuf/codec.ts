/**
 * Kubernetes' protobuf representation of built-in kinds, media type `application/vnd.kubernetes.protobuf`: the four bytes
 * `k8s\0`, then runtime.Unknown {typeMeta = 1 {apiVersion = 1, kind = 2}, raw = 2, contentEncoding = 3, contentType = 4}.
 * Integers beyond 2^53 come out as the nearest double, as they would from JSON in JavaScript.
 */
import { isRecord } from '../../shared/deep.ts';
import { builtInSchemas } from '../schema-table.ts';
import type { SchemaTable } from '../schema.ts';
import { MessageDecoder, parseJson } from './decode.ts';
import { MessageEncoder } from './encode.ts';
import { MessagePlans, WireTypes } from './message-plan.ts';
import { DecodeError, delimited, ReverseWriter, WireReader } from './wire.ts';

export { DecodeError } from './wire.ts';

export const protobufMediaType = 'application/vnd.kubernetes.protobuf';

/** An object as it comes from the wire: nothing is known of it but that its shape is that of its type. */
export type WireObject = Record<string, unknown> & { apiVersion: string; kind: string };

export interface ProtobufWatchEvent {
  readonly type: string;
  readonly object: WireObject;
}

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

interface Unknown {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Buffer;
  readonly contentType: string;
}

function readTexts(reader: WireReader): ReadonlyMap<number, Buffer> {
  const parts = new Map<number, Buffer>();
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (wire === delimited) parts.set(number, reader.bytes());
    else reader.skip(wire);
  }
  return parts;
}

function openEnvelope(bytes: Buffer): Unknown {
  if (bytes.length < magic.length || !bytes.subarray(0, magic.length).equals(magic)) {
    throw new DecodeError('the body does not start with the bytes of a protobuf object (6b 38 73 00)');
  }
  const parts = readTexts(new WireReader(bytes, magic.length));
  const type = readTexts(new WireReader(parts.get(1) ?? Buffer.alloc(0)));
  const encoding = parts.get(3)?.toString('utf8') ?? '';
  if (encoding !== '') throw new DecodeError(`the content encoding ${JSON.stringify(encoding)} is not supported`);
  return {
    apiVersion: type.get(1)?.toString('utf8') ?? '',
    kind: type.get(2)?.toString('utf8') ?? '',
    raw: parts.get(2) ?? Buffer.alloc(0),
    contentType: parts.get(4)?.toString('utf8') ?? '',
  };
}

export class ProtobufCodec {
  readonly #types: WireTypes;
  readonly #plans: MessagePlans;
  readonly #decoder: MessageDecoder;
  readonly #encoder: MessageEncoder;

  constructor(table: SchemaTable) {
    this.#types = new WireTypes(table);
    this.#plans = new MessagePlans(table);
    this.#decoder = new MessageDecoder(this.#plans, (bytes) => this.decode(bytes));
    this.#encoder = new MessageEncoder(this.#plans);
  }

  /** Whether objects of this kind, or lists of it, have a protobuf form; custom resources have none. */
  knows(apiVersion: string, kind: string): boolean {
    return this.#types.find(apiVersion, kind) !== undefined;
  }

  /**
   * `expected` names the type when the envelope does not, as for some request options.
   *
   * @throws DecodeError for anything that is not a well-formed object of a known kind.
   */
  decode(bytes: Uint8Array, expected?: { readonly apiVersion: string; readonly kind: string }): WireObject {
    const envelope = openEnvelope(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const apiVersion = envelope.apiVersion || (expected?.apiVersion ?? '');
    const kind = envelope.kind || (expected?.kind ?? '');
    const object: WireObject = { apiVersion, kind };
    if (envelope.contentType === 'application/json') {
      const parsed = parseJson(envelope.raw);
      if (!isRecord(parsed)) throw new DecodeError('the embedded JSON is no object');
      return { ...object, ...parsed };
    }
    const schema = this.#types.find(apiVersion, kind);
    if (!schema) throw new DecodeError(`no kind "${kind}" is registered for version "${apiVersion}"`);
    this.#decoder.into(object, new WireReader(envelope.raw), this.#plans.of(schema));
    return object;
  }

  /** @throws Error when the kind has no protobuf form (ask `knows` first) or a value does not fit its type. */
  encode(object: { readonly apiVersion: string; readonly kind: string }): Buffer {
    const writer = new ReverseWriter();
    this.#envelope(writer, object);
    return writer.finish();
  }

  /** One event of a watch: its length in four bytes, big-endian, then meta/v1 WatchEvent {type = 1, object = 2 {raw = 1}}. */
  encodeWatchEvent(type: string, object: { readonly apiVersion: string; readonly kind: string }): Buffer {
    const writer = new ReverseWriter();
    this.#envelope(writer, object);
    writer.close(0);
    writer.tag(1, delimited);
    writer.close(0);
    writer.tag(2, delimited);
    writer.text(type);
    writer.tag(1, delimited);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(writer.length);
    writer.raw(length);
    return writer.finish();
  }

  /** The content of one frame, without its length. @throws DecodeError */
  decodeWatchEvent(frame: Uint8Array): ProtobufWatchEvent {
    const parts = readTexts(new WireReader(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)));
    const raw = readTexts(new WireReader(parts.get(2) ?? Buffer.alloc(0))).get(1);
    if (!raw) throw new DecodeError('a watch event has no object');
    return { type: parts.get(1)?.toString('utf8') ?? '', object: this.decode(raw) };
  }

  #envelope(writer: ReverseWriter, object: { readonly apiVersion: string; readonly kind: string }): void {
    const { apiVersion, kind } = object;
    const schema = this.#types.find(apiVersion, kind);
    if (!schema) throw new Error(`${apiVersion} ${kind} has no protobuf form`);
    let mark = writer.length;
    this.#encoder.message(writer, { ...object }, this.#plans.of(schema));
    writer.close(mark);
    writer.tag(2, delimited);
    mark = writer.length;
    writer.text(kind);
    writer.tag(2, delimited);
    writer.text(apiVersion);
    writer.tag(1, delimited);
    writer.close(mark);
    writer.tag(1, delimited);
    writer.raw(magic);
  }
}

let builtIn: ProtobufCodec | undefined;

/** The codec of the built-in kinds: immutable facts, prepared on first use. */
export function builtInProtobuf(): ProtobufCodec {
  return (builtIn ??= new ProtobufCodec(builtInSchemas));
}

/** @throws DecodeError */
export function decodeProtobuf(bytes: Uint8Array): WireObject {
  return builtInProtobuf().decode(bytes);
}

export function encodeProtobuf(object: { readonly apiVersion: string; readonly kind: string }): Buffer {
  return builtInProtobuf().encode(object);
}
