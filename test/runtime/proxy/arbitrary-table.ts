import fc from 'fast-check';
import type { Forwarding, ServiceTable } from '../../../src/runtime/proxy/service-table.ts';

/** From few values, so that tables drawn one after the other share most things and clash over some. */
const backends = fc.uniqueArray(
  fc.record({
    ip: fc.constantFrom('10.244.0.1', '10.244.0.2', '10.244.0.3', '10.244.0.4', '192.0.2.9'),
    port: fc.constantFrom(8080, 8081),
    terminating: fc.constant(false),
  }),
  { maxLength: 4, selector: ({ ip, port }) => `${ip}:${port}` },
);

const forwarding: fc.Arbitrary<Forwarding> = fc
  .record({
    service: fc.constantFrom('a', 'b', 'c', 'd'),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    port: fc.constantFrom(80, 81),
    clusterIps: fc.subarray(['10.96.0.5', '10.96.0.6'], { minLength: 1 }),
    externalIps: fc.subarray(['203.0.113.7']),
    loadBalancerIps: fc.subarray(['203.0.113.7', '203.0.113.8']),
    sourceRanges: fc.subarray(['10.0.0.0/8', '192.0.2.0/24']),
    nodePort: fc.constantFrom(undefined, 30_080, 30_081),
    internal: backends,
    external: backends,
    externalLocal: fc.oneof(fc.constant(undefined), backends),
    affinitySeconds: fc.constantFrom(undefined, 60, 10_800),
  })
  .map(({ service, ...rest }) => ({ key: `default/${service}/${rest.protocol}/${rest.port}`, ...rest }));

export const arbitraryTable: fc.Arbitrary<ServiceTable> = fc.uniqueArray(forwarding, {
  maxLength: 6,
  selector: ({ key }) => key,
});
