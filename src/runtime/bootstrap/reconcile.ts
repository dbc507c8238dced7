/** What a start has to do about a default object. Pure. */
import { deepEqual } from '../../shared/deep.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../types/kinds/generated/flowcontrol-v1.gen.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  Subject,
} from '../../types/kinds/generated/rbac-v1.gen.ts';
import type { KubeObject } from '../../types/meta.ts';
import { uncoveredRules } from '../../types/policy-rules.ts';
import { AUTOUPDATE_SPEC } from './flow-control.ts';
import { AUTOUPDATE } from './rbac.ts';

export type BootstrapStep<T extends KubeObject = KubeObject> =
  { readonly action: 'keep' } | { readonly action: 'create' | 'update' | 'recreate'; readonly object: T };

/** Objects that belong to the users once they are made: only missing ones are created. */
export function planPlain<T extends KubeObject>(wanted: T, existing: KubeObject | undefined): BootstrapStep<T> {
  return existing === undefined ? { action: 'create', object: wanted } : { action: 'keep' };
}

/** Objects that follow the version that runs, unless somebody has said that this one does not. */
export function planConfiguration<T extends FlowSchema | PriorityLevelConfiguration>(
  wanted: T,
  existing: T | undefined,
): BootstrapStep<T> {
  if (existing === undefined) return { action: 'create', object: wanted };
  if (existing.metadata.annotations?.[AUTOUPDATE_SPEC] !== 'true') return { action: 'keep' };
  if (deepEqual(existing.spec, wanted.spec)) return { action: 'keep' };
  return { action: 'update', object: { ...existing, spec: wanted.spec } };
}

/** Adds the permissions that are missing; what somebody added stays. */
export function planRole<T extends Role | ClusterRole>(wanted: T, existing: T | undefined): BootstrapStep<T> {
  if (existing === undefined) return { action: 'create', object: wanted };
  if (!autoupdates(existing)) return { action: 'keep' };
  const missing = uncoveredRules(existing.rules ?? [], wanted.rules ?? []);
  const aggregation = wanted.kind === 'ClusterRole' ? wanted.aggregationRule : undefined;
  const object: T = {
    ...existing,
    metadata: mergedMeta(existing, wanted),
    ...(aggregation === undefined ? {} : { aggregationRule: aggregation }),
    ...(missing.length === 0 ? {} : { rules: [...(existing.rules ?? []), ...missing] }),
  };
  return deepEqual(object, existing) ? { action: 'keep' } : { action: 'update', object };
}

/** Adds missing subjects. The role of a binding cannot be changed, so one that points elsewhere is made anew. */
export function planBinding<T extends RoleBinding | ClusterRoleBinding>(
  wanted: T,
  existing: T | undefined,
): BootstrapStep<T> {
  if (existing === undefined) return { action: 'create', object: wanted };
  if (!autoupdates(existing)) return { action: 'keep' };
  if (!deepEqual(existing.roleRef, wanted.roleRef)) return { action: 'recreate', object: wanted };
  const present = existing.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !present.some((other) => sameSubject(subject, other)));
  const object: T = {
    ...existing,
    metadata: mergedMeta(existing, wanted),
    ...(missing.length === 0 ? {} : { subjects: [...present, ...missing] }),
  };
  return deepEqual(object, existing) ? { action: 'keep' } : { action: 'update', object };
}

function autoupdates(existing: KubeObject): boolean {
  return existing.metadata.annotations?.[AUTOUPDATE] !== 'false';
}

function mergedMeta(existing: KubeObject, wanted: KubeObject): KubeObject['metadata'] {
  return {
    ...existing.metadata,
    labels: { ...existing.metadata.labels, ...wanted.metadata.labels },
    annotations: { ...existing.metadata.annotations, ...wanted.metadata.annotations },
  };
}

function sameSubject(a: Subject, b: Subject): boolean {
  return a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');
}
