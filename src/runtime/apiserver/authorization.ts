/**
 * Role-based access control, the pure part: who may do what by the roles and bindings that are stored.
 * Semantics of https://kubernetes.io/docs/reference/access-authn-authz/rbac/.
 */
import type { PolicyRule, RoleRef, Subject } from '../../types/kinds/generated/rbac-v1.gen.ts';
import type { UserInfo } from './request.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Its members may do everything, whatever the stored roles say, so that no mistake in them locks the owner out. */
export const MASTERS_GROUP = 'system:masters';
const NODES_GROUP = 'system:nodes';
const NODE_USER_PREFIX = 'system:node:';

/** A request for a resource. Absent parts are empty strings. */
export interface ResourceAttributes {
  readonly isResourceRequest: true;
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface PathAttributes {
  readonly isResourceRequest: false;
  readonly user: UserInfo;
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

export interface Decision {
  readonly allowed: boolean;
  /** Which binding allows it, or which of the user's bindings name roles that do not exist. Often empty. */
  readonly reason: string;
}

/** A binding that has the user among its subjects. */
export interface Grant {
  /** Name of the binding. */
  readonly name: string;
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string;
  readonly roleRef: RoleRef;
  /** The subject through which the user is meant. */
  readonly subject: Subject;
}

/** The stored roles and bindings, as authorization asks for them. */
export interface Roles {
  /** Cluster-wide grants first, then those of the namespace (none for an empty namespace). */
  grants(user: UserInfo, namespace: string): Iterable<Grant>;
  /** Undefined when the role does not exist. `namespace` is that of the binding. */
  rules(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined;
}

export function authorize(attributes: Attributes, roles: Roles): Decision {
  const { user } = attributes;
  if (user.groups.includes(MASTERS_GROUP)) return { allowed: true, reason: '' };
  if (isNode(user) && nodeRules(roles).some((rule) => ruleAllows(rule, attributes)))
    return { allowed: true, reason: '' };
  const missing: string[] = [];
  for (const grant of roles.grants(user, attributes.isResourceRequest ? attributes.namespace : '')) {
    const rules = roles.rules(grant.roleRef, grant.namespace);
    if (rules === undefined) missing.push(missingRole(grant.roleRef));
    else if (rules.some((rule) => ruleAllows(rule, attributes))) {
      return { allowed: true, reason: `RBAC: allowed by ${describeGrant(grant)}` };
    }
  }
  return { allowed: false, reason: missing.length === 0 ? '' : `RBAC: ${aggregate(missing)}` };
}

export interface ResolvedRules {
  readonly rules: readonly PolicyRule[];
  /** What could not be resolved; empty when nothing. */
  readonly error: string;
}

/** Everything that the user may do in the namespace, cluster-wide grants included (SelfSubjectRulesReview, escalation checks). */
export function rulesFor(user: UserInfo, namespace: string, roles: Roles): ResolvedRules {
  const rules: PolicyRule[] = isNode(user) ? [...nodeRules(roles)] : [];
  const missing: string[] = [];
  for (const grant of roles.grants(user, namespace)) {
    const granted = roles.rules(grant.roleRef, grant.namespace);
    if (granted === undefined) missing.push(missingRole(grant.roleRef));
    else rules.push(...granted);
  }
  return { rules, error: missing.length === 0 ? '' : aggregate(missing) };
}

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResourceRequest) return pathMatches(rule.nonResourceURLs, attributes.path);
  const { group, resource, subresource, name } = attributes;
  const names = rule.resourceNames ?? [];
  return (
    has(rule.apiGroups, group) &&
    resourceMatches(rule.resources, resource, subresource) &&
    (names.length === 0 || names.includes(name))
  );
}

/** `User "jane" cannot list resource "pods" in API group "" in the namespace "default"`. */
export function denialText(attributes: Attributes): string {
  const who = `User ${JSON.stringify(attributes.user.username)} cannot ${attributes.verb}`;
  if (!attributes.isResourceRequest) return `${who} path ${JSON.stringify(attributes.path)}`;
  const { resource, subresource, group, namespace } = attributes;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}

/** `clusterrole.rbac.authorization.k8s.io "x" not found`. */
export function missingRole(roleRef: RoleRef): string {
  return `${roleRef.kind.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(roleRef.name)} not found`;
}

export function serviceAccountUser(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

// The node authorizer allows the rules of system:node to whoever proves to be a node; its binding has no subjects
// (https://kubernetes.io/docs/reference/access-authn-authz/node/).
function isNode(user: UserInfo): boolean {
  return user.username.startsWith(NODE_USER_PREFIX) && user.groups.includes(NODES_GROUP);
}

function nodeRules(roles: Roles): readonly PolicyRule[] {
  return roles.rules({ apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'system:node' }, '') ?? [];
}

function has(list: readonly string[] | undefined, entry: string): boolean {
  return list !== undefined && (list.includes(entry) || list.includes('*'));
}

function resourceMatches(resources: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (resources === undefined) return false;
  if (has(resources, subresource === '' ? resource : `${resource}/${subresource}`)) return true;
  return subresource !== '' && resources.includes(`*/${subresource}`);
}

function pathMatches(urls: readonly string[] | undefined, path: string): boolean {
  return (urls ?? []).some((url) => url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))));
}

function describeGrant({ name, namespace, roleRef, subject }: Grant): string {
  const binding = namespace === '' ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
  const whom = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? namespace}` : subject.name;
  return `${binding} of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${whom}"`;
}

function aggregate(messages: readonly string[]): string {
  const distinct = [...new Set(messages)];
  return distinct.length === 1 ? distinct.join() : `[${distinct.join(', ')}]`;
}
