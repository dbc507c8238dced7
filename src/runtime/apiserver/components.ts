/** How the parts of the cluster are, as componentstatuses tells it. */
import type { ComponentStatus } from '../../types/kinds/core/component-status.ts';
import type { Store } from '../storage/store.ts';
import { storeKey } from '../storage/keys.ts';
import { Namespace } from '../../types/kinds/core/namespace.ts';

export class Components {
  readonly #store: Store;
  readonly #up = new Map<string, boolean>([
    ['controller-manager', false],
    ['scheduler', false],
  ]);

  constructor(store: Store) {
    this.#store = store;
  }

  /** A part has begun its work; disposing says that it has ended it. */
  up(name: 'controller-manager' | 'scheduler'): Disposable {
    this.#up.set(name, true);
    return { [Symbol.dispose]: () => void this.#up.set(name, false) };
  }

  async statuses(): Promise<readonly ComponentStatus[]> {
    const parts = [...this.#up].map(([name, isUp]) => statusOf(name, isUp ? undefined : 'it is not running'));
    return [...parts, statusOf('etcd-0', await this.#storeFault())];
  }

  async #storeFault(): Promise<string | undefined> {
    try {
      await this.#store.get(storeKey(Namespace, { namespace: '', name: 'kube-system' }));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

function statusOf(name: string, fault: string | undefined): ComponentStatus {
  const condition =
    fault === undefined
      ? ({ type: 'Healthy', status: 'True', message: 'ok' } as const)
      : ({ type: 'Healthy', status: 'False', error: fault } as const);
  return { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [condition] };
}
