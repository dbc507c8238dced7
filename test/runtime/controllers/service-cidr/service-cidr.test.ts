/** Ranges and addresses of Services, through the real API server. */
import { describe, expect, it } from 'vitest';
import { FINALIZER, heldAddresses } from '../../../../src/runtime/controllers/service-cidr/plan.ts';
import { serviceCidrController } from '../../../../src/runtime/controllers/service-cidr/index.ts';
import { serviceIpAddressController } from '../../../../src/runtime/controllers/service-ip-address/index.ts';
import { Service } from '../../../../src/types/kinds/core/service.ts';
import { IPAddress } from '../../../../src/types/kinds/networking/ip-address.ts';
import { ServiceCIDR } from '../../../../src/types/kinds/networking/service-cidr.ts';
import { startControlPlane } from '../control-plane.ts';

function range(name: string, ...cidrs: readonly string[]): ServiceCIDR {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs: [...cidrs] } };
}

function service(name: string, clusterIP?: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) },
  };
}

describe('heldAddresses', () => {
  it('are those in no other range that stays', () => {
    const leaving = range('a', '10.1.0.0/24', 'fd00::/108');
    const addresses = ['10.1.0.5', '10.1.0.200', '10.2.0.1', 'fd00::7', 'None'];
    expect(heldAddresses(leaving, [leaving], addresses)).toEqual(['10.1.0.5', '10.1.0.200', 'fd00::7']);
    expect(heldAddresses(leaving, [leaving, range('b', '10.1.0.128/25')], addresses)).toEqual(['10.1.0.5', 'fd00::7']);
    const gone = { ...range('b', '10.1.0.128/25'), metadata: { name: 'b', deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(heldAddresses(leaving, [leaving, gone], addresses)).toContain('10.1.0.200');
  });
});

describe('the addresses of Services', () => {
  it('have an object each, which goes with the Service or to the next one', async () => {
    const plane = await startControlPlane([serviceIpAddressController]);
    const services = plane.client.of(Service);
    await services.create(service('a', '10.96.3.3'));
    const owner = (name: string) => (all: readonly IPAddress[]) =>
      all.some(({ metadata, spec }) => metadata.name === '10.96.3.3' && spec?.parentRef?.name === name);
    const [address] = await plane.until(IPAddress, owner('a'));
    expect(address?.spec?.parentRef).toEqual({ resource: 'services', namespace: 'default', name: 'a' });
    await services.delete({ namespace: 'default', name: 'a' });
    await services.create(service('b', '10.96.3.3'));
    await plane.until(IPAddress, owner('b'));
    await services.delete({ namespace: 'default', name: 'b' });
    await plane.until(IPAddress, (all) => all.length === 0);
    expect(plane.failures).toEqual([]);
  });

  it('are not those that somebody has claimed for something else', async () => {
    const plane = await startControlPlane([]);
    await plane.client.of(IPAddress).create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IPAddress',
      metadata: { name: '10.96.4.4' },
      spec: { parentRef: { group: 'example.com', resource: 'gateways', name: 'g' } },
    });
    await expect(plane.client.of(Service).create(service('a', '10.96.4.4'))).rejects.toThrow('already allocated');
  });

  it('come from further ranges once those are ready, and hold them', async () => {
    const plane = await startControlPlane([serviceIpAddressController, serviceCidrController]);
    const [services, ranges] = [plane.client.of(Service), plane.client.of(ServiceCIDR)];
    await expect(services.create(service('a', '10.112.0.9'))).rejects.toThrow('not in the valid range');
    await ranges.create(range('more', '10.112.0.0/24'));
    const [more] = await plane.until(ServiceCIDR, ([one]) =>
      (one?.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    expect(more?.metadata.finalizers).toEqual([FINALIZER]);
    await services.create(service('a', '10.112.0.9'));
    await ranges.delete({ namespace: '', name: 'more' });
    await plane.until(ServiceCIDR, ([one]) => one?.status?.conditions?.[0]?.reason === 'Terminating');
    await expect(services.create(service('b', '10.112.0.10'))).rejects.toThrow('not in the valid range');
    await services.delete({ namespace: 'default', name: 'a' });
    await plane.until(ServiceCIDR, (all) => all.length === 0);
    expect(plane.failures).toEqual([]);
  });
});
