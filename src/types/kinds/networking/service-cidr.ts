import { isIP } from 'node:net';
import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkCIDR, isCIDR } from '../../validation/field-checks.ts';
import type * as networking_v1 from '../generated/networking-v1.gen.ts';

export type ServiceCIDR = networking_v1.ServiceCIDR;

export const ServiceCIDR = defineKind<ServiceCIDR>('networking.k8s.io/v1', 'ServiceCIDR', {
  columns: columnsOf<ServiceCIDR>([textColumn('CIDRs', ({ spec }) => (spec?.cidrs ?? []).join(','))]),
  validated: true,
  example: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'more' },
    spec: { cidrs: ['10.112.0.0/16'] },
  },
  validate({ spec }, issues) {
    const at = issues.at('spec', 'cidrs');
    const cidrs = spec?.cidrs ?? [];
    if (cidrs.length === 0) at.required('at least one CIDR required');
    if (cidrs.length > 2) at.invalid(cidrs, 'may only hold up to 2 values');
    cidrs.forEach((cidr, index) => checkCIDR(cidr, at.at(index)));
    const [first, second] = cidrs.map((cidr) => isIP(cidr.split('/')[0] ?? ''));
    if (cidrs.length === 2 && cidrs.every(isCIDR) && first === second) {
      at.invalid(cidrs, 'may specify no more than one IP for each IP family');
    }
  },
  validateUpdate(next, previous, issues) {
    const [now, before] = [next.spec?.cidrs ?? [], previous.spec?.cidrs ?? []];
    const at = issues.at('spec', 'cidrs');
    const grows = before.length === 1 && now.length === 2;
    if (grows ? now[0] !== before[0] : !deepEqual(now, before)) {
      if (grows) at.at(0).invalid(now[0], 'field is immutable');
      else at.invalid(now, 'field is immutable');
    }
  },
});
