import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  AddressPool,
  AddressPoolExhausted,
  podAddressPool,
  serviceAddressPool,
} from '../../../src/runtime/network/address-pool.ts';

describe('AddressPool', () => {
  it('never hands out an address twice, nor the first or last of the range', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('take'), fc.nat(13)), { maxLength: 60 }), (steps) => {
        const pool = new AddressPool('10.0.0.0/28');
        const held: string[] = [];
        for (const step of steps) {
          if (step !== 'take') {
            const [address] = held.splice(Number(step), 1);
            if (address !== undefined) pool.release(address);
          } else if (held.length < 14) {
            const address = pool.allocate();
            expect(held).not.toContain(address);
            expect(['10.0.0.0', '10.0.0.15']).not.toContain(address);
            held.push(address);
          } else {
            expect(() => pool.allocate()).toThrow(AddressPoolExhausted);
          }
        }
        expect(pool.used).toBe(held.length);
      }),
    );
  });

  it('lets a released address rest', () => {
    const pool = podAddressPool('10.244.0.0/24', '10.244.0.1');
    expect(pool.allocate()).toBe('10.244.0.2');
    pool.release('10.244.0.2');
    expect(pool.allocate()).toBe('10.244.0.3');
  });

  it('reserves what is free and its own', () => {
    const pool = podAddressPool('10.244.0.0/24', '10.244.0.1');
    expect(pool.reserve('10.244.0.9')).toBe(true);
    expect(pool.reserve('10.244.0.9')).toBe(false);
    for (const foreign of ['10.244.0.1', '10.244.0.0', '10.244.0.255', '10.244.1.5', 'x', '::1'])
      expect(pool.reserve(foreign)).toBe(false);
  });

  it('takes ClusterIPs from above the static band first, and from the band when the rest is gone (KEP-3070)', () => {
    const pool = serviceAddressPool('10.96.0.0/20');
    expect(pool.allocate()).toBe('10.96.1.1'); // band: min(max(16, 4096/16), 256) = 256 addresses
    expect(pool.has('10.96.0.1')).toBe(true);
    expect(pool.has('10.96.0.10')).toBe(true);
    expect(pool.reserve('10.96.0.20')).toBe(true);
    const small = serviceAddressPool('10.96.0.0/26'); // band: 16 addresses
    const all = Array.from({ length: 60 }, () => small.allocate());
    expect(all[0]).toBe('10.96.0.17');
    expect(all[45]).toBe('10.96.0.62');
    expect(all[46]).toBe('10.96.0.2');
    expect(() => small.allocate()).toThrow('every address of 10.96.0.0/26 is in use');
  });
});
