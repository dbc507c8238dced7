/** /openapi/v3 and /openapi/v2 as answers: made from the registry when first asked for, kept until its kinds change. */
import { createHash } from 'node:crypto';
import { builtInSchemas } from '../../types/schema-table.ts';
import type { Registry } from '../../types/registry.ts';
import type { Document } from './endpoints.ts';
import { OpenApiDocuments, type OpenApiDocument } from './openapi/documents.ts';
import { pathNotFound } from './status-error.ts';

export class OpenApi {
  readonly #documents: OpenApiDocuments;

  constructor(registry: Registry) {
    this.#documents = new OpenApiDocuments(registry, builtInSchemas);
  }

  /** `place` is empty for the index, else `api/v1` or `apis/<group>/<version>`. @throws ApiError NotFound */
  async v3(place: string, _accept: string): Promise<Document> {
    return answer(place === '' ? await this.#documents.v3Root() : await this.#documents.v3(place), 'application/json');
  }

  async v2(accept: string): Promise<Document> {
    return accept.includes('proto-openapi')
      ? answer(await this.#documents.v2Protobuf(), 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
      : answer(await this.#documents.v2Json(), 'application/json');
  }
}

/** @throws ApiError NotFound */
function answer(document: OpenApiDocument | undefined, contentType: string): Document {
  if (!document) throw pathNotFound();
  const etag = `"${createHash('sha256').update(document.gzip).digest('hex').slice(0, 32).toUpperCase()}"`;
  return { status: 200, contentType, body: document.plain(), etag };
}
