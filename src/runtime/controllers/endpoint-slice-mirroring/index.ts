/** Makes EndpointSlices of the Endpoints that users write for services without a selector (KEP-752). */
import { Endpoints } from '../../../types/kinds/core/endpoints.ts';
import { Service } from '../../../types/kinds/core/service.ts';
import { EndpointSlice } from '../../../types/kinds/discovery/endpoint-slice.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { byOwner } from '../../client/informer.ts';
import { managedByLabel, serviceNameLabel } from '../endpoint-slice/index.ts';
import { planSlices } from '../endpoint-slice/plan.ts';
import type { SliceMeta } from '../endpoint-slice/plan.ts';
import { SliceWriter } from '../endpoint-slice/slice-writer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { controllerReference } from '../framework/ownership.ts';
import { mirroredGroups } from './plan.ts';

const manager = 'endpointslicemirroring-controller.k8s.io';
const endpointsPerSlice = 1000;

export const endpointSliceMirroringController: Controller<Endpoints> = {
  name: 'endpointslicemirroring-controller',
  kind: Endpoints,
  owns: [EndpointSlice],
  alsoWatches: [{ kind: Service, concerns: sameName }],
  reconciler,
};

function* sameName(service: Persisted): Iterable<ObjectKey> {
  yield keyOf(service);
}

function reconciler({ client, informers, clock, use }: ControllerContext): Reconcile {
  const all = informers.of(Endpoints);
  const services = informers.of(Service);
  const slices = informers.of(EndpointSlice);
  const writer = new SliceWriter(client, clock);
  use(slices.subscribe((event) => writer.observe(event)));
  return async (key) => {
    const endpoints = all.get(key);
    if (!endpoints || endpoints.metadata.deletionTimestamp !== undefined) return;
    if (!writer.isCurrent(endpoints.metadata.uid)) return;
    const groups = isMirrored(endpoints, services.get(key)) ? mirroredGroups(endpoints) : [];
    const existing = slices
      .indexed(byOwner, endpoints.metadata.uid)
      .filter((slice) => slice.metadata.labels?.[managedByLabel] === manager);
    await writer.write(endpoints.metadata.uid, planSlices(metaFor(endpoints), groups, existing, endpointsPerSlice));
  };
}

function isMirrored(endpoints: Endpoints, service: Service | undefined): boolean {
  if (!service || service.spec?.type === 'ExternalName') return false;
  if (Object.keys(service.spec?.selector ?? {}).length > 0) return false;
  if (endpoints.metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'] === 'true') return false;
  return endpoints.metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined;
}

function metaFor(endpoints: Persisted<Endpoints>): SliceMeta {
  return {
    namespace: endpoints.metadata.namespace,
    generateName: `${endpoints.metadata.name}-`,
    labels: {
      ...endpoints.metadata.labels,
      [managedByLabel]: manager,
      [serviceNameLabel]: endpoints.metadata.name,
    },
    ownerReferences: [controllerReference(endpoints)],
  };
}
