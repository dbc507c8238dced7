/** What Services use of a quota. Pure. */
import type { Service } from '../kinds/generated/core-v1.gen.ts';
import type { QuotaMeasure } from './measure.ts';

export const serviceQuota: QuotaMeasure<Service> = {
  measures: (resource) => resource === 'services.nodeports' || resource === 'services.loadbalancers',
  usage({ spec }) {
    const balances = spec?.type === 'LoadBalancer';
    const exposes = spec?.type === 'NodePort' || (balances && spec.allocateLoadBalancerNodePorts !== false);
    // A balancer without ports of its own may still be given single ones.
    const ports = (spec?.ports ?? []).filter(({ nodePort }) => exposes || (balances && nodePort !== undefined));
    return { 'services.nodeports': `${ports.length}`, 'services.loadbalancers': balances ? '1' : '0' };
  },
};
