/** Which pods nobody will clean up but the pod collector. Pure. */
import type { Milliseconds } from '../../../shared/clock.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isPodTerminal } from '../framework/pod-state.ts';

/** Upstream's --terminated-pod-gc-threshold. */
export const terminatedLimit = 12_500;
/** A node that is missing may be about to register again (upstream's quarantine). */
export const quarantine: Milliseconds = 40_000;

export type PodVerdict =
  | { readonly act: 'keep' }
  /** Look again: the node has not been missing for long enough. */
  | { readonly act: 'wait'; readonly delay: Milliseconds }
  | { readonly act: 'delete'; readonly reason: 'orphaned' | 'unscheduled' | 'terminated' };

export interface PodSituation {
  readonly pod: Pod;
  /** How long the pod's node has been missing; undefined when it is there. */
  readonly nodeMissingFor: Milliseconds | undefined;
  /** Whether the pod is among the oldest of too many terminated ones. */
  readonly surplus: boolean;
}

export function judgePod({ pod, nodeMissingFor, surplus }: PodSituation): PodVerdict {
  const unbound = (pod.spec?.nodeName ?? '') === '';
  if (unbound && pod.metadata.deletionTimestamp !== undefined) return { act: 'delete', reason: 'unscheduled' };
  if (!unbound && nodeMissingFor !== undefined) {
    if (nodeMissingFor >= quarantine) return { act: 'delete', reason: 'orphaned' };
    return { act: 'wait', delay: quarantine - nodeMissingFor };
  }
  return surplus && isPodTerminal(pod) ? { act: 'delete', reason: 'terminated' } : { act: 'keep' };
}

/** Names of the oldest terminated pods beyond the limit. */
export function surplusPods(terminated: readonly Persisted<Pod>[], limit: number): ReadonlySet<string> {
  if (terminated.length <= limit) return new Set();
  const oldest = [...terminated].sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1));
  return new Set(oldest.slice(0, terminated.length - limit).map((pod) => pod.metadata.uid));
}
