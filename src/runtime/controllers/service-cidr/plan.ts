/** What is to be said of a ServiceCIDR, and what holds it (KEP-1880). Pure. */
import { BlockList, isIP } from 'node:net';
import type { ServiceCIDR } from '../../../types/kinds/generated/networking-v1.gen.ts';
import type { Condition } from '../../../types/kinds/generated/meta-v1.gen.ts';

export const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

function rangesOf(cidrs: readonly ServiceCIDR[]): BlockList {
  const ranges = new BlockList();
  for (const { spec } of cidrs) {
    for (const cidr of spec?.cidrs ?? []) {
      const [address = '', length = ''] = cidr.split('/');
      if (isIP(address) !== 0) ranges.addSubnet(address, Number(length), isIP(address) === 6 ? 'ipv6' : 'ipv4');
    }
  }
  return ranges;
}

/** The addresses that would belong to no range without this one. */
export function heldAddresses(
  leaving: ServiceCIDR,
  all: readonly ServiceCIDR[],
  addresses: readonly string[],
): readonly string[] {
  const own = rangesOf([leaving]);
  const others = rangesOf(
    all.filter(({ metadata }) => metadata.name !== leaving.metadata.name && metadata.deletionTimestamp === undefined),
  );
  const isIn = (ranges: BlockList, address: string): boolean =>
    isIP(address) !== 0 && ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return addresses.filter((address) => isIn(own, address) && !isIn(others, address));
}

/** The conditions with whether addresses are given out; undefined when they say so already. */
export function readyCondition({ status, metadata }: ServiceCIDR, now: Date): Condition[] | undefined {
  const conditions = status?.conditions ?? [];
  const current = conditions.find(({ type }) => type === 'Ready');
  const wanted =
    metadata.deletionTimestamp === undefined
      ? { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }
      : {
          status: 'False',
          reason: 'Terminating',
          message:
            'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
        };
  if (current?.status === wanted.status) return undefined;
  const lastTransitionTime = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return [...conditions.filter(({ type }) => type !== 'Ready'), { type: 'Ready', ...wanted, lastTransitionTime }];
}
