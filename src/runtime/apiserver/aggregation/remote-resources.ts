/** What another API server says that it serves, as this one's discovery tells it. Pure. */
import { isRecord } from '../../../shared/deep.ts';
import { fieldOf, listOf, textOf } from '../fields.ts';

/** A group and version that another server answers for. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  /** As in the version's own document, /apis/GROUP/VERSION; undefined before it has answered. */
  readonly resources: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Path of its schemas, with their hash; undefined for a server without OpenAPI 3. */
  readonly openApi: string | undefined;
}

/** The place of a version's schemas in the root document of OpenAPI 3, undefined where there is none. */
export function openApiPath(
  text: string,
  { group, version }: Pick<RemoteVersion, 'group' | 'version'>,
): string | undefined {
  try {
    const place = fieldOf(fieldOf(JSON.parse(text), 'paths'), `apis/${group}/${version}`);
    return textOf(place, 'serverRelativeURL') || undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The version's part of an APIGroupDiscoveryList (KEP-3352). */
export function discoveredVersion({ group, version, resources }: RemoteVersion): object {
  const all = resources ?? [];
  const main = all.filter((resource) => !textOf(resource, 'name').includes('/'));
  return {
    version,
    resources: main.map((resource) => {
      const name = textOf(resource, 'name');
      const below = all.filter((other) => textOf(other, 'name').startsWith(`${name}/`));
      return {
        resource: name,
        responseKind: kindOf(resource, group, version),
        scope: resource['namespaced'] === true ? 'Namespaced' : 'Cluster',
        singularResource: textOf(resource, 'singularName'),
        verbs: listOf(resource, 'verbs'),
        ...given(resource, 'shortNames', 'categories'),
        ...(below.length === 0
          ? {}
          : {
              subresources: below.map((other) => ({
                subresource: textOf(other, 'name').slice(name.length + 1),
                responseKind: kindOf(other, group, version),
                verbs: listOf(other, 'verbs'),
              })),
            }),
      };
    }),
    freshness: resources === undefined ? 'Stale' : 'Current',
  };
}

function kindOf(resource: Readonly<Record<string, unknown>>, group: string, version: string): object {
  return {
    group: textOf(resource, 'group') || group,
    version: textOf(resource, 'version') || version,
    kind: textOf(resource, 'kind'),
  };
}

function given(resource: Readonly<Record<string, unknown>>, ...names: readonly string[]): object {
  return Object.fromEntries(names.flatMap((name) => (Array.isArray(resource[name]) ? [[name, resource[name]]] : [])));
}

/** The resources in a version's document. @throws Error for anything else */
export function resourcesIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  const document: unknown = JSON.parse(text);
  if (!isRecord(document) || document['kind'] !== 'APIResourceList') throw new Error('no APIResourceList came back');
  return listOf(document, 'resources').filter(isRecord);
}
