/** The typed client over any transport. */
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../types/meta.ts';
import { isKubeObject, failureOf, listAnswer, persisted, scaleAnswer, watchEvent } from './answers.ts';
import type {
  ApiClient,
  ClientWatchEvent,
  DeleteQuery,
  ListAnswer,
  ListQuery,
  Patch,
  ResourceClient,
  ScaleAnswer,
  WriteQuery,
} from './api-client.ts';
import { collectionPath, deleteOptions, listParameters, objectPath, writeParameters } from './resource-path.ts';
import type { Transport, TransportRequest } from './transport.ts';

const json = 'application/json';
const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A client of every kind that sends its requests through `transport`. */
export function clientOver(transport: Transport): ApiClient {
  return { of: (kind) => new TransportResourceClient(kind, transport) };
}

class TransportResourceClient<T extends KubeObject> implements ResourceClient<T> {
  readonly #kind: KindDefinition<T>;
  readonly #transport: Transport;

  constructor(kind: KindDefinition<T>, transport: Transport) {
    this.#kind = kind;
    this.#transport = transport;
  }

  async get(key: ObjectKey): Promise<Persisted<T> | undefined> {
    const answer = await this.#send('GET', this.#path(key));
    if (isNotFound(answer)) return undefined;
    return persisted(this.#kind, accepted(answer));
  }

  async list(query: ListQuery = {}, signal?: AbortSignal): Promise<ListAnswer<T>> {
    const path = collectionPath(this.#kind, query.namespace ?? '');
    const answer = await this.#send('GET', path, { query: listParameters(query), signal });
    return listAnswer(this.#kind, accepted(answer));
  }

  async *watch(
    query: ListQuery & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncGenerator<ClientWatchEvent<T>> {
    const parameters = listParameters(query);
    parameters.set('watch', 'true');
    parameters.set('allowWatchBookmarks', 'true');
    const path = collectionPath(this.#kind, query.namespace ?? '');
    const answer = await this.#transport({
      method: 'GET',
      path,
      query: parameters,
      contentType: json,
      body: undefined,
      signal,
    });
    if (!('events' in answer)) throw failureOf(answer.status, answer.object);
    for await (const event of answer.events) yield watchEvent(this.#kind, event);
  }

  async create(object: T, query?: WriteQuery): Promise<Persisted<T>> {
    const path = collectionPath(this.#kind, object.metadata.namespace ?? '');
    const answer = await this.#send('POST', path, { query: writeParameters(query), body: object });
    return persisted(this.#kind, accepted(answer));
  }

  update(object: T, query?: WriteQuery): Promise<Persisted<T>> {
    return this.#put(object, undefined, query);
  }

  updateStatus(object: T, query?: WriteQuery): Promise<Persisted<T>> {
    return this.#put(object, 'status', query);
  }

  updateSubresource(object: T, subresource: string, query?: WriteQuery): Promise<Persisted<T>> {
    return this.#put(object, subresource, query);
  }

  async patch(
    key: ObjectKey,
    patch: Patch,
    query: WriteQuery & { readonly subresource?: string } = {},
  ): Promise<Persisted<T>> {
    const parameters = writeParameters(query);
    if (patch.type === 'apply' && patch.force === true) parameters.set('force', 'true');
    const body = patch.type === 'json' ? patch.operations : patch.type === 'apply' ? patch.object : patch.patch;
    const answer = await this.#send('PATCH', this.#path(key, query.subresource), {
      query: parameters,
      contentType: patchTypes[patch.type],
      body,
    });
    return persisted(this.#kind, accepted(answer));
  }

  async delete(key: ObjectKey, query: DeleteQuery = {}): Promise<KubeObject | undefined> {
    const answer = await this.#send('DELETE', this.#path(key), { body: deleteOptions(query) });
    if (isNotFound(answer)) return undefined;
    return objectOf(accepted(answer));
  }

  async deleteCollection(query: ListQuery, options: DeleteQuery = {}): Promise<void> {
    const path = collectionPath(this.#kind, query.namespace ?? '');
    accepted(await this.#send('DELETE', path, { query: listParameters(query), body: deleteOptions(options) }));
  }

  async postSubresource(
    key: ObjectKey,
    subresource: string,
    body: KubeObject,
    query?: WriteQuery,
  ): Promise<KubeObject> {
    const answer = await this.#send('POST', this.#path(key, subresource), { query: writeParameters(query), body });
    return objectOf(accepted(answer));
  }

  async scale(key: ObjectKey): Promise<ScaleAnswer | undefined> {
    const answer = await this.#send('GET', this.#path(key, 'scale'));
    return isNotFound(answer) ? undefined : scaleAnswer(accepted(answer));
  }

  async setScale(key: ObjectKey, replicas: number, resourceVersion: string): Promise<ScaleAnswer> {
    const metadata = { ...key, resourceVersion };
    const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas } };
    return scaleAnswer(accepted(await this.#send('PUT', this.#path(key, 'scale'), { body })));
  }

  async #put(object: T, subresource: string | undefined, query: WriteQuery | undefined): Promise<Persisted<T>> {
    const path = this.#path(
      { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' },
      subresource,
    );
    const answer = await this.#send('PUT', path, { query: writeParameters(query), body: object });
    return persisted(this.#kind, accepted(answer));
  }

  #path(key: ObjectKey, subresource?: string): string {
    return objectPath(this.#kind, key.namespace, key.name, subresource);
  }

  async #send(
    method: TransportRequest['method'],
    path: string,
    rest: {
      readonly query?: URLSearchParams;
      readonly body?: unknown;
      readonly contentType?: string;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<PlainAnswer> {
    const answer = await this.#transport({
      method,
      path,
      query: rest.query ?? new URLSearchParams(),
      contentType: rest.contentType ?? json,
      body: rest.body,
      signal: rest.signal,
    });
    if ('events' in answer) throw new Error(`the API server answered ${method} ${path} with a watch`);
    return answer;
  }
}

interface PlainAnswer {
  readonly status: number;
  readonly object: unknown;
}

function accepted(answer: PlainAnswer): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.object;
  throw failureOf(answer.status, answer.object);
}

/** A 404 for the object, not for its kind or path: those are told apart by the reason and the details of the Status. */
function isNotFound(answer: PlainAnswer): boolean {
  if (answer.status !== 404) return false;
  return failureOf(answer.status, answer.object).reason === 'NotFound';
}

function objectOf(value: unknown): KubeObject {
  if (isKubeObject(value)) return value;
  throw new Error('the API server answered something that is no object');
}
