/** Keeps one IPAddress per address of a Service, so that everybody can see what is taken and by whom (KEP-1880). */
import { isIP } from 'node:net';
import { deepEqual } from '../../../shared/deep.ts';
import { Service } from '../../../types/kinds/core/service.ts';
import { IPAddress } from '../../../types/kinds/networking/ip-address.ts';
import { keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { isAllocated, managedByLabel, serviceAllocator } from '../../../types/service-addresses.ts';
import { isFailure } from '../../client/answers.ts';
import type { Index } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';

const byService: Index<IPAddress> = {
  name: 'services of addresses',
  values: (address) => (isAllocated(address) ? [keyText(parentOf(address))] : []),
};

export const serviceIpAddressController: Controller<Service> = {
  name: 'service-ip-address-controller',
  kind: Service,
  alsoWatches: [
    { kind: IPAddress, concerns: (address: Persisted<IPAddress>) => (isAllocated(address) ? [parentOf(address)] : []) },
  ],
  reconciler,
};

function parentOf({ spec }: IPAddress): ObjectKey {
  return { namespace: spec?.parentRef?.namespace ?? '', name: spec?.parentRef?.name ?? '' };
}

function reconciler({ client, informers }: ControllerContext): Reconcile {
  const services = informers.of(Service);
  const addresses = informers.of(IPAddress);
  const resource = client.of(IPAddress);
  const addressesOf = (key: ObjectKey): readonly string[] =>
    (services.get(key)?.spec?.clusterIPs ?? []).filter((address) => isIP(address) !== 0);
  const give = async (address: string, key: ObjectKey): Promise<void> => {
    const current = addresses.get({ namespace: '', name: address });
    if (current && (!isAllocated(current) || deepEqual(parentOf(current), key))) return;
    // A parent cannot be changed: what belonged to another Service before has to go first.
    if (current) await resource.delete({ namespace: '', name: address });
    await resource.create(addressObject(address, key));
  };
  return async (key) => {
    const wanted = addressesOf(key);
    const present: readonly Persisted<IPAddress>[] = addresses.indexed(byService, keyText(key));
    const left = present.filter(({ metadata }) => !wanted.includes(metadata.name));
    try {
      for (const { metadata } of left) await resource.delete({ namespace: '', name: metadata.name });
      for (const address of wanted) await give(address, key);
    } catch (error) {
      // The copy here is behind; what it misses comes as an event, which leads here again.
      if (!isFailure(error, 'AlreadyExists', 'NotFound')) throw error;
    }
  };
}

function addressObject(address: string, { namespace, name }: ObjectKey): IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: address,
      labels: {
        'ipaddress.kubernetes.io/ip-family': isIP(address) === 6 ? 'IPv6' : 'IPv4',
        [managedByLabel]: serviceAllocator,
      },
    },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}
