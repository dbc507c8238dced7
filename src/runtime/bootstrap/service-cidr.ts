import type { ServiceCIDR } from '../../types/kinds/generated/networking-v1.gen.ts';

/** The range that the cluster was started with, under the name that upstream gives it (KEP-1880). */
export function defaultServiceCidr(cidr: string): ServiceCIDR {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [cidr] },
  };
}
