/** How many pods the controllers of some pods want in all. */
import type { Registry } from '../../../types/registry.ts';
import { Deployment } from '../../../types/kinds/apps/deployment.ts';
import { ReplicaSet } from '../../../types/kinds/apps/replica-set.ts';
import type { OwnerReference } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { ApiClient } from '../../client/api-client.ts';
import type { Informers } from '../../client/informer.ts';
import { controllerOf } from '../framework/ownership.ts';
import type { Controllers } from './plan.ts';

/** Says why a budget cannot be calculated. */
export class ScaleUnknown extends Error {}

export class ExpectedScale {
  readonly #client: ApiClient;
  readonly #informers: Informers;
  readonly #registry: Registry;

  constructor({ client, informers, registry }: { client: ApiClient; informers: Informers; registry: Registry }) {
    this.#client = client;
    this.#informers = informers;
    this.#registry = registry;
    informers.of(ReplicaSet);
    informers.of(Deployment);
  }

  /** @throws ScaleUnknown */
  async of(namespace: string, { controllers }: Controllers): Promise<number> {
    const scales = new Map<string, number>();
    for (const { owner, pod } of controllers) {
      const top = this.#deploymentOf(namespace, owner) ?? owner;
      if (scales.has(top.uid)) continue;
      const replicas = await this.#replicas(namespace, top);
      if (replicas === undefined) throw new ScaleUnknown(`found no controllers for pod ${JSON.stringify(pod)}`);
      scales.set(top.uid, replicas);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  /** The pods of a Deployment's old and new ReplicaSets are one set of pods. */
  #deploymentOf(namespace: string, owner: OwnerReference): OwnerReference | undefined {
    if (owner.kind !== ReplicaSet.kind || owner.apiVersion !== ReplicaSet.apiVersion) return undefined;
    const replicaSet = this.#informers.of(ReplicaSet).get({ namespace, name: owner.name });
    if (replicaSet?.metadata.uid !== owner.uid) return undefined;
    const above = controllerOf(replicaSet);
    return above?.kind === Deployment.kind && above.apiVersion === Deployment.apiVersion ? above : undefined;
  }

  /** Undefined when the owner is gone. */
  async #replicas(namespace: string, owner: OwnerReference): Promise<number | undefined> {
    const kind = this.#registry.kind(owner.apiVersion, owner.kind);
    if (!kind) return undefined;
    if (!kind.subresources.includes('scale')) {
      const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
      throw new ScaleUnknown(`${resource} does not implement the scale subresource`);
    }
    const key = { namespace, name: owner.name };
    const scale = await this.#client.of(kind).scale(key);
    return scale?.uid === owner.uid ? scale.replicas : undefined;
  }
}
