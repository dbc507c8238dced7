/** IP addresses and networks in expressions (apiserver cel libraries `ip` and `cidr`). */
import { isIP } from 'node:net';
import { failure } from './library.ts';
import type { Library } from './library.ts';

class IpValue {
  constructor(
    readonly family: 4 | 6,
    readonly bits: bigint,
  ) {}
  toString(): string {
    return addressText(this.family, this.bits);
  }
}

class CidrValue {
  constructor(
    readonly address: IpValue,
    readonly length: number,
  ) {}
  toString(): string {
    return `${this.address.toString()}/${this.length}`;
  }
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function groupBits(text: string): readonly bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}

/** Neither zones nor addresses of version 4 dressed as version 6 are taken. */
function parseIp(text: string): IpValue | undefined {
  const family = isIP(text);
  if (family === 4)
    return new IpValue(
      4,
      text.split('.').reduce((bits, part) => (bits << 8n) | BigInt(part), 0n),
    );
  if (family !== 6 || /[.%]/.test(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const [left, right] = [groupBits(head), groupBits(tail ?? '')];
  const zeros = tail === undefined ? [] : new Array<bigint>(8 - left.length - right.length).fill(0n);
  const bits = [...left, ...zeros, ...right].reduce((all, group) => (all << 16n) | group, 0n);
  return bits >> 32n === 0xffffn ? undefined : new IpValue(6, bits);
}

/** The canonical text (RFC 5952). */
function addressText(family: 4 | 6, bits: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const runs = groups.join(':').match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.reduce((best, run) => (run.split('0').length > best.split('0').length ? run : best), '');
  const text = groups.join(':');
  if (longest === '') return text;
  const at = text.indexOf(longest);
  const [before, after] = [text.slice(0, at), text.slice(at + longest.length).replace(/^:/, '')];
  return `${before}::${after}`;
}

function ip(text: string): IpValue {
  const parsed = parseIp(text);
  if (!parsed) throw failure(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return parsed;
}

function parseCidr(text: string): CidrValue | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const parsed = parseIp(address);
  if (!parsed || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  return Number(length) <= widthOf(parsed.family) ? new CidrValue(parsed, Number(length)) : undefined;
}

function cidr(text: string): CidrValue {
  const parsed = parseCidr(text);
  if (!parsed)
    throw failure(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)})`,
    );
  return parsed;
}

function networkBits({ address, length }: CidrValue): bigint {
  const host = BigInt(widthOf(address.family) - length);
  return (address.bits >> host) << host;
}

function containsIp(network: CidrValue, address: IpValue): boolean {
  if (network.address.family !== address.family) return false;
  return networkBits(new CidrValue(address, network.length)) === networkBits(network);
}

function containsCidr(outer: CidrValue, inner: CidrValue): boolean {
  return inner.length >= outer.length && containsIp(outer, inner.address);
}

/** Not worked out before somebody asks: that would take milliseconds of every start. */
const within = (network: string) => {
  let parsed: CidrValue | undefined;
  return (address: IpValue): boolean => {
    parsed ??= cidr(network);
    return containsIp(parsed, address);
  };
};
const loopback = [within('127.0.0.0/8'), within('::1/128')];
const linkLocalMulticast = [within('224.0.0.0/24'), within('ff02::/16')];
const linkLocalUnicast = [within('169.254.0.0/16'), within('fe80::/10')];
const multicast = [within('224.0.0.0/4'), within('ff00::/8')];
const any = (networks: readonly ((address: IpValue) => boolean)[], address: IpValue): boolean =>
  networks.some((isIn) => isIn(address));
const isUnspecified = ({ bits }: IpValue): boolean => bits === 0n;
const isGlobal = (address: IpValue): boolean =>
  !isUnspecified(address) &&
  !any([...loopback, ...multicast, ...linkLocalUnicast], address) &&
  !(address.family === 4 && address.bits === 0xffffffffn);

class Ips {}

const I = 'net.IP';
const C = 'net.CIDR';

export const addresses: Library = {
  types: { [I]: IpValue, [C]: CidrValue, 'kubernetes.Ips': Ips },
  namespaces: { ip: ['kubernetes.Ips', new Ips()] },
  functions: {
    [`ip(string): ${I}`]: ip,
    'isIP(string): bool': (text: string) => parseIp(text) !== undefined,
    'kubernetes.Ips.isCanonical(string): bool': (_: unknown, text: string) => ip(text).toString() === text,
    [`${I}.family(): int`]: ({ family }: IpValue) => BigInt(family),
    [`${I}.isUnspecified(): bool`]: isUnspecified,
    [`${I}.isLoopback(): bool`]: (address: IpValue) => any(loopback, address),
    [`${I}.isLinkLocalMulticast(): bool`]: (address: IpValue) => any(linkLocalMulticast, address),
    [`${I}.isLinkLocalUnicast(): bool`]: (address: IpValue) => any(linkLocalUnicast, address),
    [`${I}.isGlobalUnicast(): bool`]: isGlobal,
    [`string(${I}): string`]: (address: IpValue) => address.toString(),
    [`cidr(string): ${C}`]: cidr,
    'isCIDR(string): bool': (text: string) => parseCidr(text) !== undefined,
    [`${C}.containsIP(${I}): bool`]: containsIp,
    [`${C}.containsIP(string): bool`]: (network: CidrValue, text: string) => containsIp(network, ip(text)),
    [`${C}.containsCIDR(${C}): bool`]: containsCidr,
    [`${C}.containsCIDR(string): bool`]: (network: CidrValue, text: string) => containsCidr(network, cidr(text)),
    [`${C}.ip(): ${I}`]: ({ address }: CidrValue) => address,
    [`${C}.masked(): ${C}`]: (network: CidrValue) =>
      new CidrValue(new IpValue(network.address.family, networkBits(network)), network.length),
    [`${C}.prefixLength(): int`]: ({ length }: CidrValue) => BigInt(length),
    [`string(${C}): string`]: (network: CidrValue) => network.toString(),
  },
};

/** Equality of this library's types. */
export const ipEquality: readonly [string, (a: IpValue, b: IpValue) => boolean] = [
  I,
  (a, b) => a.family === b.family && a.bits === b.bits,
];
export const cidrEquality: readonly [string, (a: CidrValue, b: CidrValue) => boolean] = [
  C,
  (a, b) => a.toString() === b.toString(),
];
