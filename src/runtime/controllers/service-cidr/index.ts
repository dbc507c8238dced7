/** Opens ranges of Service addresses, and keeps those that are deleted until no address is left in them (KEP-1880). */
import { Service } from '../../../types/kinds/core/service.ts';
import { IPAddress } from '../../../types/kinds/networking/ip-address.ts';
import { ServiceCIDR } from '../../../types/kinds/networking/service-cidr.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { FINALIZER, heldAddresses, readyCondition } from './plan.ts';

export const serviceCidrController: Controller<ServiceCIDR> = {
  name: 'service-cidrs-controller',
  kind: ServiceCIDR,
  alsoWatches: [
    { kind: IPAddress, concerns: leavingRanges },
    { kind: Service, concerns: leavingRanges },
    { kind: ServiceCIDR, concerns: leavingRanges },
  ],
  reconciler,
};

function leavingRanges(_changed: unknown, informers: Informers): Iterable<ObjectKey> {
  const leaving = ({ metadata }: Persisted<ServiceCIDR>): boolean => metadata.deletionTimestamp !== undefined;
  return informers.of(ServiceCIDR).list().filter(leaving).map(keyOf);
}

function reconciler(context: ControllerContext): Reconcile {
  const { client, informers, clock } = context;
  const ranges = informers.of(ServiceCIDR);
  return async (key) => {
    const range = ranges.get(key);
    if (!range) return;
    try {
      const { finalizers = [] } = range.metadata;
      const leaving = range.metadata.deletionTimestamp !== undefined;
      const held = leaving && (await isHeld(context, range));
      const wanted = leaving && !held ? finalizers.filter((name) => name !== FINALIZER) : finalizers;
      const kept = leaving || finalizers.includes(FINALIZER) ? wanted : [...finalizers, FINALIZER];
      let current = range;
      if (kept.length !== finalizers.length) {
        const metadata = { ...range.metadata, finalizers: kept };
        current = await client.of(ServiceCIDR).update({ ...range, metadata });
      }
      if (leaving && !held) return;
      const conditions = readyCondition(current, clock.now());
      if (conditions) await client.of(ServiceCIDR).updateStatus({ ...current, status: { conditions } });
    } catch (error) {
      if (!isFailure(error, 'NotFound', 'Conflict')) throw error;
    }
  };
}

/** Asks the server: the copies here may not know yet of what has just been given out. */
async function isHeld({ client }: ControllerContext, range: Persisted<ServiceCIDR>): Promise<boolean> {
  const [all, objects, services] = await Promise.all([
    client.of(ServiceCIDR).list(),
    client.of(IPAddress).list(),
    client.of(Service).list(),
  ]);
  const addresses = [
    ...objects.items.map(({ metadata }) => metadata.name),
    ...services.items.flatMap(({ spec }) => spec?.clusterIPs ?? []),
  ];
  return heldAddresses(range, all.items, addresses).length > 0;
}
