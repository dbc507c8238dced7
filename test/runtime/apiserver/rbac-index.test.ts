import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorize } from '../../../src/runtime/apiserver/authorization.ts';
import { RbacIndex, rbacFeed } from '../../../src/runtime/apiserver/rbac-index.ts';
import {
  defaultClusterRoleBindings,
  defaultClusterRoles,
  defaultRoleBindings,
  defaultRoles,
} from '../../../src/runtime/bootstrap/rbac.ts';
import { rule } from '../../../src/runtime/bootstrap/rule.ts';
import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  binding,
  clusterBinding,
  clusterRole,
  groupSubject,
  keyOfObject,
  request,
  role,
  rolesOf,
  toClusterRole,
  toRole,
  user,
  userSubject,
} from './rbac-objects.ts';
import type { RbacObject } from './rbac-objects.ts';

const jane = user('jane', 'dev');
/** Everything that a write set off in promises has happened by then. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const allowed = (index: RbacIndex, text: string): boolean => authorize(request(jane, text), index).allowed;

describe('the index of roles', () => {
  it('follows the store: what is granted counts, what is taken back does not', async () => {
    const store = createMemoryStore({ clock: new ManualClock() });
    const put = (object: RbacObject) => store.create(keyOfObject(object), object);
    await put(clusterRole('reader', rule('get', 'core', 'pods')));
    const index = new RbacIndex();
    const feed = await rbacFeed(store, index, (error) => expect.fail(String(error))).start(
      new AbortController().signal,
    );
    expect(allowed(index, 'get pods web a')).toBe(false);

    const bound = await put(binding('a', 'b', toClusterRole('reader'), groupSubject('dev')));
    await turn();
    expect(allowed(index, 'get pods web a')).toBe(true);
    const narrowed = await store.replace(
      bound.key,
      binding('a', 'b', toClusterRole('reader'), userSubject('joe')),
      bound.revision,
    );
    await turn();
    expect(allowed(index, 'get pods web a')).toBe(false);
    const again = await store.replace(
      bound.key,
      binding('a', 'b', toClusterRole('reader'), userSubject('jane')),
      narrowed.revision,
    );
    await turn();
    expect(allowed(index, 'get pods web a')).toBe(true);
    await store.remove(again.key, again.revision);
    await turn();
    expect(allowed(index, 'get pods web a')).toBe(false);
    await feed[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it('reads the state anew when it fell too far behind', async () => {
    const store = createMemoryStore({ clock: new ManualClock(), watchQueue: 3 });
    const index = new RbacIndex();
    const feed = await rbacFeed(store, index, (error) => expect.fail(String(error))).start(
      new AbortController().signal,
    );
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => clusterRole(`r${i}`)).map((object) =>
        store.create(keyOfObject(object), object),
      ),
    );
    const last = [
      clusterRole('reader', rule('get', 'core', 'pods')),
      clusterBinding('b', toClusterRole('reader'), userSubject('jane')),
    ];
    await Promise.all(last.map((object) => store.create(keyOfObject(object), object)));
    await turn();
    expect(allowed(index, 'get pods web a')).toBe(true);
    await feed[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it('is the same whether built step by step or at once', () => {
    const names = fc.constantFrom('x', 'y');
    const subjects = fc.array(fc.constantFrom(userSubject('jane'), groupSubject('dev'), userSubject('joe')), {
      maxLength: 3,
    });
    const rules = fc.constantFrom(
      rule('get', 'core', 'pods'),
      rule('list', 'core', 'pods'),
      rule('get', 'core', 'secrets'),
    );
    const refs = fc.oneof(names.map(toClusterRole), names.map(toRole));
    const objects = fc.oneof(
      fc.tuple(names, rules).map(([name, given]): RbacObject => clusterRole(name, given)),
      fc.tuple(names, rules).map(([name, given]): RbacObject => role('a', name, given)),
      fc.tuple(names, refs, subjects).map(([name, ref, whom]): RbacObject => binding('a', name, ref, ...whom)),
      fc
        .tuple(names, names, subjects)
        .map(([name, ref, whom]): RbacObject => clusterBinding(name, toClusterRole(ref), ...whom)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(objects, fc.boolean()), { maxLength: 40 }), (steps) => {
        const index = new RbacIndex();
        const state = new Map<string, RbacObject>();
        for (const [object, put] of steps) {
          const key = keyOfObject(object);
          const before = state.get(key);
          const stored = { key, value: object, revision: 1 };
          if (put) {
            state.set(key, object);
            index.apply({ type: 'PUT', stored, previous: undefined });
          } else if (before !== undefined) {
            state.delete(key);
            index.apply({
              type: 'DELETE',
              stored: { ...stored, value: before },
              previous: { ...stored, value: before },
            });
          }
        }
        const fresh = rolesOf(...state.values());
        for (const text of ['get pods w a', 'list pods - a', 'get pods w b', 'get secrets s a', 'get secrets s']) {
          expect(authorize(request(jane, text), index).allowed).toBe(authorize(request(jane, text), fresh).allowed);
        }
      }),
    );
  });

  it('decides in microseconds however many bindings there are', () => {
    const others = Array.from({ length: 5000 }, (_, i) =>
      binding(`n${i % 50}`, `b${i}`, toClusterRole('view'), userSubject(`u${i}`)),
    );
    const index = rolesOf(
      ...defaultClusterRoles,
      ...defaultClusterRoleBindings,
      ...defaultRoles,
      ...defaultRoleBindings,
      ...others,
      binding('n1', 'jane', toClusterRole('edit'), groupSubject('dev')),
    );
    const attributes = request(user('jane', 'dev', 'system:authenticated'), 'create deployments - n1 apps');
    const start = performance.now();
    let granted = 0;
    for (let i = 0; i < 10_000; i++) granted += authorize(attributes, index).allowed ? 1 : 0;
    expect(granted).toBe(10_000);
    // A machine under load is slow; a scan of all bindings would take some hundred times as long.
    expect((performance.now() - start) / 10_000).toBeLessThan(0.5);
  });
});
