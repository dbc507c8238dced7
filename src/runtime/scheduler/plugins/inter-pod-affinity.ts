import { matchesLabelSelector } from '../../../types/label-selector.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { PodAffinityTerm } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { LabelSelector } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { NodeInfo } from '../node-info.ts';
import { rejected } from '../plugin.ts';
import type { ClusterView, SchedulerPlugin } from '../plugin.ts';

/** The selector with the owner's values of (mis)matchLabelKeys (KEP-3633). */
function selectorOf(owner: Pod, term: PodAffinityTerm): LabelSelector | undefined {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term;
  if (!labelSelector) return undefined;
  const expression = (operator: string) => (key: string) => {
    const value = owner.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  };
  return {
    ...labelSelector,
    matchExpressions: [
      ...(labelSelector.matchExpressions ?? []),
      ...matchLabelKeys.flatMap(expression('In')),
      ...mismatchLabelKeys.flatMap(expression('NotIn')),
    ],
  };
}

/** Whether `pod` is one of those that a term of `owner` speaks of. */
function matches(owner: Pod, term: PodAffinityTerm, pod: Pod, cluster: ClusterView): boolean {
  const namespace = pod.metadata.namespace ?? '';
  const { namespaces = [], namespaceSelector } = term;
  const named =
    namespaces.length === 0 && namespaceSelector === undefined
      ? namespace === owner.metadata.namespace
      : namespaces.includes(namespace);
  const selected =
    namespaceSelector !== undefined && matchesLabelSelector(namespaceSelector, cluster.namespaceLabels(namespace));
  return (named || selected) && matchesLabelSelector(selectorOf(owner, term), pod.metadata.labels ?? {});
}

function sameDomain(a: NodeInfo, b: NodeInfo, topologyKey: string): boolean {
  const domain = a.node.metadata.labels?.[topologyKey];
  return domain !== undefined && domain === b.node.metadata.labels?.[topologyKey];
}

function podsInDomain(node: NodeInfo, topologyKey: string, cluster: ClusterView): readonly Pod[] {
  return cluster.nodes.filter((other) => sameDomain(node, other, topologyKey)).flatMap(({ pods }) => pods);
}

const requiredAffinity = (pod: Pod): readonly PodAffinityTerm[] =>
  pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const requiredAntiAffinity = (pod: Pod): readonly PodAffinityTerm[] =>
  pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

function affinityHolds(pod: Pod, node: NodeInfo, cluster: ClusterView): boolean {
  const terms = requiredAffinity(pod);
  if (
    terms.every((term) =>
      podsInDomain(node, term.topologyKey, cluster).some((other) => matches(pod, term, other, cluster)),
    )
  )
    return true;
  // The first pod of a group that wants to be with its own kind has nobody to join yet.
  const alone = terms.every(
    (term) => !cluster.nodes.some(({ pods }) => pods.some((other) => matches(pod, term, other, cluster))),
  );
  const labelled = terms.every((term) => node.node.metadata.labels?.[term.topologyKey] !== undefined);
  return alone && labelled && terms.every((term) => matches(pod, term, pod, cluster));
}

/** Pods that want to be near others or away from them, and those already there that want this one away. */
export const interPodAffinity: SchedulerPlugin = {
  name: 'InterPodAffinity',
  weight: 2,
  filter(pod, node, cluster) {
    if (!affinityHolds(pod, node, cluster)) return rejected("node(s) didn't match pod affinity rules");
    const repelled = requiredAntiAffinity(pod).some((term) =>
      podsInDomain(node, term.topologyKey, cluster).some((other) => matches(pod, term, other, cluster)),
    );
    if (repelled) return rejected("node(s) didn't match pod anti-affinity rules", true);
    const repelling = cluster.nodes.some((other) =>
      other.pods.some((there) =>
        requiredAntiAffinity(there).some(
          (term) => sameDomain(node, other, term.topologyKey) && matches(there, term, pod, cluster),
        ),
      ),
    );
    return repelling ? rejected("node(s) didn't satisfy existing pods anti-affinity rules", true) : undefined;
  },
  score(pod, node, cluster) {
    const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
    const weigh = (
      terms: readonly { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }[] = [],
    ): number =>
      terms.reduce((sum, { weight, podAffinityTerm: term }) => {
        const there = podsInDomain(node, term.topologyKey, cluster).filter((other) =>
          matches(pod, term, other, cluster),
        );
        return sum + weight * there.length;
      }, 0);
    const attraction = weigh(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
    const repulsion = weigh(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
    return Math.min(100, Math.max(0, 50 + (attraction - repulsion) / 2));
  },
};
