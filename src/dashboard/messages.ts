/** What the dashboard's server and its page say to each other. */

export type Health = 'ready' | 'waiting' | 'failed';

export interface KindSummary {
  /** `apps/v1/deployments`. */
  readonly id: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly columns: readonly string[];
  readonly actions: readonly ActionName[];
}

export interface Row {
  readonly kind: string;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly cells: readonly string[];
  readonly health: Health;
  readonly detail: string;
  /** RFC 3339; the page shows how long ago that is. */
  readonly created: string;
  /** Uids. */
  readonly owners: readonly string[];
}

/** One line of the stream of changes. */
export type Change =
  | {
      readonly type: 'begin';
      readonly context: string;
      readonly server: string;
      readonly kinds: readonly KindSummary[];
    }
  | { readonly type: 'row'; readonly row: Row }
  | { readonly type: 'gone'; readonly uid: string }
  /** Empty when the API server answers again. */
  | { readonly type: 'trouble'; readonly message: string };

export type ActionName = 'delete' | 'restart' | 'scale';

export interface ActionRequest {
  readonly action: ActionName;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly replicas?: number;
}

export interface EventLine {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly time: string;
  readonly count: number;
}

export interface ObjectDetail {
  readonly yaml: string;
  readonly events: readonly EventLine[];
  readonly containers: readonly string[];
}
