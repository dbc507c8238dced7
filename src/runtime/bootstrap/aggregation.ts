import { deepEqual } from '../../shared/deep.ts';
import type { ClusterRole, PolicyRule } from '../../types/kinds/generated/rbac-v1.gen.ts';
import { matchesLabelSelector } from '../../types/label-selector.ts';

/** The rules of a role with an aggregationRule: those of every role that a selector picks, in the order of names, each once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const picked = all.filter(
      (other) =>
        other.metadata.name !== role.metadata.name && matchesLabelSelector(selector, other.metadata.labels ?? {}),
    );
    for (const other of picked.sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))) {
      for (const rule of other.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
