/** Object -> store key -> object. The one place that knows how keys look. */
import type { KindBase } from '../../types/define-kind.ts';
import type { ObjectKey } from '../../types/meta.ts';
import type { StoreKey } from './store.ts';

/** What of a kind its keys are made of. Versions of one group share their objects. */
export type KeyedKind = Pick<KindBase, 'group' | 'plural'>;

export interface ParsedKey extends KeyedKind, ObjectKey {}

// A name stands last and may hold anything; a namespace stands between slashes and is escaped, so no request can reach into another kind.
function escapeNamespace(namespace: string): string {
  return namespace.replaceAll('%', '%25').replaceAll('/', '%2F');
}

function unescapeNamespace(segment: string): string {
  return segment.replaceAll('%2F', '/').replaceAll('%25', '%');
}

/** `core/pods/default/web`; `core/namespaces//default` for a cluster-scoped kind. */
export function storeKey(kind: KeyedKind, key: ObjectKey): StoreKey {
  return `${namespacePrefix(kind, key.namespace)}${key.name}`;
}

/** `core/pods/`: every object of the kind. */
export function kindPrefix(kind: KeyedKind): StoreKey {
  return `${kind.group === '' ? 'core' : kind.group}/${kind.plural}/`;
}

/** `core/pods/default/`: the kind's objects of one namespace. */
export function namespacePrefix(kind: KeyedKind, namespace: string): StoreKey {
  return `${kindPrefix(kind)}${escapeNamespace(namespace)}/`;
}

/** Undefined for text that is no key. */
export function parseStoreKey(key: StoreKey): ParsedKey | undefined {
  const [group, plural, namespace, ...name] = key.split('/');
  if (!group || !plural || namespace === undefined || name.length === 0) return undefined;
  return {
    group: group === 'core' ? '' : group,
    plural,
    namespace: unescapeNamespace(namespace),
    name: name.join('/'),
  };
}

/** `<group>/<plural>/`: the part of the key space that a key or a prefix lies in; undefined for a prefix that spans several. */
export function partitionOf(keyOrPrefix: string): string | undefined {
  const second = keyOrPrefix.indexOf('/', keyOrPrefix.indexOf('/') + 1);
  return second <= 0 ? undefined : keyOrPrefix.slice(0, second + 1);
}
