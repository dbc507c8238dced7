/** Keeps the Endpoints of services with a selector equal to their pods, for clients older than EndpointSlice. */
import { deepEqual } from '../../../shared/deep.ts';
import { Endpoints } from '../../../types/kinds/core/endpoints.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { Service } from '../../../types/kinds/core/service.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informers } from '../../client/informer.ts';
import { hasSelector, headlessLabel, isHeadless, selects, servicesOf } from '../endpoint-slice/index.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';
import { planEndpoints } from './plan.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const overCapacity = 'endpoints.kubernetes.io/over-capacity';

export const endpointsController: Controller<Service> = {
  name: 'endpoint-controller',
  kind: Service,
  alsoWatches: [
    { kind: Pod, concerns: servicesOf },
    { kind: Endpoints, concerns: sameName },
  ],
  reconciler,
};

function* sameName(endpoints: Persisted, _informers: Informers): Iterable<ObjectKey> {
  yield keyOf(endpoints);
}

function reconciler({ client, informers }: ControllerContext): Reconcile {
  const services = informers.of(Service);
  const pods = informers.of(Pod);
  const copies = informers.of(Endpoints);
  return async (key) => {
    const service = services.get(key);
    const current = copies.get(key);
    if (!service) {
      // Only what was made for a service goes with it; others keep their own Endpoints, for leader election say.
      if (current?.metadata.labels?.[managedByLabel] !== 'endpoint-controller') return;
      await client.of(Endpoints).delete(key, { preconditions: { uid: current.metadata.uid } });
      return;
    }
    if (service.metadata.deletionTimestamp !== undefined || !hasSelector(service)) return;
    const { subsets, truncated } = planEndpoints(
      service,
      pods.list(key.namespace).filter((pod) => selects(service, pod)),
    );
    const next = endpointsOf(service, current, subsets, truncated);
    if (current && sameEndpoints(current, next)) return;
    try {
      if (current) await client.of(Endpoints).update(next);
      else await client.of(Endpoints).create(next);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      // The local copy is behind; the change that it lacks brings the key back.
      if (!isFailure(error, 'AlreadyExists', 'NotFound')) throw error;
    }
  };
}

function endpointsOf(
  service: Persisted<Service>,
  current: Persisted<Endpoints> | undefined,
  subsets: Endpoints['subsets'],
  truncated: boolean,
): Endpoints {
  const { [overCapacity]: _, ...annotations } = current?.metadata.annotations ?? {};
  const { [headlessLabel]: __, ...labels } = service.metadata.labels ?? {};
  const allAnnotations = truncated ? { ...annotations, [overCapacity]: 'truncated' } : annotations;
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...(current?.metadata ?? { name: service.metadata.name, namespace: service.metadata.namespace }),
      labels: {
        ...labels,
        ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
        [managedByLabel]: 'endpoint-controller',
      },
      ...(Object.keys(allAnnotations).length === 0 ? {} : { annotations: allAnnotations }),
    },
    ...(subsets === undefined || subsets.length === 0 ? {} : { subsets }),
  };
}

function sameEndpoints(a: Endpoints, b: Endpoints): boolean {
  return (
    deepEqual(a.subsets ?? [], b.subsets ?? []) &&
    deepEqual(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
    deepEqual(a.metadata.annotations ?? {}, b.metadata.annotations ?? {})
  );
}
