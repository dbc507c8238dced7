/** Objects of a running cluster by watches, one for each kind that somebody has asked about. */
import type { ClusterObject, ObjectState } from '../../lsp/local-cluster.ts';
import { InformerSet } from '../../runtime/client/informer.ts';
import type { Informer } from '../../runtime/client/informer.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import { Registry } from '../../types/registry.ts';
import { connect, kindOnServer } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { readinessOf } from '../up/readiness.ts';

/** Many changes at once are told once. */
const quiet: Milliseconds = 300;
const pageSize = 500;

export interface ClusterAddress {
  readonly kubeconfig: string;
  readonly context: string;
}

export class LiveCluster implements Disposable {
  readonly #registry = new Registry(builtInKinds);
  readonly #informers: InformerSet;
  /** Undefined while the server is asked what the kind is, null where it has none of that name. */
  readonly #kinds = new Map<string, Informer | undefined | null>();
  #due: Disposable | undefined;
  #closed = false;

  private constructor(
    readonly connection: Connection,
    readonly clock: Clock,
    readonly changed: () => void,
  ) {
    this.#informers = new InformerSet(connection.http.client, { clock, pageSize, onError: () => undefined });
  }

  /** @throws Error when the kubeconfig is not usable */
  static async connect(address: ClusterAddress, clock: Clock, changed: () => void): Promise<LiveCluster> {
    return new LiveCluster(await connect(address, new AbortController().signal), clock, changed);
  }

  stateOf({ apiVersion, kind, namespace, name }: ClusterObject): ObjectState | undefined {
    const id = `${apiVersion} ${kind}`;
    const informer = this.#kinds.get(id);
    if (informer === null) return { state: 'absent', detail: '' };
    if (!informer) {
      if (!this.#kinds.has(id)) this.#start(id, apiVersion, kind);
      return undefined;
    }
    if (!informer.isSynced) return undefined;
    const own = informer.kind.scope === 'Cluster' ? '' : (namespace ?? this.connection.namespace);
    const object = informer.get({ namespace: own, name });
    return object ? readinessOf(object) : { state: 'absent', detail: '' };
  }

  #start(id: string, apiVersion: string, kindName: string): void {
    this.#kinds.set(id, undefined);
    const find = async (): Promise<void> => {
      const kind = await kindOnServer(this.connection, this.#registry, { apiVersion, kind: kindName, metadata: {} });
      if (this.#closed) return;
      const informer = kind && !kind.virtual ? this.#informers.of(kind) : undefined;
      this.#kinds.set(id, informer ?? null);
      informer?.subscribe(() => this.#tell());
      await informer?.synced;
      this.#tell();
    };
    // The next question tries again.
    find().catch(() => this.#kinds.delete(id));
  }

  #tell(): void {
    if (this.#closed) return;
    this.#due ??= this.clock.schedule(quiet, () => {
      this.#due = undefined;
      this.changed();
    });
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#due?.[Symbol.dispose]();
    // Watches that end with the connection have nothing more to say.
    this.#informers[Symbol.asyncDispose]().then(
      () => this.connection[Symbol.dispose](),
      () => this.connection[Symbol.dispose](),
    );
  }
}
