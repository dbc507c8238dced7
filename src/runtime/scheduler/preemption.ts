/** Which pods would have to go so that a pod fits, or why none can. Pure (framework/preemption, plugins/defaultpreemption). */
import { labelQueryOf, matchesLabels } from '../../types/label-selector.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';
import type { PodDisruptionBudget } from '../../types/kinds/policy/pod-disruption-budget.ts';
import { rejectionOf } from './decide.ts';
import { nodeInfo } from './node-info.ts';
import type { NodeInfo } from './node-info.ts';
import { counted, type ClusterView, type Rejection, type SchedulerPlugin } from './plugin.ts';

export type Preemption =
  | { readonly node: string; readonly victims: readonly Pod[] }
  /** Upstream's words, behind `preemption: `. */
  | { readonly message: string; readonly awaits: boolean };

export interface PreemptionQuestion {
  readonly pod: Pod;
  readonly cluster: ClusterView;
  readonly plugins: readonly SchedulerPlugin[];
  /** Why each node was rejected. */
  readonly rejections: ReadonlyMap<string, Rejection>;
  readonly budgets: readonly PodDisruptionBudget[];
  /** The node that an earlier preemption made room on. */
  readonly nominatedNode: string | undefined;
  /** Whether a pod is on its way out already. */
  isLeaving(pod: Pod): boolean;
}

interface Candidate {
  readonly node: string;
  /** The most important first. */
  readonly victims: readonly Pod[];
  /** How many of them their budgets would keep. */
  readonly violations: number;
}

export function planPreemption(question: PreemptionQuestion): Preemption {
  const { pod, cluster, rejections } = question;
  if (pod.spec?.preemptionPolicy === 'Never')
    return { message: 'not eligible due to preemptionPolicy=Never.', awaits: false };
  const nominated = cluster.nodes.find(({ name }) => name === question.nominatedNode);
  if (nominated?.pods.some((other) => question.isLeaving(other) && priorityOf(other) < priorityOf(pod)))
    return { message: 'not eligible due to a terminating pod on the nominated node.', awaits: true };
  const candidates: Candidate[] = [];
  const refusals: string[] = [];
  for (const node of cluster.nodes) {
    const found =
      rejections.get(node.name)?.resolvable === true
        ? candidateOn(node, question)
        : ['Preemption is not helpful for scheduling'];
    if ('node' in found) candidates.push(found);
    else refusals.push(...found);
  }
  const [best] = candidates.sort(byHarm);
  if (best) return { node: best.node, victims: best.victims };
  return { message: `0/${cluster.nodes.length} nodes are available: ${counted(refusals)}.`, awaits: false };
}

export function priorityOf({ spec }: Pod): number {
  return spec?.priority ?? 0;
}

/** Everybody less important goes, and comes back while the pod still fits: those first whose budgets would be violated. */
function candidateOn(node: NodeInfo, question: PreemptionQuestion): Candidate | readonly string[] {
  const { pod } = question;
  const lower = node.pods.filter((other) => priorityOf(other) < priorityOf(pod));
  if (lower.length === 0) return ['No preemption victims found for incoming pod'];
  let kept = node.pods.filter((other) => !lower.includes(other));
  const without = rejectionWith(node, kept, question);
  if (without) return without.reasons;
  const { violating, others } = byBudgets([...lower].sort(byImportance), question.budgets);
  const victims: Pod[] = [];
  let violations = 0;
  for (const [list, harm] of [
    [violating, 1],
    [others, 0],
  ] as const) {
    for (const other of list) {
      if (!rejectionWith(node, [...kept, other], question)) kept = [...kept, other];
      else {
        victims.push(other);
        violations += harm;
      }
    }
  }
  return { node: node.name, victims: victims.sort(byImportance), violations };
}

function rejectionWith(
  { node }: NodeInfo,
  pods: readonly Pod[],
  { pod, cluster, plugins }: PreemptionQuestion,
): Rejection | undefined {
  const changed = nodeInfo(node, pods);
  const nodes = cluster.nodes.map((other) => (other.name === changed.name ? changed : other));
  return rejectionOf(pod, changed, { ...cluster, nodes }, plugins);
}

function byBudgets(
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: readonly Pod[]; readonly others: readonly Pod[] } {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const violating: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    let violated = false;
    for (const budget of budgets) {
      if (!covers(budget, pod)) continue;
      const next = (left.get(budget) ?? 0) - 1;
      left.set(budget, next);
      if (next < 0) violated = true;
    }
    (violated ? violating : others).push(pod);
  }
  return { violating, others };
}

/** A pod whose eviction was granted already costs its budget nothing more. */
function covers({ metadata, spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  if (metadata.namespace !== pod.metadata.namespace || !spec?.selector) return false;
  if (status?.disruptedPods?.[pod.metadata.name ?? ''] !== undefined) return false;
  const query = labelQueryOf(spec.selector);
  return query.length > 0 && matchesLabels(query, pod.metadata.labels);
}

/** By priority, then by age. */
function byImportance(a: Pod, b: Pod): number {
  return priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b);
}

function startOf({ status, metadata }: Pod): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '') || 0;
}

/** The node that is harmed least (pickOneNodeForPreemption). */
function byHarm(a: Candidate, b: Candidate): number {
  const highest = ({ victims }: Candidate): number => (victims[0] ? priorityOf(victims[0]) : Number.NEGATIVE_INFINITY);
  const sum = ({ victims }: Candidate): number => victims.reduce((total, pod) => total + priorityOf(pod), 0);
  const youngest = (candidate: Candidate): number =>
    Math.min(...candidate.victims.filter((pod) => priorityOf(pod) === highest(candidate)).map(startOf));
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    sum(a) - sum(b) ||
    a.victims.length - b.victims.length ||
    youngest(b) - youngest(a)
  );
}
