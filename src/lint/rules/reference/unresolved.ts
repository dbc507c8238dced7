import type { LintedObject, RuleFinding, Surroundings } from '../../rule.ts';
import type { Reference } from '../../../types/define-kind.ts';
import { groupOf } from '../../selectors.ts';

/** Complaints about references that lead nowhere: the same three answers for every kind. */

export interface Wanted {
  readonly kinds: readonly string[];
  /** What it is worth that nothing of this name is among the files: such objects may well be made elsewhere. */
  readonly absent: 'warning' | 'info' | 'only-similar';
  /** Optional references are left out, or are all that is looked at. */
  readonly optional?: boolean;
}

function files(around: Surroundings): string {
  return around.files === 1 ? 'this file' : `the ${around.files} files that were looked at`;
}

export interface Missing {
  readonly kind: string;
  readonly group: string;
  readonly name: string;
  readonly namespaced: boolean;
  readonly namespace?: string;
  readonly path: RuleFinding['path'];
}

/** Undefined where it is there, or is said to exist elsewhere. */
export function missing(target: Missing, around: Surroundings, absent: Wanted['absent']): RuleFinding | undefined {
  const { kind, name, path } = target;
  const located = around.locate(target);
  switch (located.answer) {
    case 'here':
    case 'elsewhere':
      return undefined;
    case 'other-namespace': {
      const message = `the ${kind} ${name} is in the namespace ${located.namespaces.join(' and ')}, out of reach from here`;
      return { path, message };
    }
    default: {
      const { similar, kindSeen } = located;
      if (similar !== undefined) {
        return { path, message: `there is no ${kind} ${name} in ${files(around)}; did you mean ${similar}?` };
      }
      if (absent === 'only-similar') return undefined;
      const message = `there is no ${kind} ${name} in ${files(around)}; if it is made elsewhere, say so in externalRefs`;
      // Where none of its kind is among the files, they are kept somewhere else.
      return { path, message, ...(absent === 'info' || !kindSeen ? { atMost: 'info' } : {}) };
    }
  }
}

function isWanted({ kind, optional = false }: Reference, wanted: Wanted): boolean {
  return wanted.kinds.includes(kind) && optional === (wanted.optional ?? false);
}

export function* unresolved(subject: LintedObject, around: Surroundings, wanted: Wanted): Iterable<RuleFinding> {
  for (const reference of subject.kind?.references?.(subject.object) ?? []) {
    if (!isWanted(reference, wanted)) continue;
    const { kind, name, namespace, path } = reference;
    const group = groupOf(reference.apiVersion);
    const clusterWide = [
      'ClusterRole',
      'PriorityClass',
      'RuntimeClass',
      'StorageClass',
      'IngressClass',
      'PersistentVolume',
    ];
    const elsewhere = namespace !== undefined && namespace !== subject.object.metadata.namespace ? { namespace } : {};
    const found = missing(
      { kind, group, name, path, namespaced: !clusterWide.includes(kind), ...elsewhere },
      around,
      wanted.absent,
    );
    if (found) yield found;
  }
}
