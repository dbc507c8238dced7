import { isIPv4 } from 'node:net';
import type { Service } from '../../types/kinds/generated/core-v1.gen.ts';
import type { EndpointSlice } from '../../types/kinds/generated/discovery-v1.gen.ts';
import { contains, parseCidr } from '../network/ipv4.ts';
import { slicesByService } from '../network/service-source.ts';
import { recordTypes } from './dns-message.ts';
import type { DnsRecord, Response } from './dns-message.ts';

/** Kubernetes DNS-Based Service Discovery, version 1.1.0. */
const schemaVersion = '1.1.0';
/** Seconds a client may keep a cluster record, or the word that there is none: endpoints come and go. */
const ttl = 5;
/** A client that picks the first address shall not always pick the same. */
type Shuffle = <T>(items: readonly T[]) => readonly T[];

export interface ZoneOptions {
  /** `cluster.local` */
  readonly domain: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Changes whenever the records do. */
  readonly serial: number;
  /** Whether a pod with this address is in the namespace; decides about names like 10-244-0-5.default.pod.cluster.local. */
  podExists(namespace: string, ip: string): boolean;
}

export interface ZoneAnswer extends Response {
  /** The last answer leads to this name outside the cluster, whose addresses belong into the response too. */
  readonly elsewhere?: string;
}

export interface Zone {
  /** What to answer about `name` (any case, no final dot); undefined where the name is none of the cluster's. */
  lookup(name: string, type: number, shuffle?: Shuffle): ZoneAnswer | undefined;
}

/** The records of these Services, in a form that answers at once. Only IPv4. */
export function buildZone(services: Iterable<Service>, slices: Iterable<EndpointSlice>, options: ZoneOptions): Zone {
  const domain = options.domain.toLowerCase();
  const records = new ZoneRecords(domain);
  records.add({ name: domain, ttl, ...authority(domain, options.serial) });
  records.add({ name: domain, ttl, type: 'NS', target: `ns.dns.${domain}` });
  records.add({ name: `dns-version.${domain}`, ttl, type: 'TXT', text: schemaVersion });
  records.exists(`svc.${domain}`);
  records.exists(`pod.${domain}`);
  const slicesOf = slicesByService(slices);
  for (const service of services) {
    const { namespace = '', name = '' } = service.metadata;
    addService(records, service, slicesOf.get(`${namespace}/${name}`) ?? [], `${name}.${namespace}.svc.${domain}`);
  }
  return {
    lookup: (name, type, shuffle = (items) => items) => lookup(records, options, name.toLowerCase(), type, shuffle),
  };
}

class ZoneRecords {
  readonly #records = new Map<string, DnsRecord[]>();

  constructor(readonly domain: string) {}

  get(name: string): readonly DnsRecord[] | undefined {
    return this.#records.get(name);
  }

  add(record: DnsRecord): void {
    const name = record.name.toLowerCase();
    this.exists(name);
    this.#records.get(name)?.push(record);
  }

  /** A name above an existing one exists too, though it may have no records (RFC 8020). */
  exists(name: string): void {
    for (let at = name; !this.#records.has(at); at = at.slice(at.indexOf('.') + 1)) {
      this.#records.set(at, []);
      if (at === this.domain || !at.endsWith(`.${this.domain}`)) return;
    }
  }
}

function addService(records: ZoneRecords, service: Service, slices: readonly EndpointSlice[], name: string): void {
  const { spec } = service;
  if (spec === undefined) return;
  if (spec.type === 'ExternalName') {
    if (spec.externalName !== undefined)
      records.add({ name, ttl, type: 'CNAME', target: spec.externalName.replace(/\.$/, '') });
    return;
  }
  if (spec.clusterIP === 'None') return addHeadless(records, slices, name);
  const addresses = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((ip) => isIPv4(ip));
  for (const address of addresses) {
    records.add({ name, ttl, type: 'A', address });
    records.add({ name: reverseName(address), ttl, type: 'PTR', target: name });
  }
  if (addresses.length === 0) return;
  for (const port of spec.ports ?? []) addPort(records, name, port.name, port.protocol, port.port, name);
}

