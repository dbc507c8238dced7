import { describe, expect, it } from 'vitest';
import { impersonated } from '../../../src/runtime/apiserver/impersonation.ts';
import { rule } from '../../../src/runtime/bootstrap/rule.ts';
import { clusterBinding, clusterRole, rolesOf, toClusterRole, user, userSubject } from './rbac-objects.ts';

const admin = user('kubernetes-admin', 'system:masters', 'system:authenticated');
const jane = user('jane', 'system:authenticated');
const none = rolesOf();

describe('impersonation', () => {
  it('leaves a request without its headers alone', () => {
    expect(impersonated(jane, {}, none)).toBe(jane);
  });

  it('makes a user, with the groups that authentication would have added', () => {
    expect(impersonated(admin, { 'impersonate-user': 'bob', 'impersonate-group': 'dev, ops' }, none)).toEqual({
      username: 'bob',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
    expect(impersonated(admin, { 'impersonate-user': 'system:serviceaccount:ci:robot' }, none).groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:ci',
      'system:authenticated',
    ]);
    expect(impersonated(admin, { 'impersonate-user': 'system:anonymous' }, none).groups).toEqual([
      'system:unauthenticated',
    ]);
  });

  it('takes uid and extra values', () => {
    const headers = { 'impersonate-user': 'bob', 'impersonate-uid': '7', 'impersonate-extra-a%2fb': 'x,y' };
    expect(impersonated(admin, headers, none)).toMatchObject({ uid: '7', extra: { 'a/b': ['x', 'y'] } });
  });

  it('refuses whom no role lets', () => {
    expect(() => impersonated(jane, { 'impersonate-user': 'bob' }, none)).toThrow(
      'users "bob" is forbidden: User "jane" cannot impersonate resource "users" in API group "" at the cluster scope',
    );
    const roles = rolesOf(
      clusterRole('acts', rule('impersonate', 'core', 'users', 'bob')),
      clusterBinding('acts', toClusterRole('acts'), userSubject('jane')),
    );
    expect(impersonated(jane, { 'impersonate-user': 'bob' }, roles).username).toBe('bob');
    expect(() => impersonated(jane, { 'impersonate-user': 'eve' }, roles)).toThrow('forbidden');
    expect(() =>
      impersonated(jane, { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' }, roles),
    ).toThrow('groups "system:masters" is forbidden');
  });

  it('says that a user is missing', () => {
    expect(() => impersonated(admin, { 'impersonate-group': 'dev' }, none)).toThrow('Impersonate-User');
  });
});
