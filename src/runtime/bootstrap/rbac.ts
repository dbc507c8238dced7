/** The tables of rules and subjects as objects. */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../types/kinds/generated/rbac-v1.gen.ts';
import type { ObjectMeta } from '../../types/meta.ts';
import { aggregatedRules } from '../../types/policy-rules.ts';
import { componentBindings, componentRoles } from './component-roles.ts';
import { controllerRoles } from './controller-roles.ts';
import { namespaceRoles } from './namespace-roles.ts';
import { READ, rule } from './rule.ts';
import { adminRules, editRules, viewRules } from './user-roles.ts';

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = 'rbac.authorization.k8s.io/v1';

/** An object is kept up to date at every start unless somebody sets this to "false" on it. */
export const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

type Labels = Readonly<Record<string, string>>;

function meta(name: string, labels: Labels = {}, namespace?: string): ObjectMeta {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { [AUTOUPDATE]: 'true' },
  };
}

function clusterRole(name: string, rules: readonly PolicyRule[], labels: Labels = {}): ClusterRole {
  return { apiVersion, kind: 'ClusterRole', metadata: meta(name, labels), rules };
}

const joins = (level: string): string => `rbac.authorization.k8s.io/aggregate-to-${level}`;

/** The parts that make up admin, edit and view; each level holds what the one below it holds. */
const parts: readonly ClusterRole[] = [
  clusterRole('system:aggregate-to-admin', adminRules, { [joins('admin')]: 'true' }),
  clusterRole('system:aggregate-to-edit', editRules, { [joins('edit')]: 'true' }),
  clusterRole('system:aggregate-to-view', viewRules, { [joins('view')]: 'true' }),
  clusterRole('system:aggregated-metrics-reader', [rule(READ, 'metrics.k8s.io', 'nodes pods')], {
    [joins('admin')]: 'true',
    [joins('edit')]: 'true',
    [joins('view')]: 'true',
  }),
];

const levels: Readonly<Record<string, Labels>> = {
  admin: {},
  edit: { [joins('admin')]: 'true' },
  view: { [joins('edit')]: 'true' },
};

function aggregates(): readonly ClusterRole[] {
  const bare = Object.entries(levels).map(([level, labels]): ClusterRole => {
    const selector = { matchLabels: { [joins(level)]: 'true' } };
    return { ...clusterRole(level, [], labels), aggregationRule: { clusterRoleSelectors: [selector] } };
  });
  // From view upwards, so that each level finds the one below complete.
  let complete: readonly ClusterRole[] = parts;
  for (const role of [...bare].reverse()) complete = [...complete, { ...role, rules: aggregatedRules(role, complete) }];
  return complete;
}

export const defaultClusterRoles: readonly ClusterRole[] = [
  ...Object.entries(componentRoles).map(([name, rules]) => clusterRole(name, rules)),
  ...aggregates(),
  clusterRole('system:cluster-trust-bundle-discovery', [rule(READ, 'certificates.k8s.io', 'clustertrustbundles')]),
  ...Object.entries(controllerRoles).map(([name, rules]) => clusterRole(`system:controller:${name}`, rules)),
];

export const defaultClusterRoleBindings: readonly ClusterRoleBinding[] = [
  ...Object.entries(componentBindings),
  ...Object.keys(controllerRoles).map((name): [string, readonly string[]] => [
    `system:controller:${name}`,
    [`ServiceAccount kube-system/${name}`],
  ]),
].map(([name, subjects]) => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: meta(name),
  roleRef: roleRef('ClusterRole', name),
  ...(subjects.length === 0 ? {} : { subjects: subjects.map(subject) }),
}));

export const defaultRoles: readonly Role[] = namespaceRoles.map(({ namespace, name, rules }) => ({
  apiVersion,
  kind: 'Role',
  metadata: meta(name, {}, namespace),
  rules,
}));

export const defaultRoleBindings: readonly RoleBinding[] = namespaceRoles.map((role) => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: meta(role.binding, {}, role.namespace),
  roleRef: roleRef('Role', role.name),
  subjects: role.subjects.map(subject),
}));

function roleRef(kind: 'Role' | 'ClusterRole', name: string): RoleRef {
  return { apiGroup, kind, name };
}

/** `User name`, `Group name` or `ServiceAccount namespace/name`. */
function subject(text: string): Subject {
  const [kind = '', name = ''] = text.split(' ');
  if (kind !== 'ServiceAccount') return { apiGroup, kind, name };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, namespace, name: account };
}
