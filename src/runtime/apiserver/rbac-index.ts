import { QueueOverflow } from '../../shared/async-queue.ts';
import type { Component } from '../../shared/component.ts';
import type { KubeObject } from '../../types/meta.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../types/kinds/generated/rbac-v1.gen.ts';
import { CompactedError } from '../storage/store.ts';
import type { Revision, Store, Stored, StoreEvent, StoreKey } from '../storage/store.ts';
import { RBAC_GROUP, serviceAccountUser } from './authorization.ts';
import type { Grant, Roles } from './authorization.ts';
import type { UserInfo } from './request.ts';

/** All four kinds lie below their group. */
const PREFIX = `${RBAC_GROUP}/`;

type RbacObject = Role | ClusterRole | RoleBinding | ClusterRoleBinding;

/** Grants by namespace (empty: cluster-wide), then by subject, then by the binding's key. */
type GrantIndex = Map<string, Map<string, Map<StoreKey, Grant>>>;

/** Roles and bindings in memory, found by subject: a decision costs a few look-ups, however many bindings there are. */
export class RbacIndex implements Roles {
  readonly #rules = new Map<string, readonly PolicyRule[]>();
  readonly #grants: GrantIndex = new Map();
  readonly #stored = new Map<StoreKey, RbacObject>();

  *grants(user: UserInfo, namespace: string): Generator<Grant, void> {
    for (const scope of namespace === '' ? [''] : ['', namespace]) {
      const bySubject = this.#grants.get(scope);
      if (bySubject === undefined) continue;
      yield* bySubject.get(userSubject(user.username))?.values() ?? [];
      for (const group of user.groups) yield* bySubject.get(groupSubject(group))?.values() ?? [];
    }
  }

  rules(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    return this.#rules.get(roleKey(roleRef.kind === 'ClusterRole' ? '' : namespace, roleRef.name));
  }

  /** Replaces everything by what the store holds. */
  reset(items: Iterable<Stored>): void {
    this.#rules.clear();
    this.#grants.clear();
    this.#stored.clear();
    for (const { key, value } of items) this.#put(key, value);
  }

  apply(event: StoreEvent): void {
    if (event.type === 'PUT') this.#put(event.stored.key, event.stored.value);
    else if (event.type === 'DELETE') this.#remove(event.stored.key);
  }

  #put(key: StoreKey, value: KubeObject): void {
    this.#remove(key);
    if (!isRbacObject(value)) return;
    this.#stored.set(key, value);
    if (isRole(value)) {
      this.#rules.set(roleKey(value.metadata.namespace ?? '', value.metadata.name ?? ''), value.rules ?? []);
      return;
    }
    const namespace = value.metadata.namespace ?? '';
    const name = value.metadata.name ?? '';
    for (const subject of value.subjects ?? []) {
      const found = subjectKey(subject, namespace);
      if (found !== undefined)
        this.#grantsOf(namespace, found).set(key, { name, namespace, roleRef: value.roleRef, subject });
    }
  }

  #remove(key: StoreKey): void {
    const value = this.#stored.get(key);
    if (value === undefined) return;
    this.#stored.delete(key);
    const namespace = value.metadata.namespace ?? '';
    if (isRole(value)) {
      this.#rules.delete(roleKey(namespace, value.metadata.name ?? ''));
      return;
    }
    for (const subject of value.subjects ?? []) {
      const found = subjectKey(subject, namespace);
      const bySubject = this.#grants.get(namespace);
      const grants = found === undefined ? undefined : bySubject?.get(found);
      if (found === undefined || grants === undefined) continue;
      grants.delete(key);
      if (grants.size === 0) bySubject?.delete(found);
      if (bySubject?.size === 0) this.#grants.delete(namespace);
    }
  }

  #grantsOf(namespace: string, subject: string): Map<StoreKey, Grant> {
    const bySubject = this.#grants.get(namespace) ?? new Map<string, Map<StoreKey, Grant>>();
    this.#grants.set(namespace, bySubject);
    const grants = bySubject.get(subject) ?? new Map<StoreKey, Grant>();
    bySubject.set(subject, grants);
    return grants;
  }
}

/** Keeps the index equal to the store. Started once the first state is read; `onFailure` hears when following it came to an end. */
export function rbacFeed(store: Store, index: RbacIndex, onFailure: (error: unknown) => void): Component {
  return {
    name: 'rbac-index',
    async start() {
      const stop = new AbortController();
      const first = await load(store, index);
      const running = follow(store, index, first, stop.signal).catch(onFailure);
      return {
        async [Symbol.asyncDispose]() {
          stop.abort();
          await running;
        },
      };
    },
  };
}

async function load(store: Store, index: RbacIndex): Promise<Revision> {
  const page = await store.list(PREFIX);
  index.reset(page.items);
  return page.revision;
}

async function follow(store: Store, index: RbacIndex, first: Revision, signal: AbortSignal): Promise<void> {
  let revision = first;
  while (!signal.aborted) {
    try {
      for await (const event of store.watch(PREFIX, revision, signal)) index.apply(event);
      return;
    } catch (error) {
      if (!(error instanceof CompactedError || error instanceof QueueOverflow)) throw error;
      revision = await load(store, index);
    }
  }
}

function isRbacObject(value: KubeObject): value is RbacObject {
  return isRole(value) || value.kind === 'RoleBinding' || value.kind === 'ClusterRoleBinding';
}

function isRole(value: KubeObject): value is Role | ClusterRole {
  return value.kind === 'Role' || value.kind === 'ClusterRole';
}

function roleKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function userSubject(username: string): string {
  return `User/${username}`;
}

function groupSubject(group: string): string {
  return `Group/${group}`;
}

/** A service account is a user with a name made of its own. Undefined for a subject that can mean nobody. */
function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return userSubject(subject.name);
    case 'Group':
      return groupSubject(subject.name);
    case 'ServiceAccount': {
      const namespace =
        subject.namespace === undefined || subject.namespace === '' ? bindingNamespace : subject.namespace;
      return namespace === '' ? undefined : userSubject(serviceAccountUser(namespace, subject.name));
    }
    default:
      return undefined;
  }
}
