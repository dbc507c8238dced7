/** Objects as JSON bytes. The text of a stored object is made once and shared by every answer and watcher. */
import type { KubeObject } from '../../types/meta.ts';
import type { WatchEvent } from './request.ts';

interface Encoded {
  readonly full: Buffer;
  /** Bytes before the first field that is neither kind nor apiVersion. */
  readonly prefix: number;
  item?: Buffer;
  readonly events: Map<string, Buffer>;
}

const COMMA = Buffer.from(',');
const END = Buffer.from(']}\n');
const EVENT_END = Buffer.from('}\n');

export class JsonEncoding {
  readonly #known = new WeakMap<KubeObject, Encoded>();
  /** Kinds whose list items go without kind and apiVersion, as upstream's typed lists do. */
  readonly #typed: (object: KubeObject) => boolean;

  constructor(typed: (object: KubeObject) => boolean) {
    this.#typed = typed;
  }

  /** One document; lists are put together from the known bytes of their items. */
  document(object: KubeObject): Buffer {
    if (isList(object)) return this.#list(object);
    return Object.isFrozen(object) ? this.#encoded(object).full : documentOf(object).full;
  }

  event(event: WatchEvent): Buffer {
    const { object, type } = event;
    if (!Object.isFrozen(object)) return frame(type, documentOf(object).full);
    const encoded = this.#encoded(object);
    const known = encoded.events.get(type);
    if (known) return known;
    const bytes = frame(type, encoded.full);
    encoded.events.set(type, bytes);
    return bytes;
  }

  #list(list: KubeObject & { readonly items: readonly KubeObject[] }): Buffer {
    const { items, kind, apiVersion, metadata } = list;
    const parts: Buffer[] = [
      Buffer.from(
        `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`,
      ),
    ];
    items.forEach((item, index) => {
      if (index > 0) parts.push(COMMA);
      parts.push(this.#item(item));
    });
    parts.push(END);
    return Buffer.concat(parts);
  }

  #item(object: KubeObject): Buffer {
    const encoded = Object.isFrozen(object) ? this.#encoded(object) : documentOf(object);
    if (!this.#typed(object)) return encoded.full.subarray(0, -1);
    encoded.item ??= Buffer.concat([Buffer.from('{'), encoded.full.subarray(encoded.prefix, -1)]);
    return encoded.item;
  }

  #encoded(object: KubeObject): Encoded {
    let encoded = this.#known.get(object);
    if (!encoded) {
      encoded = documentOf(object);
      this.#known.set(object, encoded);
    }
    return encoded;
  }
}

function documentOf(object: KubeObject): Encoded {
  const { kind, apiVersion, ...rest } = object;
  const head = `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)}`;
  const body = JSON.stringify(rest).slice(1);
  const text = body === '}' ? `${head}}\n` : `${head},${body}\n`;
  return { full: Buffer.from(text), prefix: Buffer.byteLength(head) + 1, events: new Map() };
}

function frame(type: string, document: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), document.subarray(0, -1), EVENT_END]);
}

export function isList(object: KubeObject): object is KubeObject & { readonly items: readonly KubeObject[] } {
  return 'items' in object && Array.isArray(object.items) && object.kind.endsWith('List');
}
