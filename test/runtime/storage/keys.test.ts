import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  kindPrefix,
  namespacePrefix,
  parseStoreKey,
  partitionOf,
  storeKey,
} from '../../../src/runtime/storage/keys.ts';

const pods = { group: '', plural: 'pods' };
const roles = { group: 'rbac.authorization.k8s.io', plural: 'clusterroles' };

describe('store keys', () => {
  it('name group, plural, namespace and name', () => {
    expect(storeKey(pods, { namespace: 'default', name: 'web' })).toBe('core/pods/default/web');
    expect(storeKey(roles, { namespace: '', name: 'system:node' })).toBe(
      'rbac.authorization.k8s.io/clusterroles//system:node',
    );
    expect(kindPrefix(pods)).toBe('core/pods/');
    expect(namespacePrefix(pods, 'default')).toBe('core/pods/default/');
    expect(partitionOf('core/pods/default/web')).toBe('core/pods/');
    expect(partitionOf('core/pods')).toBeUndefined();
  });

  it('lead back to the object, whatever a request calls it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (namespace, name) => {
        const key = storeKey(pods, { namespace, name });
        expect(key.startsWith(kindPrefix(pods))).toBe(true);
        expect(parseStoreKey(key)).toEqual({ ...pods, namespace, name });
      }),
    );
  });

  it('are told from other text', () => {
    for (const text of ['', 'core', 'core/pods', 'core/pods/default', '/pods/default/web'])
      expect(parseStoreKey(text)).toBeUndefined();
  });
});
