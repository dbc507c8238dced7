/**
 * Nobody may grant what he does not have, unless he may `escalate` roles or `bind` the role in question
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping).
 */
import { deepEqual } from '../../shared/deep.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
} from '../../types/kinds/generated/rbac-v1.gen.ts';
import { uncoveredRules } from '../../types/policy-rules.ts';
import { authorize, MASTERS_GROUP, missingRole, RBAC_GROUP, rulesFor } from './authorization.ts';
import type { Roles } from './authorization.ts';
import type { UserInfo } from './request.ts';

/** Why the write is refused. `Forbidden` for lacking permissions, `NotFound` for a binding to a role that is not there. */
export interface EscalationRefusal {
  readonly reason: 'Forbidden' | 'NotFound';
  readonly message: string;
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Whether the user may give the role these rules; undefined when he may. */
export function checkRoleWrite(
  user: UserInfo,
  next: Role | ClusterRole,
  previous: Role | ClusterRole | undefined,
  roles: Roles,
): EscalationRefusal | undefined {
  const aggregation = next.kind === 'ClusterRole' ? next.aggregationRule : undefined;
  const before = previous?.kind === 'ClusterRole' ? previous.aggregationRule : undefined;
  const sameRules = deepEqual(next.rules ?? [], previous?.rules ?? []);
  if (previous !== undefined && sameRules && deepEqual(aggregation, before)) return undefined;
  const namespace = next.metadata.namespace ?? '';
  const resource = next.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (mayDo(user, 'escalate', resource, namespace, next.metadata.name ?? '', roles)) return undefined;
  // Whatever carries the labels joins an aggregated role, so whoever makes one grants everything.
  return checkRules(user, aggregation === undefined ? (next.rules ?? []) : everything, namespace, roles);
}

/** Whether the user may bind the role to these subjects; undefined when he may. */
export function checkBindingWrite(
  user: UserInfo,
  next: RoleBinding | ClusterRoleBinding,
  previous: RoleBinding | ClusterRoleBinding | undefined,
  roles: Roles,
): EscalationRefusal | undefined {
  const same = deepEqual(next.roleRef, previous?.roleRef) && deepEqual(next.subjects ?? [], previous?.subjects ?? []);
  if (previous !== undefined && same) return undefined;
  const namespace = next.metadata.namespace ?? '';
  const resource = next.roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (mayDo(user, 'bind', resource, namespace, next.roleRef.name, roles)) return undefined;
  const rules = roles.rules(next.roleRef, namespace);
  if (rules === undefined) return { reason: 'NotFound', message: missingRole(next.roleRef) };
  return checkRules(user, rules, namespace, roles);
}

function mayDo(user: UserInfo, verb: string, resource: string, namespace: string, name: string, roles: Roles): boolean {
  if (user.groups.includes(MASTERS_GROUP)) return true;
  const attributes = { user, verb, resource, namespace, name, group: RBAC_GROUP, subresource: '' };
  return authorize({ ...attributes, isResourceRequest: true }, roles).allowed;
}

function checkRules(
  user: UserInfo,
  wanted: readonly PolicyRule[],
  namespace: string,
  roles: Roles,
): EscalationRefusal | undefined {
  const owned = rulesFor(user, namespace, roles);
  const missing = uncoveredRules(owned.rules, wanted);
  if (missing.length === 0) return undefined;
  const groups = `[${user.groups.map((group) => JSON.stringify(group)).join(' ')}]`;
  const what = compact(missing).map(ruleText).sort().join('\n');
  const remark = owned.error === '' ? '' : `; resolution errors: [${owned.error}]`;
  const message = `user ${JSON.stringify(user.username)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${what}${remark}`;
  return { reason: 'Forbidden', message };
}

/** Parts that differ in their verbs alone, put together again for reading. */
function compact(parts: readonly PolicyRule[]): readonly PolicyRule[] {
  const byPlace = new Map<string, PolicyRule>();
  for (const part of parts) {
    const place = JSON.stringify([part.apiGroups, part.resources, part.resourceNames, part.nonResourceURLs]);
    const known = byPlace.get(place);
    byPlace.set(place, known === undefined ? part : { ...known, verbs: [...new Set([...known.verbs, ...part.verbs])] });
  }
  return [...byPlace.values()];
}

function ruleText(rule: PolicyRule): string {
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = lists.flatMap(([title, list]) =>
    list === undefined ? [] : [`${title}:[${list.map((entry) => JSON.stringify(entry)).join(' ')}]`],
  );
  return `{${shown.join(', ')}}`;
}
