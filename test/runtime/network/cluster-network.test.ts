import { describe, expect, it } from 'vitest';
import {
  clusterNetwork,
  freeClusterNetworks,
  routeDestinations,
} from '../../../src/runtime/network/cluster-network.ts';
import { parseCidr } from '../../../src/runtime/network/ipv4.ts';
import { highestCounter, localAddresses, macAddress } from '../../../src/runtime/network/veth-plan.ts';

describe('clusterNetwork', () => {
  it('gives the first cluster the addresses that everyone knows', () => {
    expect(clusterNetwork(0)).toMatchObject({
      podCidr: '10.244.0.0/24',
      gateway: '10.244.0.1',
      serviceCidr: '10.96.0.0/20',
      kubernetesIp: '10.96.0.1',
      dnsIp: '10.96.0.10',
    });
    expect(clusterNetwork(255).serviceCidr).toBe('10.111.240.0/20');
  });

  it('avoids ranges in use and indices taken', () => {
    const first = (routes: string[], taken: number[] = []) =>
      freeClusterNetworks(routes.map(parseCidr), new Set(taken)).next().value?.podCidr;
    expect(first([])).toBe('10.244.0.0/24');
    expect(first(['10.244.0.1/32'])).toBe('10.244.1.0/24');
    expect(first(['10.244.0.0/16'])).toBe('10.245.0.0/24');
    expect(first(['10.96.0.0/16'])).toBe('10.244.16.0/24');
    expect(first(['10.96.0.0/12'])).toBeUndefined();
    expect(first([], [0, 1, 3])).toBe('10.244.2.0/24');
  });

  it('reads the destinations of routes', () => {
    const json =
      '[{"dst":"default","dev":"eth0"},{"dst":"172.17.0.0/16","dev":"docker0"},{"type":"local","dst":"10.1.1.1","dev":"lo"}]';
    expect(routeDestinations(json)).toEqual([parseCidr('172.17.0.0/16'), parseCidr('10.1.1.1/32')]);
    expect(routeDestinations('')).toEqual([]);
  });
});

describe('veth plan', () => {
  it('counts interface names of its own prefix only', () => {
    expect(highestCounter(['lo', 'kw1v0', 'kw1vz', 'kw1v10', 'kw11vzz', 'kw1v-x'], 'kw1v')).toBe(36);
    expect(highestCounter(['kw10v5'], 'kw1v')).toBe(-1);
  });

  it('gives both ends locally administered unicast addresses', () => {
    expect(macAddress('pod', '10.244.0.2')).toBe('0a:58:0a:f4:00:02');
    expect(macAddress('host', '10.244.0.2')).toBe('0a:59:0a:f4:00:02');
  });

  it('finds the addresses a namespace holds', () => {
    const trie =
      'Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.244.0.7\n        /32 host LOCAL\n     |-- 169.254.1.1\n        /32 link UNICAST\n';
    expect([...localAddresses(trie)]).toEqual(['10.244.0.7']);
  });
});
