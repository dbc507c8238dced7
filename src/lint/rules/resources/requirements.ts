import type { ContainerView, LintedObject } from '../../rule.ts';
import { containersOf } from '../../selectors.ts';

/** Containers without an amount of a resource; pods may have one for all of them together. */
export function lacking(
  subject: LintedObject,
  field: 'requests' | 'limits',
  resource: string,
): readonly ContainerView[] {
  const shared = subject.pod?.spec.resources;
  if (shared?.[field]?.[resource] !== undefined) return [];
  return containersOf(subject).filter(({ container: { resources } }) => {
    // A limit without a request is the request too.
    const own = resources?.[field]?.[resource] ?? (field === 'requests' ? resources?.limits?.[resource] : undefined);
    return own === undefined;
  });
}
