/** The order in which objects are applied: what others need comes first. Inside a phase the author's order stays. */
import type { KindDefinition } from '../types/define-kind.ts';
import type { KubeObject } from '../types/meta.ts';
import { kindBases } from '../types/registry.ts';

export interface OrderedObject {
  readonly kind: KindDefinition | undefined;
  readonly object: KubeObject;
}

/** API groups whose objects act on others and would stand in their way, or have no target yet, when applied early. */
const interceptors: ReadonlySet<string> = new Set(['admissionregistration.k8s.io', 'apiregistration.k8s.io']);
const followers: ReadonlySet<string> = new Set(['autoscaling', 'policy', 'networking.k8s.io']);

function groupOf({ kind, object }: OrderedObject): string {
  if (kind) return kind.group;
  const slash = object.apiVersion.indexOf('/');
  return slash < 0 ? '' : object.apiVersion.slice(0, slash);
}

/** Namespaces, definitions, cluster-wide things, configuration and Services, custom resources, workloads, what follows them, interceptors. */
function phaseOf(ordered: OrderedObject): number {
  const { kind, object } = ordered;
  const group = groupOf(ordered);
  if (group === '' && object.kind === 'Namespace') return 0;
  if (group === 'apiextensions.k8s.io') return 1;
  if (interceptors.has(group)) return 7;
  if (!kind || !kindBases().has(`${object.apiVersion}.${object.kind}`)) return 4;
  if (kind.scope === 'Cluster') return 2;
  if (kind.podTemplate?.(object) !== undefined) return 5;
  return followers.has(group) ? 6 : 3;
}

export function inApplyOrder<T extends OrderedObject>(objects: readonly T[]): readonly T[] {
  return objects
    .map((object, index) => ({ object, index, phase: phaseOf(object) }))
    .sort((a, b) => a.phase - b.phase || a.index - b.index)
    .map(({ object }) => object);
}
