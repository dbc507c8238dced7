/** One request to the API, whatever carries it: a function call inside the process or HTTPS. */
import type { WatchEvent } from '../apiserver/request.ts';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query: URLSearchParams;
  /** Media type of `body`. */
  readonly contentType: string;
  readonly body: unknown;
  /** Aborts the request, and a watch for as long as it runs. Undefined for requests that nobody can abort. */
  readonly signal: AbortSignal | undefined;
}

export type TransportAnswer =
  | { readonly status: number; readonly object: unknown }
  | { readonly status: number; readonly events: AsyncIterable<WatchEvent> };

/** Resolves for refusals too (a Status object with its code); rejects when no answer came. */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;
