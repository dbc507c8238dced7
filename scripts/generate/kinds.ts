/** Derives the kinds, their resources, scopes and subresources from the paths of the API. */
import type { KindBase } from '../../src/types/define-kind.ts';
import type { ApiPath } from './client-node.ts';

const resourcePath = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(namespaces\/\{namespace\}\/)?([a-z]+)$/;
const subresourcePath =
  /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(?:namespaces\/\{namespace\}\/)?([a-z]+)\/\{name\}\/([a-z]+)$/;

/** Bodies of subresources and of whole-API requests that are no resources of their own, by type name. */
const extraRoots: readonly (readonly [className: string, typeName: string])[] = [
  ['V1Scale', 'autoscaling/v1.Scale'],
  ['V1Eviction', 'policy/v1.Eviction'],
  ['AuthenticationV1TokenRequest', 'authentication.k8s.io/v1.TokenRequest'],
  ['V1DeleteOptions', 'meta/v1.DeleteOptions'],
  ['V1Status', 'meta/v1.Status'],
  ['V1APIGroup', 'meta/v1.APIGroup'],
  ['V1APIResourceList', 'meta/v1.APIResourceList'],
  ['V1APIVersions', 'meta/v1.APIVersions'],
];

export interface FoundKinds {
  readonly kinds: readonly KindBase[];
  /** Pairs of client class and schema type to start the walk over types from. */
  readonly roots: readonly (readonly [className: string, typeName: string])[];
}

/** `V1Deployment`, `CoreV1Event` and `RbacV1Subject` without what marks group and version. */
export function kindOfClass(className: string): string {
  return className.replace(/^(?:[A-Z][a-z]+)?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, '');
}

/** The collective word of a resource in messages; it is not always the plural less its s. */
function singularOf(kind: string): string {
  return kind.toLowerCase();
}

export function findKinds(paths: readonly ApiPath[], exists: (typeName: string) => boolean): FoundKinds {
  const subresources = new Map<string, Set<string>>();
  const classes = new Map<string, { className: string; namespaced: boolean; listed: boolean }>();
  for (const { path, method, body, answer } of paths) {
    const sub = subresourcePath.exec(path);
    if (sub) {
      const [, group = '', version = '', plural = '', name = ''] = sub;
      const key = `${group} ${version} ${plural}`;
      subresources.set(key, (subresources.get(key) ?? new Set()).add(name));
    }
    const resource = resourcePath.exec(path);
    if (!resource) continue;
    const [, group = '', version = '', namespaced, plural = ''] = resource;
    const key = `${group} ${version} ${plural}`;
    const known = classes.get(key);
    if (method === 'POST' && body !== undefined) {
      classes.set(key, {
        className: body,
        namespaced: namespaced !== undefined || (known?.namespaced ?? false),
        listed: known?.listed ?? false,
      });
    } else if (method === 'GET' && answer !== undefined) {
      const className = known?.className ?? answer.replace(/List$/, '');
      classes.set(key, {
        className,
        namespaced: namespaced !== undefined || (known?.namespaced ?? false),
        listed: true,
      });
    }
  }
  const kinds: KindBase[] = [];
  for (const [key, { className, namespaced, listed }] of classes) {
    const [group = '', version = '', plural = ''] = key.split(' ');
    const kind = kindOfClass(className);
    const apiVersion = group === '' ? version : `${group}/${version}`;
    if (!exists(`${apiVersion}.${kind}`)) continue;
    kinds.push({
      apiVersion,
      group,
      version,
      kind,
      plural,
      singular: singularOf(kind),
      scope: namespaced ? 'Namespaced' : 'Cluster',
      subresources: [...(subresources.get(key) ?? [])].sort(),
      typeName: `${apiVersion}.${kind}`,
      served: /^v\d+$/.test(version),
      virtual: !listed,
    });
  }
  kinds.sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
  const roots = kinds.map((kind): readonly [string, string] => [
    classes.get(`${kind.group} ${kind.version} ${kind.plural}`)?.className ?? '',
    kind.typeName,
  ]);
  return { kinds, roots: [...roots, ...extraRoots] };
}
