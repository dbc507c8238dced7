/** What of a quota is used. Pure. */
import type { KindDefinition } from '../../../types/define-kind.ts';
import type { ResourceQuota } from '../../../types/kinds/core/resource-quota.ts';
import type { ResourceQuotaStatus } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { canonicalQuantity } from '../../../types/quantity.ts';
import type { Usage } from '../../../types/quota/measure.ts';
import { isInScopes, limitedResources, onlyOf, sumOf, usageOf } from '../../../types/quota/usage.ts';

/** The objects of one kind in the quota's namespace. */
export interface Population {
  readonly kind: KindDefinition;
  readonly objects: readonly KubeObject[];
}

export interface QuotaPlan {
  readonly status: ResourceQuotaStatus;
  /** When to look again, though nothing may change until then. */
  readonly changesAt: Date | undefined;
}

export function planQuota({ spec }: ResourceQuota, populations: readonly Population[], now: Date): QuotaPlan {
  const used: Record<string, Usage[string]> = {};
  let changesAt: Date | undefined;
  for (const { kind, objects } of populations) {
    const limited = limitedResources(spec, kind);
    const counted = objects.filter((object) => isInScopes(spec, kind, object));
    const sum = onlyOf(sumOf(counted.map((object) => usageOf(kind, object, now))), limited);
    for (const resource of limited) used[resource] = canonicalQuantity(sum[resource] ?? '0');
    for (const object of counted) {
      const time = kind.quota?.changesAt?.(object, now);
      if (time && (!changesAt || time < changesAt)) changesAt = time;
    }
  }
  return { status: { hard: spec?.hard ?? {}, used }, changesAt };
}
