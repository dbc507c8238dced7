/** What a terminating namespace's conditions say of what is left in it. Pure. */
import { setCondition } from '../../../types/conditions.ts';
import type { NamespaceCondition } from '../../../types/kinds/generated/core-v1.gen.ts';

export interface Remaining {
  /** `pods.` or `deployments.apps`. */
  readonly resource: string;
  readonly count: number;
  readonly finalizers: ReadonlyMap<string, number>;
}

/** @param failures messages of what could not be deleted */
export function deletionConditions(
  current: readonly NamespaceCondition[] | undefined,
  remaining: readonly Remaining[],
  failures: readonly string[],
  now: Date,
): readonly NamespaceCondition[] {
  const lastTransitionTime = `${now.toISOString().slice(0, 19)}Z`;
  const condition = (type: string, status: boolean, reason: string, message: string): NamespaceCondition => ({
    type,
    status: status ? 'True' : 'False',
    reason,
    message,
    lastTransitionTime,
  });
  const finalizers = totals(remaining);
  const wanted = [
    condition(
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length > 0
      ? condition(
          'NamespaceDeletionContentFailure',
          true,
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
        )
      : condition(
          'NamespaceDeletionContentFailure',
          false,
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
    remaining.length > 0
      ? condition(
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${remaining.map(({ resource, count }) => `${resource} has ${count} resource instances`).join(', ')}`,
        )
      : condition('NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'),
    finalizers.size > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${[...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).join(', ')}`,
        )
      : condition(
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ];
  return wanted.reduce<readonly NamespaceCondition[]>((list, next) => setCondition(list, next), current ?? []);
}

function totals(remaining: readonly Remaining[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [name, count] of finalizers) sum.set(name, (sum.get(name) ?? 0) + count);
  }
  return new Map([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
}
