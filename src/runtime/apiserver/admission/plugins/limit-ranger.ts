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
  handles({ operation, kind, subresource, previous }) {
    // What is on its way out must be able to leave.
    if (operation === 'DELETE' || previous?.metadata.deletionTimestamp !== undefined) return false;
    if (kind.typeName === PersistentVolumeClaim.typeName) return subresource === '';
    return kind.typeName === Pod.typeName && subresource === (operation === 'CREATE' ? '' : 'resize');
  },
  async mutate(request, draft) {
    if (request.operation !== 'CREATE' || !isDraftOfKind(Pod, draft)) return;
    const notes = (await itemsOf(request, 'Container')).flatMap((item) => applyContainerDefaults(draft, item));
    if (notes.length === 0) return;
    const note = `LimitRanger plugin set: ${notes.join('; ')}`;
    draft.metadata.annotations = { ...draft.metadata.annotations, 'kubernetes.io/limit-ranger': note };
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

/** Returns what was set, container by container. */
function applyContainerDefaults(draft: Draft<Pod>, item: LimitRangeItem): readonly string[] {
  const notes: string[] = [];
  const lists = [
    ['container', draft.spec?.containers ?? []],
    ['init container', draft.spec?.initContainers ?? []],
  ] as const;
  for (const [word, containers] of lists) {
    for (const container of containers) {
      const given = container.resources ?? {};
      const limits = { ...item.default, ...given.limits };
      // What has a limit and no request asks for its limit, unless the range says otherwise.
      const requests = { ...item.defaultRequest, ...given.limits, ...given.requests };
      notes.push(...noteOf('request', word, container.name, requests, { ...given.limits, ...given.requests }));
      notes.push(...noteOf('limit', word, container.name, limits, given.limits ?? {}));
      container.resources = {
        ...given,
        ...(Object.keys(limits).length === 0 ? {} : { limits }),
        ...(Object.keys(requests).length === 0 ? {} : { requests }),
      };
    }
  }
  return notes;
}

function noteOf(side: string, word: string, name: string, now: Amounts, before: Amounts): readonly string[] {
  const set = Object.keys(now).filter((resource) => before[resource] === undefined);
  return set.length === 0 ? [] : [`${set.sort().join(', ')} ${side} for ${word} ${name}`];
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

/** Claims have no limits: both bounds are on what is requested. */
async function claimFaults(request: AdmissionRequest, claim: PersistentVolumeClaim): Promise<readonly string[]> {
  const asked = claim.spec?.resources?.requests ?? {};
  return (await itemsOf(request, 'PersistentVolumeClaim')).flatMap(({ max = {}, min = {} }) => [
    ...check('PersistentVolumeClaim', { type: 'PersistentVolumeClaim', min }, asked, {}),
    ...Object.entries(max).flatMap(([name, most]) => {
      const size = asked[name];
      const rule = `maximum ${name} usage per PersistentVolumeClaim is ${most}`;
      if (size === undefined) return [`${rule}.  No request is specified`];
      return compareQuantities(size, most) > 0 ? [`${rule}, but request is ${size}`] : [];
    }),
  ]);
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
    else if (limit !== undefined && compareQuantities(limit, least) < 0)
      faults.push(`minimum ${name} usage per ${type} is ${least}, but limit is ${limit}`);
  }
  for (const [name, most] of Object.entries(item.max ?? {})) {
    const [request, limit] = [requests[name], limits[name]];
    if (limit === undefined) faults.push(`maximum ${name} usage per ${type} is ${most}.  No limit is specified`);
    else if (compareQuantities(limit, most) > 0)
      faults.push(`maximum ${name} usage per ${type} is ${most}, but limit is ${limit}`);
    else if (request !== undefined && compareQuantities(request, most) > 0)
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
