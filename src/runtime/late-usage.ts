/** The API server is there before the kubelet, which measures what is used: it is connected afterwards. */
import type { Pod } from '../types/kinds/core/pod.ts';
import type { NodeUsage, PodUsage, UsageDocument, UsageSource } from './apiserver/usage/usage-source.ts';

export class LateUsage implements UsageSource {
  #source: UsageSource | undefined;

  use(source: UsageSource): void {
    this.#source = source;
  }

  pod(pod: Pod): PodUsage | undefined {
    return this.#source?.pod(pod);
  }

  document(node: string, path: string): UsageDocument | undefined {
    return this.#source?.document(node, path);
  }

  node(name: string): NodeUsage | undefined {
    return this.#source?.node(name);
  }
}
