/**
 * The local cluster as the language server sees it: nothing is loaded and nobody is asked before a cluster runs; from then on
 * watches keep what is shown current.
 */
import type { ApplyOutcome, ClusterObject, LocalCluster, ObjectState } from '../../lsp/local-cluster.ts';
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { statusOf } from '../cluster-record.ts';
import { contextName } from '../home.ts';
import type { LiveCluster } from './live-cluster.ts';

/** Between two looks at the record of a cluster: a small file of this machine. */
const lookInterval: Milliseconds = 2_000;

export class ClusterLink implements LocalCluster {
  readonly #listeners = new Set<() => void>();
  #name: string | undefined;
  #live: { readonly cluster: LiveCluster; readonly identity: string } | undefined;
  #timer: Disposable | undefined;
  #looking = false;
  #closed = false;

  constructor(readonly clock: Clock) {}

  isRunning(name: string): boolean {
    if (this.#name !== name) {
      this.#name = name;
      this.#drop();
    }
    this.#look();
    return this.#live !== undefined;
  }

  stateOf(object: ClusterObject): ObjectState | undefined {
    return this.#live?.cluster.stateOf(object);
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async apply(name: string, objects: readonly object[]): Promise<readonly ApplyOutcome[]> {
    const { state, kubeconfig } = await statusOf(name);
    if (state !== 'running' || kubeconfig === null) {
      const start = `kubewright cluster start${name === 'kubewright' ? '' : ` --name ${name}`}`;
      throw new Error(`the cluster ${name} does not run; start it with "${start}"`);
    }
    const { applyObjects } = await import('./apply-objects.ts');
    return applyObjects({ kubeconfig, context: contextName(name) }, objects);
  }

  /** From the first question on, every now and then. */
  #look(): void {
    if (this.#looking || this.#timer || this.#closed) return;
    this.#looking = true;
    void this.#find()
      .catch(() => this.#drop())
      .finally(() => {
        this.#looking = false;
        if (this.#closed) return;
        this.#timer = this.clock.schedule(lookInterval, () => {
          this.#timer = undefined;
          this.#look();
        });
      });
  }

  async #find(): Promise<void> {
    const name = this.#name ?? '';
    const { state, pid, server, kubeconfig } = await statusOf(name);
    const identity = `${pid} ${server}`;
    if (state !== 'running' || kubeconfig === null) {
      this.#drop();
      return;
    }
    if (this.#live?.identity === identity || name !== this.#name) return;
    this.#drop();
    const { LiveCluster } = await import('./live-cluster.ts');
    const cluster = await LiveCluster.connect({ kubeconfig, context: contextName(name) }, this.clock, () =>
      this.#tell(),
    );
    if (this.#closed || name !== this.#name) cluster[Symbol.dispose]();
    else this.#live = { cluster, identity };
    this.#tell();
  }

  #drop(): void {
    if (!this.#live) return;
    this.#live.cluster[Symbol.dispose]();
    this.#live = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#live?.cluster[Symbol.dispose]();
    this.#live = undefined;
  }
}
