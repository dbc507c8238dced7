/** Short ways to write what the authorization tests are about. */
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../../src/types/kinds/generated/rbac-v1.gen.ts';
import { RbacIndex } from '../../../src/runtime/apiserver/rbac-index.ts';
import type { Attributes } from '../../../src/runtime/apiserver/authorization.ts';
import type { UserInfo } from '../../../src/runtime/apiserver/request.ts';
import { storeKey } from '../../../src/runtime/storage/keys.ts';

export type RbacObject = Role | ClusterRole | RoleBinding | ClusterRoleBinding;

const apiVersion = 'rbac.authorization.k8s.io/v1';
const apiGroup = 'rbac.authorization.k8s.io';

export const user = (username: string, ...groups: string[]): UserInfo => ({ username, groups });
export const userSubject = (name: string): Subject => ({ apiGroup, kind: 'User', name });
export const groupSubject = (name: string): Subject => ({ apiGroup, kind: 'Group', name });
export const account = (name: string, namespace?: string): Subject => ({
  kind: 'ServiceAccount',
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

export const clusterRole = (name: string, ...rules: PolicyRule[]): ClusterRole => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
});
export const role = (namespace: string, name: string, ...rules: PolicyRule[]): Role => ({
  apiVersion,
  kind: 'Role',
  metadata: { namespace, name },
  rules,
});
export const toClusterRole = (name: string): RoleRef => ({ apiGroup, kind: 'ClusterRole', name });
export const toRole = (name: string): RoleRef => ({ apiGroup, kind: 'Role', name });
export const clusterBinding = (name: string, roleRef: RoleRef, ...subjects: Subject[]): ClusterRoleBinding => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef,
  subjects,
});
export const binding = (namespace: string, name: string, roleRef: RoleRef, ...subjects: Subject[]): RoleBinding => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: { namespace, name },
  roleRef,
  subjects,
});

export const keyOfObject = (object: RbacObject): string =>
  storeKey(
    { group: apiGroup, plural: `${object.kind.toLowerCase()}s` },
    { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' },
  );

export function rolesOf(...objects: readonly RbacObject[]): RbacIndex {
  const index = new RbacIndex();
  index.reset(objects.map((value) => ({ key: keyOfObject(value), value, revision: 1 })));
  return index;
}

/** `get pods/log web default apps`: verb, resource, and for the rest `-` or nothing where it is empty. */
export function request(who: UserInfo, text: string): Attributes {
  const [verb = '', resource = '', name = '', namespace = '', group = ''] = text
    .split(' ')
    .map((word) => (word === '-' ? '' : word));
  if (resource.startsWith('/')) return { isResourceRequest: false, user: who, verb, path: resource };
  const [plural = '', subresource = ''] = resource.split('/');
  return { isResourceRequest: true, user: who, verb, resource: plural, subresource, name, namespace, group };
}
