import { describe, expect, it } from 'vitest';
import { checkBindingWrite, checkRoleWrite } from '../../../src/runtime/apiserver/authorization-escalation.ts';
import { uncoveredRules } from '../../../src/types/policy-rules.ts';
import { pathRule, rule } from '../../../src/runtime/bootstrap/rule.ts';
import {
  binding,
  clusterBinding,
  clusterRole,
  role,
  rolesOf,
  toClusterRole,
  toRole,
  user,
  userSubject,
} from './rbac-objects.ts';

describe('whether rules cover rules', () => {
  it.each([
    ['itself', rule('get list', 'core apps', 'pods'), rule('get', 'apps', 'pods'), true],
    ['wildcards', rule('*', '*', '*'), rule('get', 'apps', 'pods/log', 'web'), true],
    ['a wildcard wanted', rule('get', 'core', 'pods'), rule('*', 'core', 'pods'), false],
    ['a subresource of all', rule('get', '*', '*/scale'), rule('get', 'apps', 'deployments/scale'), true],
    ['a subresource of all is not all', rule('get', '*', '*/scale'), rule('get', 'apps', 'deployments'), false],
    ['names within all names', rule('get', 'core', 'pods'), rule('get', 'core', 'pods', 'web'), true],
    ['all names within some', rule('get', 'core', 'pods', 'web'), rule('get', 'core', 'pods'), false],
    ['other names', rule('get', 'core', 'pods', 'web'), rule('get', 'core', 'pods', 'web db'), false],
    ['paths', pathRule('get', '/api/*'), pathRule('get', '/api/v1'), true],
    ['wider paths', pathRule('get', '/api/*'), pathRule('get', '/*'), false],
    ['resources are no paths', rule('*', '*', '*'), pathRule('get', '/metrics'), false],
  ])('%s', (_, owned, wanted, covered) => {
    expect(uncoveredRules([owned], [wanted]).length === 0).toBe(covered);
  });

  it('adds up several owned rules', () => {
    const owned = [rule('get', 'core', 'pods'), rule('list', 'core', 'pods secrets')];
    expect(uncoveredRules(owned, [rule('get list', 'core', 'pods secrets')])).toEqual([rule('get', 'core', 'secrets')]);
  });
});

describe('granting', () => {
  const jane = user('jane', 'dev');
  const roles = rolesOf(
    clusterRole('holder', rule('get', 'core', 'pods')),
    clusterRole('strong', rule('*', '*', '*')),
    clusterRole('escalator', rule('escalate', 'rbac.authorization.k8s.io', 'roles')),
    clusterRole('binder', rule('bind', 'rbac.authorization.k8s.io', 'clusterroles', 'strong')),
    binding('a', 'jane', toClusterRole('holder'), userSubject('jane')),
    binding('a', 'erin', toClusterRole('escalator'), userSubject('erin')),
    clusterBinding('ben', toClusterRole('binder'), userSubject('ben')),
  );

  it('a role: what one holds there, or with the verb escalate', () => {
    const wanted = role('a', 'r', rule('get', 'core', 'pods'));
    const more = role('a', 'r', rule('get list', 'core', 'pods'), rule('get', 'core', 'secrets'));
    expect(checkRoleWrite(jane, wanted, undefined, roles)).toBeUndefined();
    expect(checkRoleWrite(jane, more, wanted, roles)).toEqual({
      reason: 'Forbidden',
      message:
        'user "jane" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    });
    expect(checkRoleWrite(jane, role('b', 'r', rule('get', 'core', 'pods')), undefined, roles)?.reason).toBe(
      'Forbidden',
    );
    expect(checkRoleWrite(jane, clusterRole('r', rule('get', 'core', 'pods')), undefined, roles)?.reason).toBe(
      'Forbidden',
    );
    expect(checkRoleWrite(user('erin'), more, wanted, roles)).toBeUndefined();
    expect(checkRoleWrite(user('root', 'system:masters'), more, wanted, roles)).toBeUndefined();
    // Who leaves the rules alone may change the rest.
    expect(
      checkRoleWrite(jane, { ...more, metadata: { ...more.metadata, labels: { a: 'b' } } }, more, roles),
    ).toBeUndefined();
  });

  it('an aggregated role: only with everything', () => {
    const aggregated = {
      ...clusterRole('sum'),
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    };
    expect(checkRoleWrite(jane, aggregated, undefined, roles)?.reason).toBe('Forbidden');
    expect(checkRoleWrite(user('root', 'system:masters'), aggregated, undefined, roles)).toBeUndefined();
  });

  it('a binding: of what one holds there, or with the verb bind', () => {
    expect(
      checkBindingWrite(jane, binding('a', 'b', toClusterRole('holder'), userSubject('x')), undefined, roles),
    ).toBeUndefined();
    const strong = binding('a', 'b', toClusterRole('strong'), userSubject('x'));
    expect(checkBindingWrite(jane, strong, undefined, roles)?.message).toContain(
      '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
    );
    expect(checkBindingWrite(user('ben'), strong, undefined, roles)).toBeUndefined();
    expect(checkBindingWrite(user('ben'), clusterBinding('b', toClusterRole('holder')), undefined, roles)?.reason).toBe(
      'Forbidden',
    );
    expect(checkBindingWrite(jane, strong, strong, roles)).toBeUndefined();
    expect(checkBindingWrite(jane, { ...strong, subjects: [userSubject('jane')] }, strong, roles)?.reason).toBe(
      'Forbidden',
    );
    expect(checkBindingWrite(jane, binding('a', 'b', toRole('none')), undefined, roles)).toEqual({
      reason: 'NotFound',
      message: 'role.rbac.authorization.k8s.io "none" not found',
    });
  });
});
