import { addressAt, contains, formatCidr, parseCidr, parseIpv4 } from './ipv4.ts';
import type { Ipv4Range } from './ipv4.ts';

/** No address of the range is free. */
export class AddressPoolExhausted extends Error {
  constructor(readonly cidr: string) {
    super(`every address of ${cidr} is in use`);
  }
}

/**
 * Hands out the addresses of one range. The first and the last address of the range are never given out.
 * Addresses are taken in turn, so that one just released rests for as long as possible before it comes again.
 */
export class AddressPool {
  readonly #range: Ipv4Range;
  readonly #used = new Set<string>();
  readonly #dynamicFrom: number;
  #next: number;

  /** `dynamicFrom`: offset of the first address that `allocate` prefers; lower ones serve only when the rest is used up. */
  constructor(cidr: string, dynamicFrom = 1, reserved: readonly string[] = []) {
    this.#range = parseCidr(cidr);
    this.#dynamicFrom = Math.max(1, dynamicFrom);
    this.#next = this.#dynamicFrom;
    for (const address of reserved) this.#used.add(address);
  }

  get cidr(): string {
    return formatCidr(this.#range);
  }

  /** How many addresses are taken, the reserved ones included. */
  get used(): number {
    return this.#used.size;
  }

  has(address: string): boolean {
    return this.#used.has(address);
  }

  /** Whether the pool could ever hand out `address`. */
  covers(address: string): boolean {
    if (!contains(this.#range, address)) return false;
    const offset = parseIpv4(address) - this.#range.first;
    return offset >= 1 && offset < this.#range.size - 1;
  }

  /** @throws AddressPoolExhausted */
  allocate(): string {
    const end = this.#range.size - 1;
    const address =
      this.#firstFree(this.#next, end) ??
      this.#firstFree(this.#dynamicFrom, this.#next) ??
      this.#firstFree(1, this.#dynamicFrom);
    if (address === undefined) throw new AddressPoolExhausted(this.cidr);
    const following = parseIpv4(address) - this.#range.first + 1;
    if (following > this.#dynamicFrom) this.#next = following < end ? following : this.#dynamicFrom;
    this.#used.add(address);
    return address;
  }

  /** Takes this very address; false when it is taken already or outside the pool. */
  reserve(address: string): boolean {
    if (!this.covers(address) || this.#used.has(address)) return false;
    this.#used.add(address);
    return true;
  }

  release(address: string): void {
    this.#used.delete(address);
  }

  #firstFree(from: number, to: number): string | undefined {
    for (let offset = from; offset < to; offset++) {
      const address = addressAt(this.#range, offset);
      if (!this.#used.has(address)) return address;
    }
    return undefined;
  }
}

/** Pod addresses: all of the node's range but the gateway. */
export function podAddressPool(podCidr: string, gateway: string): AddressPool {
  return new AddressPool(podCidr, 1, [gateway]);
}

/**
 * ClusterIPs. The lower band, min(max(16, size/16), 256) addresses, is left to people who choose an address themselves (KEP-3070).
 * The first address (default/kubernetes) and the tenth (cluster DNS) belong to the cluster's own Services, for which `reserved`
 * names those that exist already; a bootstrap that creates them by explicit address calls `release` on them first or never asks the pool.
 */
export function serviceAddressPool(serviceCidr: string, reserved: readonly string[] = []): AddressPool {
  const range = parseCidr(serviceCidr);
  const band = Math.min(Math.max(16, Math.floor(range.size / 16)), 256);
  return new AddressPool(serviceCidr, range.size > band * 2 ? band + 1 : 1, [
    ...systemServiceAddresses(serviceCidr),
    ...reserved,
  ]);
}

/** The addresses that every cluster gives to default/kubernetes and kube-system/kube-dns, in this order. */
export function systemServiceAddresses(serviceCidr: string): readonly [kubernetes: string, dns: string] {
  const range = parseCidr(serviceCidr);
  return [addressAt(range, 1), addressAt(range, 10)];
}
