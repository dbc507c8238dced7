/** What a DELETE comes to: gone at once, marked and left to finalizers or the kubelet, or nothing to do. Pure. */
import { deepClone } from '../../shared/deep.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { DeleteOptions } from '../../types/kinds/generated/meta-v1.gen.ts';
import type { KubeObject } from '../../types/meta.ts';
import { isObjectDraft, listOf, numberOf, textOf } from './fields.ts';
import type { ObjectDraft } from './fields.ts';
import { timestamp } from './object-lifecycle.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

export type DeletionPlan =
  | { readonly type: 'remove' }
  | { readonly type: 'mark'; readonly object: ObjectDraft }
  /** Its deletion is under way already, and this request asks for nothing more. */
  | { readonly type: 'wait' };

export function planDeletion(
  kind: KindDefinition,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): DeletionPlan {
  const finalizers = finalizersAfter(kind, object, options);
  const grace = gracePeriod(kind, object, options);
  const pending = finalizers.length > 0 || listOf(object, 'spec', 'finalizers').length > 0;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
  const marked = deletionTimestamp !== undefined;
  if (!pending && (grace === 0 || (marked && deletionGracePeriodSeconds === 0))) return { type: 'remove' };
  const draft: unknown = deepClone<unknown>(object);
  if (!isObjectDraft(draft)) return { type: 'remove' };
  const changedFinalizers = finalizers.join() !== (object.metadata.finalizers ?? []).join();
  if (finalizers.length > 0) draft.metadata.finalizers = [...finalizers];
  else delete draft.metadata.finalizers;
  if (marked && grace >= deletionGracePeriodSeconds)
    return changedFinalizers ? { type: 'mark', object: draft } : { type: 'wait' };
  // A mark counts from the first request: a shorter period moves the end closer, it does not start anew.
  const start = marked ? Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 : now.getTime();
  draft.metadata.deletionTimestamp = timestamp(new Date(start + grace * 1000));
  draft.metadata.deletionGracePeriodSeconds = grace;
  if (draft.metadata.generation !== undefined) draft.metadata.generation += 1;
  kind.prepareForDeletion?.(draft);
  return { type: 'mark', object: draft };
}

/** Whether an object that is marked has nothing left to wait for. */
export function isFinished(object: KubeObject): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined &&
    (object.metadata.deletionGracePeriodSeconds ?? 0) === 0 &&
    (object.metadata.finalizers ?? []).length === 0 &&
    listOf(object, 'spec', 'finalizers').length === 0
  );
}

function finalizersAfter(kind: KindDefinition, object: KubeObject, options: DeleteOptions): readonly string[] {
  const own = object.metadata.finalizers ?? [];
  const added = object.metadata.deletionTimestamp === undefined ? kind.deletionFinalizer : undefined;
  const current = added === undefined || own.includes(added) ? own : [...own, added];
  const policy = propagationOf(kind, current, options);
  const others = current.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  if (policy === 'Orphan') return [...others, ORPHAN];
  if (policy === 'Foreground') return [...others, FOREGROUND];
  return others;
}

function propagationOf(kind: KindDefinition, current: readonly string[], options: DeleteOptions): string {
  if (options.propagationPolicy !== undefined) return options.propagationPolicy;
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : 'Background';
  if (current.includes(ORPHAN)) return 'Orphan';
  if (current.includes(FOREGROUND)) return 'Foreground';
  return kind.orphansByDefault === true ? 'Orphan' : 'Background';
}

/** Seconds that containers get to end. Only pods that a node may be running have any (upstream, podStrategy.CheckGracefulDelete). */
function gracePeriod(kind: KindDefinition, object: KubeObject, options: DeleteOptions): number {
  if (kind.terminatesGracefully !== true) return 0;
  const phase = textOf(object, 'status', 'phase');
  if (textOf(object, 'spec', 'nodeName') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  const marked =
    object.metadata.deletionTimestamp === undefined ? undefined : object.metadata.deletionGracePeriodSeconds;
  const own = numberOf(object, 'spec', 'terminationGracePeriodSeconds') ?? 30;
  const asked = options.gracePeriodSeconds ?? marked ?? own;
  return asked < 0 ? 1 : asked;
}
