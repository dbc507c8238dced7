import { describe, expect, it } from 'vitest';
import { authorize, denialText, rulesFor } from '../../../src/runtime/apiserver/authorization.ts';
import { defaultClusterRoleBindings, defaultClusterRoles } from '../../../src/runtime/bootstrap/rbac.ts';
import { pathRule, rule } from '../../../src/runtime/bootstrap/rule.ts';
import {
  account,
  binding,
  clusterBinding,
  clusterRole,
  groupSubject,
  request,
  role,
  rolesOf,
  toClusterRole,
  toRole,
  user,
  userSubject,
} from './rbac-objects.ts';

const jane = user('jane', 'dev', 'system:authenticated');

describe('what a rule allows', () => {
  it.each([
    [rule('get list', 'core', 'pods'), 'get pods web default', true],
    [rule('get list', 'core', 'pods'), 'delete pods web default', false],
    [rule('get list', 'core', 'pods'), 'get pods/log web default', false],
    [rule('get list', 'core', 'pods'), 'get pods web default apps', false],
    [rule('*', '*', '*'), 'impersonate anything/deep x y some.group', true],
    [rule('*', '*', '*'), 'get /metrics', false],
    [rule('get', 'core', 'pods/log'), 'get pods/log web default', true],
    [rule('get', 'core', 'pods/log'), 'get pods web default', false],
    [rule('get', '*', '*/scale'), 'get deployments/scale web default apps', true],
    [rule('get', '*', '*/scale'), 'get deployments web default apps', false],
    [rule('get', '*', '*/scale'), 'get deployments/status web default apps', false],
    [rule('get', 'core', 'secrets', 'mine'), 'get secrets mine default', true],
    [rule('get', 'core', 'secrets', 'mine'), 'get secrets other default', false],
    [rule('list', 'core', 'secrets', 'mine'), 'list secrets - default', false],
    [pathRule('get', '/healthz /api/*'), 'get /healthz', true],
    [pathRule('get', '/healthz /api/*'), 'get /healthz/etcd', false],
    [pathRule('get', '/healthz /api/*'), 'get /api/v1', true],
    [pathRule('get', '/healthz /api/*'), 'post /healthz', false],
    [pathRule('*', '*'), 'post /anything', true],
  ])('%j: %s -> %s', (given, text, allowed) => {
    const roles = rolesOf(clusterRole('r', given), clusterBinding('b', toClusterRole('r'), userSubject('jane')));
    expect(authorize(request(jane, text), roles).allowed).toBe(allowed);
  });
});

describe('whom a binding means', () => {
  const reader = clusterRole('reader', rule('get', 'core', 'pods'));
  const get = 'get pods web default';

  it('finds users, groups and service accounts, and says why', () => {
    const bound = (...subjects: Parameters<typeof clusterBinding>[2][]) =>
      rolesOf(reader, clusterBinding('b', toClusterRole('reader'), ...subjects));
    expect(authorize(request(jane, get), bound(userSubject('jane')))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "reader" to User "jane"',
    });
    expect(authorize(request(jane, get), bound(groupSubject('dev'))).reason).toContain('to Group "dev"');
    const robot = user('system:serviceaccount:ci:robot');
    expect(authorize(request(robot, get), bound(account('robot', 'ci'))).reason).toContain(
      'to ServiceAccount "robot/ci"',
    );
    expect(authorize(request(robot, get), bound(account('robot', 'other'), account('robot'))).allowed).toBe(false);
    expect(authorize(request(jane, get), bound(userSubject('dev'), groupSubject('jane')))).toEqual({
      allowed: false,
      reason: '',
    });
  });

  it('keeps a RoleBinding to its namespace, whichever kind of role it names', () => {
    const roles = rolesOf(
      reader,
      role('a', 'reader', rule('get', 'core', 'secrets')),
      binding('a', 'pods', toClusterRole('reader'), userSubject('jane')),
      binding('a', 'secrets', toRole('reader'), account('robot')),
      binding('b', 'secrets', toRole('reader'), userSubject('jane')),
    );
    expect(authorize(request(jane, 'get pods web a'), roles).reason).toBe(
      'RBAC: allowed by RoleBinding "pods/a" of ClusterRole "reader" to User "jane"',
    );
    for (const text of ['get pods web b', 'get pods web', 'get secrets s a'])
      expect(authorize(request(jane, text), roles).allowed).toBe(false);
    // A service account without a namespace is one of the binding's namespace.
    expect(authorize(request(user('system:serviceaccount:a:robot'), 'get secrets s a'), roles).allowed).toBe(true);
    expect(authorize(request(jane, 'get secrets s b'), roles).reason).toBe(
      'RBAC: role.rbac.authorization.k8s.io "reader" not found',
    );
  });

  it('lets system:masters do everything without a role, and others nothing', () => {
    expect(authorize(request(user('root', 'system:masters'), 'delete nodes n'), rolesOf()).allowed).toBe(true);
    expect(authorize(request(user('system:masters'), 'delete nodes n'), rolesOf()).allowed).toBe(false);
  });

  it('gives nodes the rules of system:node, by name and group together', () => {
    const roles = rolesOf(...defaultClusterRoles, ...defaultClusterRoleBindings);
    const node = user('system:node:here', 'system:nodes', 'system:authenticated');
    expect(authorize(request(node, 'patch pods/status web default'), roles).allowed).toBe(true);
    expect(authorize(request(node, 'create deployments - default apps'), roles).allowed).toBe(false);
    expect(authorize(request(user('system:node:here'), 'patch pods/status web default'), roles).allowed).toBe(false);
    expect(authorize(request(user('x', 'system:nodes'), 'patch pods/status web default'), roles).allowed).toBe(false);
    expect(rulesFor(node, 'default', roles).rules.length).toBeGreaterThan(20);
  });
});

describe('answers', () => {
  it('are worded as clients know them', () => {
    expect(denialText(request(jane, 'list pods - default'))).toBe(
      'User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    );
    expect(denialText(request(jane, 'get deployments/scale web - apps'))).toBe(
      'User "jane" cannot get resource "deployments/scale" in API group "apps" at the cluster scope',
    );
    expect(denialText(request(jane, 'get /metrics'))).toBe('User "jane" cannot get path "/metrics"');
  });

  it('name every role that is missing, once', () => {
    const roles = rolesOf(
      clusterBinding('a', toClusterRole('gone'), userSubject('jane')),
      clusterBinding('b', toClusterRole('gone'), groupSubject('dev')),
      binding('default', 'c', toRole('lost'), userSubject('jane')),
    );
    const gone = 'clusterrole.rbac.authorization.k8s.io "gone" not found';
    const lost = 'role.rbac.authorization.k8s.io "lost" not found';
    expect(authorize(request(jane, 'get pods web default'), roles).reason).toBe(`RBAC: [${gone}, ${lost}]`);
    expect(rulesFor(jane, '', roles)).toEqual({ rules: [], error: gone });
  });
});