/** A headless Service: its ready endpoints, each under its hostname or else its address with dashes. */
function addHeadless(records: ZoneRecords, slices: readonly EndpointSlice[], name: string): void {
  const seen = new Set<string>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const { addresses, conditions, hostname } of slice.endpoints ?? []) {
      const [address] = addresses;
      if (address === undefined || !isIPv4(address) || conditions?.ready === false) continue;
      const target = `${hostname ?? address.replaceAll('.', '-')}.${name}`;
      if (!seen.has(address)) {
        records.add({ name, ttl, type: 'A', address });
        records.add({ name: target, ttl, type: 'A', address });
        if (hostname !== undefined) records.add({ name: reverseName(address), ttl, type: 'PTR', target });
        seen.add(address);
      }
      for (const port of slice.ports ?? []) {
        const key = `${target}/${port.name}/${port.protocol}/${port.port}`;
        if (port.port === undefined || seen.has(key)) continue;
        addPort(records, name, port.name, port.protocol, port.port, target);
        seen.add(key);
      }
    }
  }
}

function addPort(
  records: ZoneRecords,
  service: string,
  portName: string | undefined,
  protocol: string | undefined,
  port: number,
  target: string,
): void {
  if (portName === undefined || portName === '') return;
  const name = `_${portName}._${(protocol ?? 'TCP').toLowerCase()}.${service}`;
  records.add({ name, ttl, type: 'SRV', priority: 0, weight: 100, port, target });
}

function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}

function authority(domain: string, serial: number) {
  return {
    type: 'SOA',
    primary: `ns.dns.${domain}`,
    mailbox: `hostmaster.${domain}`,
    serial,
    negativeTtl: ttl,
  } as const;
}

function lookup(
  records: ZoneRecords,
  options: ZoneOptions,
  name: string,
  type: number,
  shuffle: Shuffle,
): ZoneAnswer | undefined {
  const isReverse = name.endsWith('.in-addr.arpa');
  const found = records.get(name) ?? podRecords(records, options, name);
  if (isReverse ? found === undefined && !isOwnAddress(options, name) : !isWithin(name, records.domain))
    return undefined;
  const zoneName = isReverse ? name.split('.').slice(1).join('.') : records.domain;
  const authorities = [{ name: zoneName, ttl, ...authority(records.domain, options.serial) }];
  if (found === undefined) return { code: 'NXDOMAIN', authoritative: true, answers: [], authorities };
  const matching = found.filter((record) => type === recordTypes.ANY || recordTypes[record.type] === type);
  if (matching.length > 0)
    return {
      code: 'NOERROR',
      authoritative: true,
      answers: shuffle(matching),
      additionals: targets(records, matching),
    };
  const alias = found.find((record) => record.type === 'CNAME');
  if (alias === undefined) return { code: 'NOERROR', authoritative: true, answers: [], authorities };
  return followAlias(records, options, alias, type, shuffle);
}

/** CNAME: the answer also has what the other name has to say, since stub resolvers do not ask again. */
function followAlias(
  records: ZoneRecords,
  options: ZoneOptions,
  first: DnsRecord,
  type: number,
  shuffle: Shuffle,
): ZoneAnswer {
  const answers: DnsRecord[] = [];
  let alias: DnsRecord | undefined = first;
  while (alias?.type === 'CNAME' && answers.length < 8) {
    answers.push(alias);
    const target = alias.target.toLowerCase();
    if (!isWithin(target, records.domain)) return { code: 'NOERROR', authoritative: true, answers, elsewhere: target };
    const found: readonly DnsRecord[] = records.get(target) ?? podRecords(records, options, target) ?? [];
    answers.push(...shuffle(found.filter((record) => recordTypes[record.type] === type)));
    alias = found.find((record) => record.type === 'CNAME');
  }
  return { code: 'NOERROR', authoritative: true, answers };
}

/** Addresses of the hosts that SRV records name, to save the client a question. */
function targets(records: ZoneRecords, answers: readonly DnsRecord[]): readonly DnsRecord[] {
  const names = new Set(answers.flatMap((record) => (record.type === 'SRV' ? [record.target] : [])));
  return [...names].flatMap((name) => (records.get(name) ?? []).filter((record) => record.type === 'A'));
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** `10-244-0-5.default.pod.cluster.local` */
function podRecords(records: ZoneRecords, options: ZoneOptions, name: string): readonly DnsRecord[] | undefined {
  if (!name.endsWith(`.pod.${records.domain}`)) return undefined;
  const [host = '', namespace = '', ...rest] = name.slice(0, -`.pod.${records.domain}`.length).split('.');
  const address = host.replaceAll('-', '.');
  if (rest.length > 0 || host.includes('\\') || !isIPv4(address) || !options.podExists(namespace, address))
    return undefined;
  return [{ name, ttl, type: 'A', address }];
}

/** Whether a reverse name is about an address that only this cluster can know. */
function isOwnAddress(options: ZoneOptions, name: string): boolean {
  const address = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.');
  return [options.podCidr, options.serviceCidr].some((cidr) => contains(parseCidr(cidr), address));
}
