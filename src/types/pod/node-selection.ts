/** Node selectors and required node affinity. Pure. */
import { matchesLabels } from '../label-selector.ts';
import type { LabelRequirement } from '../label-selector.ts';
import type { Node } from '../kinds/core/node.ts';
import type { Pod } from '../kinds/core/pod.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../kinds/generated/core-v1.gen.ts';

function requirement({ key, operator, values = [] }: NodeSelectorRequirement): LabelRequirement {
  return { key, operator, values };
}

/** An empty term selects nothing. */
export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchesLabels(matchExpressions.map(requirement), node.metadata.labels ?? {}) &&
    matchesLabels(matchFields.map(requirement), { 'metadata.name': node.metadata.name ?? '' })
  );
}

export function matchesNodeSelection(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec?.nodeSelector ?? {});
  if (!selector.every(([key, value]) => labels[key] === value)) return false;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}
