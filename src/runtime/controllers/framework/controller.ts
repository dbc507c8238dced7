/** What a controller is: a name, a kind, what else matters to it, and a function that makes one object true. */
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../../types/meta.ts';
import type { Registry } from '../../../types/registry.ts';
import type { ApiClient } from '../../client/api-client.ts';
import type { RecordEvent } from '../../client/event-recorder.ts';
import type { Informers } from '../../client/informer.ts';

export interface Outcome {
  /** Reconcile again after this time, even if nothing changes. */
  readonly requeueAfter?: Milliseconds;
}

/**
 * Brings the world nearer to what the object says. It gets a key, never an event: what happened in between does not matter.
 * An error is logged and the key comes again, later and later.
 */
export type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<Outcome | void>;

/** Objects of another kind whose changes concern objects of the controller's kind. */
export interface AlsoWatched {
  readonly kind: KindDefinition;
  /** Keys to reconcile. Asked for the object as it is, and after an update for the object as it was too. */
  concerns(changed: Persisted<KubeObject>, informers: Informers): Iterable<ObjectKey>;
}

export interface ControllerContext {
  /** Acts as the controller's own service account. */
  readonly client: ApiClient;
  readonly informers: Informers;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly event: RecordEvent;
  /** A number in [0, 1). */
  random(): number;
  /** Has a key of the controller's kind reconciled, for what no watch of a single kind can tell. */
  enqueue(key: ObjectKey): void;
  /** Reports an error that is not the outcome of a reconcile. */
  onError(error: unknown, what: string): void;
  /** Released when the controller stops. */
  use(resource: Disposable): void;
}

export interface Controller<T extends KubeObject = KubeObject> {
  /** `deployment-controller`: user agent, source of events and name of the service account. */
  readonly name: string;
  /** The service account where its name is another: upstream's names of accounts and of events' sources differ for some. */
  readonly account?: string;
  readonly kind: KindDefinition<T>;
  /** Kinds of which this one is the controlling owner; their changes reconcile the owner. */
  readonly owns?: readonly KindDefinition[];
  readonly alsoWatches?: readonly AlsoWatched[];
  /** Keys reconciled at the same time. Default 5. */
  readonly workers?: number;
  /**
   * Called once at start, before any change is delivered; what it subscribes to hears of a change before the key is queued.
   * The informers it asks for here are synced before the first reconcile.
   */
  reconciler(context: ControllerContext): Reconcile;
}

/** A controller whose subject is not one kind of object: the garbage collector's is the graph of all of them. */
export interface FreeController {
  readonly name: string;
  /** Starts it; what it returns stops it. The informers are not synced yet. */
  run(context: ControllerContext, signal: AbortSignal): AsyncDisposable;
}

export type AnyController = Controller | FreeController;
