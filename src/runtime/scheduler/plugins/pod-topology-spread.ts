import { matchesLabelSelector } from '../../../types/label-selector.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { LabelSelector } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { TopologySpreadConstraint } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { NodeInfo } from '../node-info.ts';
import { matchesNodeSelection } from '../../../types/pod/node-selection.ts';
import { rejected } from '../plugin.ts';
import type { ClusterView, SchedulerPlugin } from '../plugin.ts';
import { toleratesTaint } from '../../../types/pod/tolerations.ts';

/** The selector with the pod's own values of matchLabelKeys (KEP-3243). */
function selectorOf(pod: Pod, constraint: TopologySpreadConstraint): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys = [] } = constraint;
  if (!labelSelector || matchLabelKeys.length === 0) return labelSelector;
  const own = matchLabelKeys.flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: 'In', values: [value] }];
  });
  return { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...own] };
}

/** Whether the pods of a node count for a constraint (KEP-3094). */
function counts(pod: Pod, { node }: NodeInfo, constraint: TopologySpreadConstraint): boolean {
  if (node.metadata.labels?.[constraint.topologyKey] === undefined) return false;
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNodeSelection(pod, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  return (node.spec?.taints ?? []).every(
    (taint) => taint.effect === 'PreferNoSchedule' || toleratesTaint(pod.spec?.tolerations, taint),
  );
}

/** Matching pods per topology domain. */
function domainsOf(pod: Pod, constraint: TopologySpreadConstraint, cluster: ClusterView): ReadonlyMap<string, number> {
  const selector = selectorOf(pod, constraint);
  const domains = new Map<string, number>();
  for (const info of cluster.nodes) {
    const domain = info.node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined || !counts(pod, info, constraint)) continue;
    const matching = info.pods.filter(
      (other) =>
        other.metadata.namespace === pod.metadata.namespace &&
        other.metadata.deletionTimestamp === undefined &&
        matchesLabelSelector(selector, other.metadata.labels ?? {}),
    );
    domains.set(domain, (domains.get(domain) ?? 0) + matching.length);
  }
  return domains;
}

function leastOf(domains: ReadonlyMap<string, number>, constraint: TopologySpreadConstraint): number {
  // With fewer domains than asked for, the missing ones count as empty (KEP-3022).
  if (constraint.minDomains !== undefined && domains.size < constraint.minDomains) return 0;
  return domains.size === 0 ? 0 : Math.min(...domains.values());
}

/** Pods spread over zones, hosts or any other topology. */
export const podTopologySpread: SchedulerPlugin = {
  name: 'PodTopologySpread',
  weight: 2,
  filter(pod, { node }, cluster) {
    for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
      if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
      const domain = node.metadata.labels?.[constraint.topologyKey];
      if (domain === undefined)
        return rejected("node(s) didn't match pod topology spread constraints (missing required label)");
      const domains = domainsOf(pod, constraint, cluster);
      const self = matchesLabelSelector(selectorOf(pod, constraint), pod.metadata.labels ?? {}) ? 1 : 0;
      const skew = (domains.get(domain) ?? 0) + self - leastOf(domains, constraint);
      if (skew > constraint.maxSkew) return rejected("node(s) didn't match pod topology spread constraints", true);
    }
    return undefined;
  },
  score(pod, { node }, cluster) {
    const soft = (pod.spec?.topologySpreadConstraints ?? []).filter(
      ({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway',
    );
    if (soft.length === 0) return 0;
    const scores = soft.map((constraint) => {
      const domain = node.metadata.labels?.[constraint.topologyKey];
      const domains = domainsOf(pod, constraint, cluster);
      const highest = Math.max(1, ...domains.values());
      return domain === undefined ? 0 : 100 * (1 - (domains.get(domain) ?? 0) / highest);
    });
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  },
};
