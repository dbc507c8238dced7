/** Typed access to the API. The definition is the key, so the type of the answer follows from it. */
import type { JsonValue } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../types/meta.ts';

export interface ListQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
}
export interface ListAnswer<T extends KubeObject> {
  readonly resourceVersion: string;
  readonly continue: string | undefined;
  readonly items: readonly Persisted<T>[];
}
export type ClientWatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Persisted<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface DeleteQuery {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}
export interface WriteQuery {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}
/** How many an object has, whatever its kind calls that (autoscaling/v1 Scale). */
export interface ScaleAnswer {
  /** Of the object. */
  readonly uid: string;
  readonly resourceVersion: string;
  /** Wanted. */
  readonly replicas: number;
  readonly currentReplicas: number;
  /** Of the pods, as text; empty where the kind names none. */
  readonly selector: string;
}
export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonValue[] }
  | { readonly type: 'merge' | 'strategic'; readonly patch: JsonValue }
  | { readonly type: 'apply'; readonly object: JsonValue; readonly force?: boolean };

/** A refusal of the API server. `reason` is the Status reason: NotFound, AlreadyExists, Conflict, Invalid ... */
export class ApiFailure extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    /** The whole Status document. */
    readonly status: KubeObject | undefined,
  ) {
    super(message);
  }
}

export interface ResourceClient<T extends KubeObject> {
  /** Undefined when there is none. */
  get(key: ObjectKey): Promise<Persisted<T> | undefined>;
  list(query?: ListQuery, signal?: AbortSignal): Promise<ListAnswer<T>>;
  /** Ends when the server ends it or the signal aborts. @throws ApiFailure code 410 when `resourceVersion` is too old */
  watch(
    query: ListQuery & { readonly resourceVersion: string },
    signal: AbortSignal,
  ): AsyncIterable<ClientWatchEvent<T>>;
  create(object: T, query?: WriteQuery): Promise<Persisted<T>>;
  update(object: T, query?: WriteQuery): Promise<Persisted<T>>;
  updateStatus(object: T, query?: WriteQuery): Promise<Persisted<T>>;
  /** PUT to `<resource>/<name>/<subresource>` with an object of this kind: finalize, approval, status. */
  updateSubresource(object: T, subresource: string, query?: WriteQuery): Promise<Persisted<T>>;
  patch(key: ObjectKey, patch: Patch, query?: WriteQuery & { readonly subresource?: string }): Promise<Persisted<T>>;
  /** Undefined when it was gone already. */
  delete(key: ObjectKey, query?: DeleteQuery): Promise<KubeObject | undefined>;
  /** Deletes all that `query` selects, in one request. */
  deleteCollection(query: ListQuery, options?: DeleteQuery): Promise<void>;
  /** POST to `<resource>/<name>/<subresource>`: binding, eviction, token. */
  postSubresource(key: ObjectKey, subresource: string, body: KubeObject, query?: WriteQuery): Promise<KubeObject>;
  /** Undefined when there is no such object, or its kind cannot be scaled. */
  scale(key: ObjectKey): Promise<ScaleAnswer | undefined>;
  /** @throws ApiFailure NotFound, and Conflict when the object has changed since `resourceVersion` */
  setScale(key: ObjectKey, replicas: number, resourceVersion: string): Promise<ScaleAnswer>;
}

export interface ApiClient {
  of<T extends KubeObject>(kind: KindDefinition<T>): ResourceClient<T>;
}
