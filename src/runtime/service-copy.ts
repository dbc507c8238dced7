/** The informers' copies of Services and EndpointSlices, as proxy and DNS want to see them. */
import { EndpointSlice } from '../types/kinds/discovery/endpoint-slice.ts';
import { Service } from '../types/kinds/core/service.ts';
import type { Informers } from './client/informer.ts';
import type { ServiceSource } from './network/service-source.ts';

export function serviceSource(informers: Informers): ServiceSource & { readonly synced: Promise<void> } {
  const services = informers.of(Service);
  const slices = informers.of(EndpointSlice);
  return {
    synced: Promise.all([services.synced, slices.synced]).then((): void => undefined),
    services: () => services.list(),
    slices: () => slices.list(),
    subscribe(listener) {
      const subscriptions = [services, slices].map((informer) => informer.subscribe(listener));
      return {
        [Symbol.dispose]() {
          for (const subscription of subscriptions) subscription[Symbol.dispose]();
        },
      };
    },
  };
}
