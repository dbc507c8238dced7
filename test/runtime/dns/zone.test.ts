import { describe, expect, it } from 'vitest';
import { recordTypes } from '../../../src/runtime/dns/dns-message.ts';
import { buildZone } from '../../../src/runtime/dns/zone.ts';
import type { ZoneAnswer } from '../../../src/runtime/dns/zone.ts';
import { service, slice } from '../proxy/service-fixtures.ts';

const http = [{ name: 'http', port: 8080, protocol: 'TCP' }] as const;
const zone = buildZone(
  [
    service('web', {
      clusterIP: '10.96.0.5',
      clusterIPs: ['10.96.0.5'],
      ports: [{ name: 'http', port: 80 }, { port: 81 }],
    }),
    service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] }),
    service('quiet', { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] }),
    service('out', { type: 'ExternalName', externalName: 'Example.org.' }),
    service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
    service('loop', { type: 'ExternalName', externalName: 'loop.default.svc.cluster.local' }),
  ],
  [
    slice('web', http, ['10.244.0.5']),
    slice(
      'db',
      [{ name: 'sql', port: 15_432, protocol: 'TCP' }],
      [
        { addresses: ['10.244.0.6'], hostname: 'db-0', conditions: { ready: true } },
        { addresses: ['10.244.0.7'] },
        { addresses: ['10.244.0.8'], hostname: 'db-2', conditions: { ready: false, serving: true, terminating: true } },
      ],
    ),
    slice('quiet', http, [{ addresses: ['10.244.0.9'], conditions: { ready: false } }]),
  ],
  {
    domain: 'cluster.local',
    podCidr: '10.244.0.0/24',
    serviceCidr: '10.96.0.0/20',
    serial: 7,
    podExists: (namespace, ip) => namespace === 'default' && ip === '10.244.0.5',
  },
);

function ask(name: string, type: keyof typeof recordTypes = 'A'): ZoneAnswer | undefined {
  return zone.lookup(name, recordTypes[type]);
}
function data(name: string, type: keyof typeof recordTypes = 'A'): unknown[] {
  return (ask(name, type)?.answers ?? []).map((record) => {
    switch (record.type) {
      case 'A':
        return record.address;
      case 'SRV':
        return `${record.priority} ${record.weight} ${record.port} ${record.target}`;
      case 'TXT':
        return record.text;
      case 'CNAME':
      case 'PTR':
      case 'NS':
        return record.target;
      default:
        return record.type;
    }
  });
}
const outcome = (name: string, type: keyof typeof recordTypes = 'A'): unknown => {
  const answer = ask(name, type);
  return answer === undefined ? 'elsewhere' : answer.answers.length > 0 ? 'data' : answer.code;
};

describe('zone', () => {
  it('answers for a ClusterIP Service', () => {
    expect(data('web.default.svc.cluster.local')).toEqual(['10.96.0.5']);
    expect(data('WEB.Default.svc.CLUSTER.local')).toEqual(['10.96.0.5']);
    expect(data('_http._tcp.web.default.svc.cluster.local', 'SRV')).toEqual(['0 100 80 web.default.svc.cluster.local']);
    expect(ask('_http._tcp.web.default.svc.cluster.local', 'SRV')?.additionals).toMatchObject([
      { address: '10.96.0.5' },
    ]);
    expect(data('5.0.96.10.in-addr.arpa', 'PTR')).toEqual(['web.default.svc.cluster.local']);
  });

  it('answers for a headless Service: ready endpoints, by hostname or address', () => {
    expect(data('db.default.svc.cluster.local')).toEqual(['10.244.0.6', '10.244.0.7']);
    expect(data('db-0.db.default.svc.cluster.local')).toEqual(['10.244.0.6']);
    expect(data('10-244-0-7.db.default.svc.cluster.local')).toEqual(['10.244.0.7']);
    expect(outcome('db-2.db.default.svc.cluster.local')).toBe('NXDOMAIN');
    expect(data('_sql._tcp.db.default.svc.cluster.local', 'SRV')).toEqual([
      '0 100 15432 db-0.db.default.svc.cluster.local',
      '0 100 15432 10-244-0-7.db.default.svc.cluster.local',
    ]);
    expect(data('6.0.244.10.in-addr.arpa', 'PTR')).toEqual(['db-0.db.default.svc.cluster.local']);
  });

  it('answers for pods, the schema version and the zone itself', () => {
    expect(data('10-244-0-5.default.pod.cluster.local')).toEqual(['10.244.0.5']);
    expect(outcome('10-244-0-6.default.pod.cluster.local')).toBe('NXDOMAIN');
    expect(outcome('10-244-0-5.other.pod.cluster.local')).toBe('NXDOMAIN');
    expect(data('dns-version.cluster.local', 'TXT')).toEqual(['1.1.0']);
    expect(data('cluster.local', 'SOA')).toEqual(['SOA']);
  });

  it('follows ExternalName inside the cluster and leads outside it', () => {
    expect(data('alias.default.svc.cluster.local')).toEqual(['web.default.svc.cluster.local', '10.96.0.5']);
    expect(data('out.default.svc.cluster.local', 'CNAME')).toEqual(['Example.org']);
    expect(ask('out.default.svc.cluster.local')?.elsewhere).toBe('example.org');
    expect(ask('loop.default.svc.cluster.local')?.answers.length).toBeLessThan(10);
  });

  it('tells apart names without such a record from names that do not exist', () => {
    expect(outcome('web.default.svc.cluster.local', 'AAAA')).toBe('NOERROR');
    expect(outcome('10-244-0-5.default.pod.cluster.local', 'AAAA')).toBe('NOERROR');
    for (const above of ['default.svc', 'svc', 'pod', '_tcp.web.default.svc'])
      expect(outcome(`${above}.cluster.local`)).toBe('NOERROR');
    for (const absent of [
      'nope.default.svc',
      'web.other.svc',
      'other.svc',
      'x.web.default.svc',
      'www.google.com.default.svc',
      'quiet.default.svc',
      'x',
    ]) {
      expect(outcome(`${absent}.cluster.local`)).toBe('NXDOMAIN');
    }
    expect(ask('nope.default.svc.cluster.local')?.authorities).toMatchObject([
      { name: 'cluster.local', type: 'SOA', serial: 7, negativeTtl: 5 },
    ]);
  });

  it('leaves other names to others, but knows its own addresses', () => {
    for (const foreign of ['example.org', 'notcluster.local', 'local', '', '1.1.1.1.in-addr.arpa'])
      expect(ask(foreign)).toBeUndefined();
    expect(outcome('99.0.244.10.in-addr.arpa', 'PTR')).toBe('NXDOMAIN');
  });
});
