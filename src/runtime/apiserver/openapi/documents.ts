/** The OpenAPI documents of a server: made when first asked for, kept until the set of kinds changes. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { isRecord } from '../../../shared/deep.ts';
import type { Registry } from '../../../types/registry.ts';
import type { SchemaTable } from '../../../types/schema.ts';
import type { Descriptions } from './definitions.ts';
import { openapiV2Document } from './v2.ts';
import { openapiV2Protobuf } from './v2-protobuf.ts';
import { openapiV3Document, openapiV3Root } from './v3.ts';

/** Content-Type of the answer. Clients ask for it with an `@` in place of the first point after v2, which no media type may have. */
export const openapiV2MediaType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** A document as bytes. Large ones lie compressed: clients mostly ask for that, and an idle server stays small. */
export interface OpenApiDocument {
  readonly gzip: Buffer;
  plain(): Buffer;
}

function compressed(bytes: Buffer): OpenApiDocument {
  // Level 1: a document is asked for once or twice.
  const gzip = gzipSync(bytes, { level: 1 });
  return { gzip, plain: () => gunzipSync(gzip) };
}

async function readDescriptions(): Promise<Descriptions> {
  const { descriptionsText } = await import('../../../types/kinds/generated/descriptions.gen.ts');
  const parsed: unknown = JSON.parse(descriptionsText);
  const descriptions: Record<string, Record<string, string>> = {};
  for (const [typeName, texts] of Object.entries(isRecord(parsed) ? parsed : {})) {
    const own: Record<string, string> = {};
    if (isRecord(texts))
      for (const [name, text] of Object.entries(texts)) if (typeof text === 'string') own[name] = text;
    descriptions[typeName] = own;
  }
  return descriptions;
}

export class OpenApiDocuments implements Disposable {
  readonly #registry: Registry;
  readonly #table: SchemaTable;
  readonly #subscription: Disposable;
  readonly #made = new Map<string, Promise<OpenApiDocument | undefined>>();

  constructor(registry: Registry, table: SchemaTable) {
    this.#registry = registry;
    this.#table = table;
    this.#subscription = registry.subscribe(() => this.#made.clear());
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#made.clear();
  }

  /** What /openapi/v3 answers. */
  v3Root(): Promise<OpenApiDocument | undefined> {
    return this.#once('v3', () => Promise.resolve(jsonBytes(openapiV3Root(this.#registry, this.#table))));
  }

  /** `path` is what follows /openapi/v3/: `api/v1`, `apis/apps/v1`. Undefined when nothing is served there. */
  v3(path: string): Promise<OpenApiDocument | undefined> {
    return this.#once(`v3/${path}`, async () => {
      const document = openapiV3Document(this.#registry, this.#table, path, await readDescriptions());
      return document && jsonBytes(document);
    });
  }

  v2Json(): Promise<OpenApiDocument | undefined> {
    return this.#once('v2', async () =>
      jsonBytes(openapiV2Document(this.#registry, this.#table, await readDescriptions())),
    );
  }

  /** The form that kubectl asks for, media type `openapiV2MediaType`. */
  v2Protobuf(): Promise<OpenApiDocument | undefined> {
    return this.#once('v2.pb', async () =>
      openapiV2Protobuf(openapiV2Document(this.#registry, this.#table, await readDescriptions())),
    );
  }

  #once(key: string, make: () => Promise<Buffer | undefined>): Promise<OpenApiDocument | undefined> {
    let document = this.#made.get(key);
    if (!document) {
      document = make().then((bytes) => bytes && compressed(bytes));
      this.#made.set(key, document);
    }
    return document;
  }
}

function jsonBytes(document: unknown): Buffer {
  return Buffer.from(JSON.stringify(document));
}
