/** What the server asks of the cluster on this machine; who starts the server knows how to reach it. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for objects of the whole cluster, and for those that go to the default namespace. */
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface ObjectState {
  /** `absent`: the cluster does not have it. */
  readonly state: 'ready' | 'waiting' | 'failed' | 'absent';
  /** `2 of 3 available`; may be empty. */
  readonly detail: string;
}

export interface ApplyOutcome {
  /** `Deployment web`. */
  readonly title: string;
  /** Undefined where it was applied. */
  readonly failure: string | undefined;
}

export interface LocalCluster extends Disposable {
  /** Whether the cluster of this name runs, as far as is known; finding out goes on in the background. */
  isRunning(name: string): boolean;
  /** As far as is known: undefined as long as nothing is. Never waits; who asks is told of changes from then on. */
  stateOf(object: ClusterObject): ObjectState | undefined;
  /** Called when another answer may be given to what was asked. */
  onChange(listener: () => void): void;
  /** Server-side apply, one after the other. @throws Error when there is no cluster */
  apply(name: string, objects: readonly object[]): Promise<readonly ApplyOutcome[]>;
}
