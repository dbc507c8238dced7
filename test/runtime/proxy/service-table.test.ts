import { describe, expect, it } from 'vitest';
import type { Service } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../../src/types/kinds/generated/discovery-v1.gen.ts';
import { buildServiceTable, routedAddresses } from '../../../src/runtime/proxy/service-table.ts';
import { staleFlows } from '../../../src/runtime/proxy/stale-flows.ts';
import { service, slice } from './service-fixtures.ts';

const http = [{ name: 'http', port: 8080, protocol: 'TCP' }] as const;
const ports = [{ name: 'http', port: 80 }];
const table = (services: readonly Service[], slices: readonly EndpointSlice[]) =>
  buildServiceTable(services, slices, 'node');
const only = (services: readonly Service[], slices: readonly EndpointSlice[]) => table(services, slices)[0];
const endpoint = (ip: string, conditions: Endpoint['conditions'], nodeName?: string): Endpoint => ({
  addresses: [ip],
  conditions,
  ...(nodeName === undefined ? {} : { nodeName }),
});

describe('buildServiceTable', () => {
  it('joins slices of one Service by port name and protocol, each endpoint once', () => {
    const web = service('web', {
      clusterIP: '10.96.0.5',
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    });
    const mixed = [...http, { name: 'dns', port: 5353, protocol: 'UDP' as const }];
    const result = table(
      [web],
      [
        slice('web', mixed, ['10.244.0.9', '10.244.0.2']),
        slice('web', http, ['10.244.0.2', '10.244.0.3'], 'y'),
        slice('other', http, ['10.244.0.4']),
      ],
    );
    expect(result.map(({ key, internal }) => [key, internal.map(({ ip, port }) => `${ip}:${port}`)])).toEqual([
      ['default/web/tcp/80', ['10.244.0.2:8080', '10.244.0.3:8080', '10.244.0.9:8080']],
      ['default/web/udp/53', ['10.244.0.2:5353', '10.244.0.9:5353']],
    ]);
  });

  it('has nothing for headless, ExternalName, IPv6-only Services, nor for names that are none', () => {
    const bad = service('x', { clusterIP: '10.96.0.9', ports });
    const services = [
      service('headless', { clusterIP: 'None', ports }),
      service('out', { type: 'ExternalName', externalName: 'example.org', ports }),
      service('six', { clusterIP: 'fd00::1', ports }),
      service('pending', { ports }),
      { ...bad, metadata: { namespace: 'default', name: 'x } ; flush ruleset ; {' } },
    ];
    expect(table(services, [])).toEqual([]);
  });

  it('uses ready endpoints; without any, those that serve while terminating (KEP-1669)', () => {
    const web = service('web', { clusterIP: '10.96.0.5', ports });
    const leaving = endpoint('10.244.0.2', { ready: false, serving: true, terminating: true });
    const dead = endpoint('10.244.0.3', { ready: false, serving: false, terminating: true });
    const starting = endpoint('10.244.0.4', { ready: false, serving: false, terminating: false });
    const silent = endpoint('10.244.0.5', undefined);
    expect(only([web], [slice('web', http, [leaving, dead, starting, silent])])?.internal).toEqual([
      { ip: '10.244.0.5', port: 8080, terminating: false },
    ]);
    const last = table([web], [slice('web', http, [leaving, dead, starting])]);
    expect(last[0]?.internal).toEqual([{ ip: '10.244.0.2', port: 8080, terminating: true }]);
    expect([...routedAddresses(last)]).toEqual([]);
    expect(only([web], [slice('web', http, [dead, starting])])?.internal).toEqual([]);
  });

  it('follows traffic policies', () => {
    const spec = {
      type: 'NodePort',
      clusterIP: '10.96.0.5',
      ports: [{ name: 'http', port: 80, nodePort: 30_080 }],
    } as const;
    const slices = [slice('web', http, [endpoint('10.244.0.2', {}, 'node'), endpoint('192.0.2.9', {})])];
    const ips = (list: readonly { ip: string }[] | undefined) => list?.map(({ ip }) => ip);
    const cluster = only([service('web', spec)], slices);
    expect([ips(cluster?.internal), ips(cluster?.external), cluster?.externalLocal]).toEqual([
      ['10.244.0.2', '192.0.2.9'],
      ['10.244.0.2', '192.0.2.9'],
      undefined,
    ]);
    const local = only(
      [service('web', { ...spec, internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' })],
      slices,
    );
    expect([ips(local?.internal), ips(local?.external), ips(local?.externalLocal)]).toEqual([
      ['10.244.0.2'],
      ['10.244.0.2', '192.0.2.9'],
      ['10.244.0.2'],
    ]);
  });

  it('takes addresses, node port, affinity and source ranges from where they count', () => {
    const status = {
      loadBalancer: { ingress: [{ ip: '127.0.0.1' }, { ip: '192.0.2.8', ipMode: 'Proxy' }, { hostname: 'x' }] },
    };
    const spec = {
      clusterIP: '10.96.0.5',
      clusterIPs: ['10.96.0.5', 'fd00::5'],
      externalIPs: ['203.0.113.7', 'fd00::7'],
      sessionAffinity: 'ClientIP',
      loadBalancerSourceRanges: ['10.0.0.0/8 ', 'fd00::/8'],
      ports: [{ name: 'http', port: 80, nodePort: 30_080 }],
    } as const;
    expect(only([service('web', { ...spec, type: 'LoadBalancer' }, status)], [])).toMatchObject({
      clusterIps: ['10.96.0.5'],
      externalIps: ['203.0.113.7'],
      loadBalancerIps: ['127.0.0.1'],
      nodePort: 30_080,
      affinitySeconds: 10_800,
      sourceRanges: ['10.0.0.0/8'],
    });
    expect(only([service('web', { ...spec, type: 'ClusterIP' }, status)], [])).toMatchObject({
      loadBalancerIps: [],
      nodePort: undefined,
    });
  });
});

describe('staleFlows', () => {
  const dns = service('dns', {
    type: 'NodePort',
    clusterIP: '10.96.0.5',
    ports: [{ name: 'u', port: 53, protocol: 'UDP', nodePort: 30_053 }],
  });
  const udp = [{ name: 'u', port: 5353, protocol: 'UDP' }] as const;

  it('forgets flows to UDP endpoints that left, and untranslated ones when the first endpoint comes', () => {
    const none = table([dns], []);
    const one = table([dns], [slice('dns', udp, ['10.244.0.2'])]);
    const other = table([dns], [slice('dns', udp, ['10.244.0.3'])]);
    expect(staleFlows(one, one)).toEqual([]);
    expect(staleFlows(one, other)).toEqual([['-p', 'udp', '--reply-src', '10.244.0.2', '--reply-port-src', '5353']]);
    expect(staleFlows(none, one)).toEqual([['-p', 'udp', '--orig-port-dst', '30053']]);
    expect(staleFlows(one, none)).toHaveLength(1);
  });
});
