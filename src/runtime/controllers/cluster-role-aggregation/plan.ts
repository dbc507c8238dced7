/** The rules of an aggregated ClusterRole. Pure. */
import { deepEqual } from '../../../shared/deep.ts';
import type { PolicyRule } from '../../../types/kinds/generated/rbac-v1.gen.ts';
import type { ClusterRole } from '../../../types/kinds/rbac/cluster-role.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import type { Persisted } from '../../../types/meta.ts';

/** Rules of all selected roles, in the order of the selectors and then of the names, each once. */
export function aggregatedRules(
  role: Persisted<ClusterRole>,
  all: readonly Persisted<ClusterRole>[],
): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  const sorted = [...all].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const candidate of sorted) {
      if (candidate.metadata.name === role.metadata.name) continue;
      if (!matchesLabelSelector(selector, candidate.metadata.labels)) continue;
      for (const rule of candidate.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
