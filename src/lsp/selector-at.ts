/** Selectors of pods and the labels that they speak of, as they stand in a document. */
import type { Labels, LabelSpans } from './facts.ts';
import { matchesLabelSelector } from '../types/label-selector.ts';
import { childOf } from './outline.ts';
import type { OutlineNode, Span } from './outline.ts';
import { textAt } from './object-view.ts';

export interface PodSelector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly { readonly key: string; readonly operator: string; readonly values: string[] }[];
}

/** THE table of fields that select pods of the object's own namespace: a map of labels, or a whole selector. */
const podSelectors: Readonly<Record<string, 'labels' | 'selector'>> = {
  'v1.ServiceSpec.selector': 'labels',
  'v1.ReplicationControllerSpec.selector': 'labels',
  'apps/v1.DeploymentSpec.selector': 'selector',
  'apps/v1.ReplicaSetSpec.selector': 'selector',
  'apps/v1.StatefulSetSpec.selector': 'selector',
  'apps/v1.DaemonSetSpec.selector': 'selector',
  'batch/v1.JobSpec.selector': 'selector',
  'policy/v1.PodDisruptionBudgetSpec.selector': 'selector',
  'networking.k8s.io/v1.NetworkPolicySpec.podSelector': 'selector',
  'networking.k8s.io/v1.NetworkPolicyPeer.podSelector': 'selector',
  'v1.PodAffinityTerm.labelSelector': 'selector',
  'v1.TopologySpreadConstraint.labelSelector': 'selector',
};

/** Of other namespaces' pods too: what is in the files of this one says nothing of them. */
function isWider(node: OutlineNode): boolean {
  return childOf(node.parent, 'namespaceSelector') !== undefined || childOf(node.parent, 'namespaces') !== undefined;
}

export function selectsPods(typeName: string | undefined, field: string | number): boolean {
  return Object.hasOwn(podSelectors, `${typeName}.${field}`);
}

/** Undefined where the field selects no pods, or pods that stand elsewhere. */
export function podSelectorAt(typeName: string | undefined, node: OutlineNode): PodSelector | undefined {
  const form = Object.hasOwn(podSelectors, `${typeName}.${node.step}`)
    ? podSelectors[`${typeName}.${node.step}`]
    : undefined;
  if (form === undefined || isWider(node)) return undefined;
  if (form === 'labels') return { matchLabels: textsOf(node), matchExpressions: [] };
  const expressions = childOf(node, 'matchExpressions')?.children ?? [];
  return {
    matchLabels: textsOf(childOf(node, 'matchLabels')),
    matchExpressions: expressions.flatMap((one) => {
      const key = textAt(one, 'key');
      const operator = textAt(one, 'operator');
      const values = (childOf(one, 'values')?.children ?? []).map(({ text }) => text);
      return key === undefined || operator === undefined ? [] : [{ key, operator, values }];
    }),
  };
}

function textsOf(node: OutlineNode | undefined): Labels {
  return Object.fromEntries((node?.children ?? []).map((child) => [String(child.step), child.text]));
}

/** To a Service an empty selector is none; to all others it means every pod. */
export function isEmptySelector({ matchLabels, matchExpressions }: PodSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

export function fitsLabels({ matchLabels, matchExpressions }: PodSelector, labels: Labels): boolean {
  return matchesLabelSelector(
    { matchLabels: { ...matchLabels }, matchExpressions: [...matchExpressions] },
    { ...labels },
  );
}

/** A pair that labels or selectors say; of an expression, one of its values. */
export interface LabelPlace extends LabelSpans {
  readonly key: string;
  readonly value: string;
  readonly span: Span;
}

export function labelPairs(map: OutlineNode | undefined): readonly LabelPlace[] {
  return (map?.children ?? []).flatMap((pair) => {
    if (pair.form !== 'scalar' || !pair.key || pair.unfinished) return [];
    const span = { start: pair.start, end: pair.value.end };
    return [{ key: String(pair.step), value: pair.text, span, keySpan: pair.key, valueSpan: pair.value }];
  });
}

/** The pairs that a selector names: all of `matchLabels`, and of expressions those that are wanted or not wanted. */
export function selectedPairs(typeName: string | undefined, node: OutlineNode): readonly LabelPlace[] {
  if (podSelectors[`${typeName}.${node.step}`] === 'labels') return labelPairs(node);
  const expressions = childOf(node, 'matchExpressions')?.children ?? [];
  return [
    ...labelPairs(childOf(node, 'matchLabels')),
    ...expressions.flatMap((expression) => {
      const key = childOf(expression, 'key');
      const values = childOf(expression, 'values')?.children ?? [];
      if (key?.form !== 'scalar') return [];
      return values.flatMap((value): LabelPlace[] => {
        if (value.form !== 'scalar') return [];
        const span = value.value;
        // The key belongs to all of the values: it can be told apart only where there is one.
        const keySpan = values.length === 1 ? key.value : undefined;
        return [{ key: key.text, value: value.text, span, keySpan, valueSpan: span }];
      });
    }),
  ];
}
