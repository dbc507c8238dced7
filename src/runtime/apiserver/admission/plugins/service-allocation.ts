/** Which ClusterIPs and node ports are free. Pure; the state is the stored Services and what is being created. */
import type { ServiceNetwork } from './service-addresses.ts';

export function addressNumber(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

export interface AddressRange {
  /** First address that may be given out. */
  readonly first: number;
  readonly last: number;
  /** Addresses from here on are given out by themselves; lower ones are for people who choose (KEP-3070). */
  readonly dynamicFrom: number;
}

/** @throws Error for text that is no IPv4 range, which is a mistake in the configuration. */
export function addressRange(cidr: string): AddressRange {
  const range = readAddressRange(cidr);
  if (!range) throw new Error(`${cidr} is no IPv4 range for Services`);
  return range;
}

/** Undefined for what is no IPv4 range, or too small or large for Services. */
export function readAddressRange(cidr: string): AddressRange | undefined {
  const [address = '', length = ''] = cidr.split('/');
  const base = addressNumber(address);
  const bits = Number(length);
  if (base === undefined || !Number.isInteger(bits) || bits < 8 || bits > 30) return undefined;
  const size = 2 ** (32 - bits);
  const start = base - (base % size);
  const band = Math.min(Math.max(16, Math.floor(size / 16)), 256);
  return { first: start + 1, last: start + size - 2, dynamicFrom: size > band * 2 ? start + band + 1 : start + 1 };
}

/** A free number, searched from a random place; the upper part first. Undefined when all are taken. */
export function freeNumber(
  from: number,
  preferred: number,
  to: number,
  used: (value: number) => boolean,
  random: (limit: number) => number,
): number | undefined {
  return search(preferred, to, used, random) ?? search(from, preferred - 1, used, random);
}

function search(
  from: number,
  to: number,
  used: (value: number) => boolean,
  random: (limit: number) => number,
): number | undefined {
  const size = to - from + 1;
  if (size <= 0) return undefined;
  const start = random(size);
  for (let i = 0; i < size; i++) {
    const candidate = from + ((start + i) % size);
    if (!used(candidate)) return candidate;
  }
  return undefined;
}

/** The lower band of node ports is for people who choose (KEP-3668). */
export function dynamicPortFrom({ nodePorts }: ServiceNetwork): number {
  const size = nodePorts.to - nodePorts.from + 1;
  const band = Math.min(Math.max(16, Math.floor(size / 32)), 128);
  return size > band * 2 ? nodePorts.from + band : nodePorts.from;
}
