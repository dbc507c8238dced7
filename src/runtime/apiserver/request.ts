/**
 * A request as the pipeline sees it, whether it came over HTTPS or from a component in the same process.
 * `Dispatch` is the seam between the server and its clients inside the process.
 */
import type { KubeObject } from '../../types/meta.ts';
import type { DuplicateFields } from './duplicate-fields.ts';

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query, decoded by nobody yet: `/apis/apps/v1/namespaces/default/deployments/web`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  /** Value of the User-Agent header; the default field manager is its first word. */
  readonly userAgent: string;
  /** Media type of a patch body, else of no interest: the body is parsed already. */
  readonly contentType: string;
  /** The parsed body: an object, or for patches whatever the patch type is made of. Undefined without one. */
  readonly body: unknown;
  /** What stands twice in the text of the body. */
  readonly duplicateFields?: DuplicateFields;
  /** Whether the answer is wanted as a Table (meta.k8s.io/v1) or with metadata only. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of meta.k8s.io that `as` is wanted in; v1 unless said otherwise. */
  readonly metaVersion?: 'v1' | 'v1beta1';
  readonly signal: AbortSignal;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

export type ApiResponse =
  | { readonly status: number; readonly object: KubeObject; readonly warnings?: readonly string[] }
  | { readonly status: number; readonly events: AsyncIterable<WatchEvent>; readonly warnings?: readonly string[] };

/** Never rejects for what a client did wrong: that is a Status object with its code. */
export type Dispatch = (request: ApiRequest) => Promise<ApiResponse>;
