import { isIPv4 } from 'node:net';

/** A range of IPv4 addresses: the first one as a number, and how many there are. */
export interface Ipv4Range {
  readonly first: number;
  readonly size: number;
  readonly prefix: number;
}

/** The address as an unsigned 32-bit number. @throws RangeError when `text` is no dotted quad */
export function parseIpv4(text: string): number {
  if (!isIPv4(text)) throw new RangeError(`"${text}" is not an IPv4 address`);
  return text.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** Reads `10.244.0.0/24`; bits of the host part are ignored. @throws RangeError when `text` is no IPv4 CIDR */
export function parseCidr(text: string): Ipv4Range {
  const [address = '', length = ''] = text.split('/');
  const prefix = Number(length);
  if (!/^\d{1,2}$/.test(length) || prefix > 32 || !isIPv4(address))
    throw new RangeError(`"${text}" is not an IPv4 CIDR`);
  const size = 2 ** (32 - prefix);
  return { first: Math.floor(parseIpv4(address) / size) * size, size, prefix };
}

export function formatCidr(range: Ipv4Range): string {
  return `${formatIpv4(range.first)}/${range.prefix}`;
}

export function contains(range: Ipv4Range, address: string): boolean {
  if (!isIPv4(address)) return false;
  const value = parseIpv4(address);
  return value >= range.first && value < range.first + range.size;
}

export function overlaps(a: Ipv4Range, b: Ipv4Range): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** The address `offset` places after the range's first one. */
export function addressAt(range: Ipv4Range, offset: number): string {
  return formatIpv4(range.first + offset);
}
