import { LimitRange } from '../../../../types/kinds/core/limit-range.ts';
import { PersistentVolumeClaim } from '../../../../types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../../types/kinds/core/pod.ts';
import type { Container, LimitRangeItem } from '../../../../types/kinds/generated/core-v1.gen.ts';
import type { Draft } from '../../../../types/meta.ts';
import { addQuantities, compareQuantities, milliValue } from '../../../../types/quantity.ts';
import type { Quantity } from '../../../../types/quantity.ts';
import { isDraftOfKind, isOfKind } from '../../fields.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

type Amounts = Readonly<Record<string, Quantity>>;

/** LimitRanges: what containers get that say nothing, and what nobody may exceed. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' &&
    subresource === '' &&
    (kind.typeName === Pod.typeName || kind.typeName === PersistentVolumeClaim.typeName),
  async mutate(request, draft) {
    if (!isDraftOfKind(Pod, draft)) return;
    for (const item of await itemsOf(request, 'Container')) applyContainerDefaults(draft, item);
  },
  async validate(request, object) {
    const faults = isOfKind(Pod, object)
      ? await podFaults(request, object)
      : isOfKind(PersistentVolumeClaim, object)
        ? await claimFaults(request, object)
        : [];
    if (faults.length === 0) return;
    throw forbidden(request.kind, request.name, faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
  },
};

async function itemsOf({ reader, namespace }: AdmissionRequest, type: string): Promise<readonly LimitRangeItem[]> {
  const ranges = await reader.list(LimitRange, namespace);
  return ranges.flatMap((range) => range.spec?.limits ?? []).filter((item) => item.type === type);
}

function containersOf({ spec }: Draft<Pod> | Pod): readonly Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

function applyContainerDefaults(draft: Draft<Pod>, item: LimitRangeItem): void {
  for (const container of [...(draft.spec?.initContainers ?? []), ...(draft.spec?.containers ?? [])]) {
    const given = container.resources ?? {};
    const limits = { ...item.default, ...given.limits };
    // What has a limit and no request asks for its limit, unless the range says otherwise.
    const requests = { ...item.defaultRequest, ...given.limits, ...given.requests };
    container.resources = {
      ...given,
      ...(Object.keys(limits).length === 0 ? {} : { limits }),
      ...(Object.keys(requests).length === 0 ? {} : { requests }),
    };
  }
}

async function podFaults(request: AdmissionRequest, pod: Pod): Promise<readonly string[]> {
  const containers = containersOf(pod);
  const faults: string[] = [];
  for (const item of await itemsOf(request, 'Container')) {
    for (const { resources } of containers)
      faults.push(...check('Container', item, resources?.requests ?? {}, resources?.limits ?? {}));
  }
  const requests = sum((pod.spec?.containers ?? []).map(({ resources }) => resources?.requests ?? {}));
  const limits = sum((pod.spec?.containers ?? []).map(({ resources }) => resources?.limits ?? {}));
  for (const item of await itemsOf(request, 'Pod')) faults.push(...check('Pod', item, requests, limits));
  return faults;
}

async function claimFaults(request: AdmissionRequest, claim: PersistentVolumeClaim): Promise<readonly string[]> {
  const asked = claim.spec?.resources?.requests ?? {};
  return (await itemsOf(request, 'PersistentVolumeClaim')).flatMap((item) =>
    check('PersistentVolumeClaim', item, asked, asked),
  );
}

function sum(amounts: readonly Amounts[]): Amounts {
  const total: Record<string, Quantity> = {};
  for (const entry of amounts) {
    for (const [name, quantity] of Object.entries(entry)) total[name] = addQuantities(total[name] ?? '0', quantity);
  }
  return total;
}

/** Upstream's texts (plugin/pkg/admission/limitranger). */
function check(type: string, item: LimitRangeItem, requests: Amounts, limits: Amounts): readonly string[] {
  const faults: string[] = [];
  for (const [name, least] of Object.entries(item.min ?? {})) {
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined) faults.push(`minimum ${name} usage per ${type} is ${least}.  No request is specified`);
    else if (compareQuantities(request, least) < 0)
      faults.push(`minimum ${name} usage per ${type} is ${least}, but request is ${request}`);
    if (limit !== undefined && compareQuantities(limit, least) < 0)
      faults.push(`minimum ${name} usage per ${type} is ${least}, but limit is ${limit}`);
  }
  for (const [name, most] of Object.entries(item.max ?? {})) {
    const [request, limit] = [requests[name], limits[name]];
    if (limit === undefined) faults.push(`maximum ${name} usage per ${type} is ${most}.  No limit is specified`);
    else if (compareQuantities(limit, most) > 0)
      faults.push(`maximum ${name} usage per ${type} is ${most}, but limit is ${limit}`);
    if (request !== undefined && compareQuantities(request, most) > 0)
      faults.push(`maximum ${name} usage per ${type} is ${most}, but request is ${request}`);
  }
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    const [request, limit] = [requests[name], limits[name]];
    if (request === undefined || limit === undefined || milliValue(request) === 0) {
      faults.push(
        `${name} max limit to request ratio per ${type} is ${ratio}, but no request is specified or request is 0`,
      );
      continue;
    }
    const actual = milliValue(limit) / milliValue(request);
    if (actual > milliValue(ratio) / 1000)
      faults.push(
        `${name} max limit to request ratio per ${type} is ${ratio}, but provided ratio is ${actual.toFixed(6)}`,
      );
  }
  return faults;
}
