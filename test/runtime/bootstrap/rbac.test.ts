import { describe, expect, it } from 'vitest';
import type { ClusterRole } from '../../../src/types/kinds/generated/rbac-v1.gen.ts';
import { authorize } from '../../../src/runtime/apiserver/authorization.ts';
import { aggregatedRules, uncoveredRules } from '../../../src/types/policy-rules.ts';
import {
  AUTOUPDATE,
  defaultClusterRoleBindings,
  defaultClusterRoles,
  defaultRoleBindings,
  defaultRoles,
} from '../../../src/runtime/bootstrap/rbac.ts';
import { planBinding, planPlain, planRole } from '../../../src/runtime/bootstrap/reconcile.ts';
import { rule } from '../../../src/runtime/bootstrap/rule.ts';
import {
  binding,
  clusterBinding,
  groupSubject,
  request,
  rolesOf,
  toClusterRole,
  user,
  userSubject,
} from '../apiserver/rbac-objects.ts';

const roleNamed = (name: string): ClusterRole => {
  const found = defaultClusterRoles.find((role) => role.metadata.name === name);
  return found ?? expect.fail(`no ClusterRole ${name}`);
};
const everything = [...defaultClusterRoles, ...defaultClusterRoleBindings, ...defaultRoles, ...defaultRoleBindings];

describe('the default roles', () => {
  it('have names of their own, labels and annotations, and bindings that lead somewhere', () => {
    expect(
      new Set(
        everything.map((object) => `${object.kind} ${object.metadata.namespace ?? ''} ${object.metadata.name ?? ''}`),
      ).size,
    ).toBe(everything.length);
    for (const object of everything) {
      expect(object.metadata.labels?.['kubernetes.io/bootstrapping']).toBe('rbac-defaults');
      expect(object.metadata.annotations?.[AUTOUPDATE]).toBe('true');
    }
    const index = rolesOf(...everything);
    for (const { roleRef, metadata } of [...defaultClusterRoleBindings, ...defaultRoleBindings]) {
      expect(index.rules(roleRef, metadata.namespace ?? '')).toBeDefined();
    }
  });

  it('make admin of edit and edit of view', () => {
    const [view, edit, admin] = ['view', 'edit', 'admin'].map((name) => roleNamed(name).rules ?? []);
    expect(uncoveredRules(edit ?? [], view ?? [])).toEqual([]);
    expect(uncoveredRules(admin ?? [], edit ?? [])).toEqual([]);
    for (const level of ['view', 'edit', 'admin']) {
      expect(roleNamed(level).rules).toEqual(aggregatedRules(roleNamed(level), defaultClusterRoles));
      expect(roleNamed(level).aggregationRule?.clusterRoleSelectors).toEqual([
        { matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${level}`]: 'true' } },
      ]);
    }
  });

  it.each([
    [user('v'), 'view', 'list deployments - a apps', true],
    [user('v'), 'view', 'get secrets s a', false],
    [user('v'), 'view', 'create pods - a', false],
    [user('v'), 'edit', 'get secrets s a', true],
    [user('v'), 'edit', 'create pods/exec web a', true],
    [user('v'), 'edit', 'create rolebindings - a rbac.authorization.k8s.io', false],
    [user('v'), 'admin', 'create rolebindings - a rbac.authorization.k8s.io', true],
    [user('v'), 'admin', 'update resourcequotas q a', false],
    [user('v', 'system:authenticated'), '', 'create selfsubjectaccessreviews - - authorization.k8s.io', true],
    [user('v', 'system:authenticated'), '', 'get /openapi/v3', true],
    [user('v', 'system:authenticated'), '', 'get pods web a', false],
    [user('system:anonymous', 'system:unauthenticated'), '', 'get /readyz', true],
    [user('system:anonymous', 'system:unauthenticated'), '', 'get /api', false],
    [user('system:kube-scheduler'), '', 'create pods/binding web a', true],
    [user('system:kube-scheduler'), '', 'create pods - a', false],
    [user('system:serviceaccount:kube-system:replicaset-controller'), '', 'create pods - a', true],
    [user('system:serviceaccount:kube-system:deployment-controller'), '', 'create pods - a', false],
    [user('system:serviceaccount:a:x', 'system:serviceaccounts'), '', 'get /openid/v1/jwks', true],
  ])('%j with %s: %s -> %s', (who, level, text, expected) => {
    const bound = level === '' ? [] : [binding('a', 'b', toClusterRole(level), userSubject('v'))];
    expect(authorize(request(who, text), rolesOf(...everything, ...bound)).allowed).toBe(expected);
  });
});

describe('a start on an existing cluster', () => {
  const wanted = roleNamed('system:node-proxier');
  const stored = { ...wanted, metadata: { ...wanted.metadata, uid: 'u', resourceVersion: '7' } };

  it('creates what is missing and leaves alone what is right', () => {
    expect(planRole(wanted, undefined)).toEqual({ action: 'create', object: wanted });
    expect(planRole(wanted, stored)).toEqual({ action: 'keep' });
    expect(planPlain(wanted, undefined).action).toBe('create');
    const emptied = { ...stored, rules: [] };
    expect(planPlain(wanted, emptied).action).toBe('keep');
    for (const role of defaultClusterRoles) expect(planRole(role, role).action).toBe('keep');
    for (const each of defaultClusterRoleBindings) expect(planBinding(each, each).action).toBe('keep');
  });

  it('gives back what was taken, keeps what was added, and heeds autoupdate', () => {
    const own = rule('get', 'core', 'secrets');
    const changed = { ...stored, rules: [own, ...(wanted.rules ?? []).slice(1)] };
    const step = planRole(wanted, changed);
    if (step.action !== 'update') expect.fail(step.action);
    expect(step.object.metadata.resourceVersion).toBe('7');
    expect(uncoveredRules(step.object.rules ?? [], [own, ...(wanted.rules ?? [])])).toEqual([]);
    expect(planRole(wanted, step.object).action).toBe('keep');
    const kept = { ...changed, metadata: { ...changed.metadata, annotations: { [AUTOUPDATE]: 'false' } } };
    expect(planRole(wanted, kept).action).toBe('keep');
    const bare = { ...stored, metadata: { name: 'system:node-proxier', labels: { mine: 'x' } } };
    expect(planRole(wanted, bare)).toMatchObject({
      action: 'update',
      object: { metadata: { labels: { mine: 'x', 'kubernetes.io/bootstrapping': 'rbac-defaults' } } },
    });
  });

  it('adds missing subjects and makes a binding to another role anew', () => {
    const first = defaultClusterRoleBindings.find((each) => each.metadata.name === 'cluster-admin');
    const target = first ?? expect.fail('no cluster-admin binding');
    expect(planBinding(target, { ...target, subjects: [groupSubject('mine')] })).toMatchObject({
      action: 'update',
      object: { subjects: [groupSubject('mine'), groupSubject('system:masters')] },
    });
    expect(planBinding(target, clusterBinding('cluster-admin', toClusterRole('view')))).toEqual({
      action: 'recreate',
      object: target,
    });
  });
});
