import type { Service } from '../../types/kinds/generated/core-v1.gen.ts';
import type { EndpointSlice } from '../../types/kinds/generated/discovery-v1.gen.ts';

/** What the proxy and DNS know of the API: a local copy of two kinds, and word of every change of it. */
export interface ServiceSource {
  services(): Iterable<Service>;
  slices(): Iterable<EndpointSlice>;
  /** `listener` is called after each change, once the change is in what `services` and `slices` give. */
  subscribe(listener: () => void): Disposable;
}

/** Label by which an EndpointSlice names its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/** Slices by `namespace/service`. Slices that belong to no Service are left out. */
export function slicesByService(slices: Iterable<EndpointSlice>): ReadonlyMap<string, readonly EndpointSlice[]> {
  const grouped = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const service = slice.metadata.labels?.[serviceNameLabel];
    if (service === undefined || service === '') continue;
    const key = `${slice.metadata.namespace ?? ''}/${service}`;
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [slice]);
    else group.push(slice);
  }
  return grouped;
}
