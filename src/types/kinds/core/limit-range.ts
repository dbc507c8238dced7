import type { IssueSink } from '../../field-issue.ts';
import { checkResourceName, isStandardContainerResource, mayOvercommit, type Amounts } from '../../pod/resources.ts';
import { qualifiedNameErrors } from '../../names.ts';
import { canonicalQuantity, compareQuantities, parseQuantity, type Quantity } from '../../quantity.ts';
import { defineKind } from '../../registry.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type LimitRange = core_v1.LimitRange;

const types = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** Each bound that must not be above another one, with upstream's words for both. */
const orders = [
  ['min', 'max', 'min', 'min value', 'max value'],
  ['min', 'defaultRequest', 'defaultRequest', 'min value', 'default request value'],
  ['defaultRequest', 'max', 'defaultRequest', 'default request value', 'max value'],
  ['defaultRequest', 'default', 'defaultRequest', 'default request value', 'default limit value'],
  ['min', 'default', 'default', 'min value', 'default value'],
  ['default', 'max', 'default', 'default value', 'max value'],
] as const;

function checkOrder(limit: core_v1.LimitRangeItem, name: string, at: IssueSink): void {
  for (const [low, high, field, lowText, highText] of orders) {
    const [less, more] = [limit[low]?.[name], limit[high]?.[name]];
    if (less === undefined || more === undefined || compareQuantities(less, more) <= 0) continue;
    const value = limit[field]?.[name] ?? 0;
    const detail = `${lowText} ${canonicalQuantity(less)} is greater than ${highText} ${canonicalQuantity(more)}`;
    at.at(field, { key: name }).invalid(canonicalQuantity(value), detail);
  }
}

function ratioOf(max: Quantity, min: Quantity): number {
  return Number(parseQuantity(max).nanos) / Number(parseQuantity(min).nanos);
}

function checkRatio(limit: core_v1.LimitRangeItem, name: string, at: IssueSink): void {
  const ratio = limit.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return;
  const place = at.at('maxLimitRequestRatio', { key: name });
  const shown = canonicalQuantity(ratio);
  if (compareQuantities(ratio, 1) < 0) place.invalid(shown, `ratio ${shown} is less than 1`);
  const [max, min] = [limit.max?.[name], limit.min?.[name]];
  if (max === undefined || min === undefined || compareQuantities(min, 0) <= 0) return;
  const most = ratioOf(max, min);
  if (ratioOf(ratio, 1) > most) place.invalid(shown, `ratio ${shown} is greater than max/min = ${most.toFixed(6)}`);
}

function checkItem(limit: core_v1.LimitRangeItem, at: IssueSink): void {
  const fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
  const names = new Set<string>();
  for (const field of fields) {
    const amounts: Amounts = limit[field] ?? {};
    for (const name of Object.keys(amounts)) {
      names.add(name);
      checkResourceName(name, at.at(field, { key: name }));
      if (limit.type === 'Container' && !name.includes('/') && !isStandardContainerResource(name)) {
        at.at(field, { key: name }).invalid(name, 'must be a standard resource for containers');
      }
    }
  }
  if (limit.type === 'Pod') {
    for (const field of ['default', 'defaultRequest'] as const) {
      if (Object.keys(limit[field] ?? {}).length > 0)
        at.at(field).forbidden("may not be specified when `type` is 'Pod'");
    }
  }
  if (limit.type === 'PersistentVolumeClaim' && !limit.min?.['storage'] && !limit.max?.['storage']) {
    at.at('limits').required('either minimum or maximum storage value is required, but neither was provided');
  }
  for (const name of names) {
    checkOrder(limit, name, at);
    checkRatio(limit, name, at);
    const [value, request] = [limit.default?.[name], limit.defaultRequest?.[name]];
    if (mayOvercommit(name) || value === undefined || request === undefined) continue;
    if (compareQuantities(value, request) !== 0) {
      const detail = `default value ${canonicalQuantity(value)} must equal to defaultRequest value ${canonicalQuantity(request)} in ${name}`;
      at.at('defaultRequest', { key: name }).invalid(canonicalQuantity(request), detail);
    }
  }
}

export const LimitRange = defineKind<LimitRange>('v1', 'LimitRange', {
  shortNames: ['limits'],
  validated: true,
  example: {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'defaults' },
    spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' } }] },
  },
  applyDefaults({ spec }) {
    for (const limit of spec?.limits ?? []) {
      if (limit.type !== 'Container') continue;
      // A bound alone also says what a container gets that asks for nothing.
      limit.default = { ...limit.max, ...limit.default };
      limit.defaultRequest = { ...limit.min, ...limit.default, ...limit.defaultRequest };
      if (Object.keys(limit.default).length === 0) delete limit.default;
      if (Object.keys(limit.defaultRequest).length === 0) delete limit.defaultRequest;
    }
  },
  validate({ spec }, issues) {
    const seen = new Set<string>();
    spec?.limits?.forEach((limit, index) => {
      const at = issues.at('spec', 'limits', index);
      const type = limit.type ?? '';
      const errors = qualifiedNameErrors(type);
      invalidEach(at.at('type'), type, errors);
      if (errors.length === 0 && !type.includes('/') && !types.includes(type)) {
        at.at('type').invalid(type, 'must be a standard limit type or fully qualified');
      }
      if (seen.has(type)) at.at('type').duplicate(type);
      seen.add(type);
      checkItem(limit, at);
    });
  },
});
