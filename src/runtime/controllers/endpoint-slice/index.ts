/** Keeps the EndpointSlices of services with a selector equal to their pods. */
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { Service } from '../../../types/kinds/core/service.ts';
import { EndpointSlice } from '../../../types/kinds/discovery/endpoint-slice.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { byOwner } from '../../client/informer.ts';
import type { Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { controllerReference } from '../framework/ownership.ts';
import { endpointGroups, planSlices } from './plan.ts';
import type { SliceMeta } from './plan.ts';
import { SliceWriter } from './slice-writer.ts';

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
export const serviceNameLabel = 'kubernetes.io/service-name';
export const headlessLabel = 'service.kubernetes.io/headless';
const manager = 'endpointslice-controller.k8s.io';
/** Upstream's --max-endpoints-per-slice. */
const endpointsPerSlice = 100;

export const endpointSliceController: Controller<Service> = {
  name: 'endpointslice-controller',
  kind: Service,
  owns: [EndpointSlice],
  alsoWatches: [{ kind: Pod, concerns: servicesOf }],
  reconciler,
};

/** Services that select a pod. */
export function* servicesOf(pod: Persisted, informers: Informers): Iterable<ObjectKey> {
  for (const service of informers.of(Service).list(pod.metadata.namespace)) {
    if (selects(service, pod)) yield keyOf(service);
  }
}

export function selects(service: Service, pod: { readonly metadata: Pod['metadata'] }): boolean {
  const wanted = Object.entries(service.spec?.selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => pod.metadata.labels?.[key] === value);
}

/** Whether its endpoints are made from pods; those of other services are the user's own business. */
export function hasSelector(service: Service): boolean {
  return service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0;
}

export function isHeadless(service: Service): boolean {
  const address = service.spec?.clusterIP ?? '';
  return address === '' || address === 'None';
}

function reconciler({ client, informers, clock, use }: ControllerContext): Reconcile {
  const services = informers.of(Service);
  const pods = informers.of(Pod);
  const nodes = informers.of(Node);
  const slices = informers.of(EndpointSlice);
  const writer = new SliceWriter(client, clock);
  use(slices.subscribe((event) => writer.observe(event)));
  const zoneOf = (name: string): string | undefined =>
    nodes.get({ namespace: '', name })?.metadata.labels?.['topology.kubernetes.io/zone'];

  return async (key) => {
    const service = services.get(key);
    // Slices of a service that is gone are the garbage collector's.
    if (!service || service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return;
    // The slice that is awaited brings the key back.
    if (!writer.isCurrent(service.metadata.uid)) return;
    const selected = pods.list(key.namespace).filter((pod) => selects(service, pod));
    const existing = slices
      .indexed(byOwner, service.metadata.uid)
      .filter((slice) => slice.metadata.labels?.[managedByLabel] === manager);
    const groups = endpointGroups(service, selected, zoneOf);
    await writer.write(service.metadata.uid, planSlices(metaFor(service), groups, existing, endpointsPerSlice));
  };
}

function metaFor(service: Persisted<Service>): SliceMeta {
  const {
    [managedByLabel]: _,
    [serviceNameLabel]: __,
    [headlessLabel]: ___,
    ...labels
  } = service.metadata.labels ?? {};
  return {
    namespace: service.metadata.namespace,
    generateName: `${service.metadata.name}-`,
    labels: {
      ...labels,
      ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
      [managedByLabel]: manager,
      [serviceNameLabel]: service.metadata.name,
    },
    ownerReferences: [controllerReference(service)],
  };
}
