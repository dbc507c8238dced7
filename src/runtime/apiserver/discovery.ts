/** /api and /apis in the old form, one document per group, and in the aggregated one (KEP-3352). Printed from the registry. */
import { createHash } from 'node:crypto';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { Registry } from '../../types/registry.ts';
import { discoveredVersion } from './aggregation/remote-resources.ts';
import type { RemoteVersion } from './aggregation/remote-resources.ts';
import { verbsOf } from './routes.ts';
import { subresources } from './subresources/index.ts';
import type { DocumentKind, Subresource } from './subresources/subresource.ts';

interface Resource {
  readonly kind: KindDefinition;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly document: DocumentKind;
  readonly verbs: readonly string[];
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly Resource[];
}

export class Discovery {
  readonly #registry: Registry;
  readonly #remote: () => readonly RemoteVersion[];
  #known: readonly GroupVersion[] | undefined;

  /** `remote`: what other servers answer for. */
  constructor(registry: Registry, remote: () => readonly RemoteVersion[]) {
    this.#registry = registry;
    this.#remote = remote;
    registry.subscribe(() => (this.#known = undefined));
  }

  /** GET /api */
  coreVersions(): object {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [],
    };
  }

  /** GET /apis */
  groups(): object {
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: this.#groupNames().map((name) => this.#groupFields(name)),
    };
  }

  /** GET /apis/<group>; undefined when there is none. */
  group(name: string): object | undefined {
    return this.#groupNames().includes(name)
      ? { kind: 'APIGroup', apiVersion: 'v1', ...this.#groupFields(name) }
      : undefined;
  }

  /** GET /api/v1, /apis/<group>/<version>; undefined when there is none. */
  resources(group: string, version: string): object | undefined {
    const found = this.#all().find((entry) => entry.group === group && entry.version === version);
    if (!found) return undefined;
    return {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: groupVersionText(found),
      resources: found.resources.map((resource) => legacyResource(resource, found)),
    };
  }

  /** /api or /apis in one document. */
  aggregated(core: boolean, version: 'v2' | 'v2beta1'): object {
    const names = core ? [''] : this.#groupNames();
    return {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: names.map((name) => ({
        metadata: name === '' ? {} : { name },
        versions: [
          ...this.#all()
            .filter((entry) => entry.group === name)
            .map((entry) => ({ version: entry.version, resources: aggregatedResources(entry), freshness: 'Current' })),
          ...this.#remoteOf(name).map(discoveredVersion),
        ],
      })),
    };
  }

  #all(): readonly GroupVersion[] {
    this.#known ??= groupVersionsOf(this.#registry);
    return this.#known;
  }

  #groupNames(): readonly string[] {
    const groups = [...this.#all(), ...this.#remote()].map((entry) => entry.group);
    return [...new Set(groups)].filter((name) => name !== '');
  }

  #remoteOf(group: string): readonly RemoteVersion[] {
    return this.#remote().filter((entry) => entry.group === group);
  }

  #groupFields(name: string): object {
    const versions = [...this.#all().filter((entry) => entry.group === name), ...this.#remoteOf(name)].map((entry) => ({
      groupVersion: groupVersionText(entry),
      version: entry.version,
    }));
    return { name, versions, preferredVersion: versions[0] };
  }
}

function groupVersionText({ group, version }: Pick<GroupVersion, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

function groupVersionsOf(registry: Registry): readonly GroupVersion[] {
  const found = new Map<string, { group: string; version: string; kinds: KindDefinition[] }>();
  for (const kind of registry.all()) {
    if (!kind.served) continue;
    const entry = found.get(kind.apiVersion) ?? { group: kind.group, version: kind.version, kinds: [] };
    entry.kinds.push(kind);
    found.set(kind.apiVersion, entry);
  }
  return [...found.values()]
    .sort(
      (a, b) =>
        order(a.group, b.group) || versionRank(b.version) - versionRank(a.version) || order(a.version, b.version),
    )
    .map(({ group, version, kinds }) => ({
      group,
      version,
      resources: kinds.sort((a, b) => order(a.plural, b.plural)).flatMap(resourcesOf),
    }));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** v2 before v1 before v1beta1 before v1alpha1 (apimachinery, version.CompareKubeAwareVersionStrings). */
function versionRank(version: string): number {
  const [, major = '0', stage = '', minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
  const stageRank = stage === '' ? 2 : stage === 'beta' ? 1 : 0;
  return stageRank * 1_000_000 + Number(major) * 1000 + Number(minor);
}

function resourcesOf(kind: KindDefinition): readonly Resource[] {
  const { group, version } = kind;
  const own: Resource = { kind, subresource: '', document: { group, version, kind: kind.kind }, verbs: verbsOf(kind) };
  const below = subresources
    .filter((entry) => kind.subresources.includes(entry.name))
    .map((entry) => ({
      kind,
      subresource: entry.name,
      document: documentOf(entry, kind),
      verbs: Object.keys(entry.verbs).sort(),
    }));
  return [own, ...below];
}

function documentOf({ document }: Subresource, kind: KindDefinition): DocumentKind {
  if (document === undefined) return { group: kind.group, version: kind.version, kind: kind.kind };
  return typeof document === 'function' ? document(kind) : document;
}

function legacyResource({ kind, subresource, document, verbs }: Resource, place: GroupVersion): object {
  const foreign = document.group !== place.group || document.version !== place.version;
  return {
    name: subresource === '' ? kind.plural : `${kind.plural}/${subresource}`,
    singularName: subresource === '' ? kind.singular : '',
    namespaced: kind.scope === 'Namespaced',
    ...(foreign ? { group: document.group, version: document.version } : {}),
    kind: document.kind,
    verbs,
    ...(subresource === '' && kind.shortNames ? { shortNames: kind.shortNames } : {}),
    ...(subresource === '' && kind.categories ? { categories: kind.categories } : {}),
    ...(subresource === '' && !kind.virtual && !kind.computed ? { storageVersionHash: storageVersionHash(kind) } : {}),
  };
}

/** Changes when the stored form of a kind does; clients may only compare it. */
function storageVersionHash(kind: KindDefinition): string {
  return createHash('sha256')
    .update(identityOf(kind.storedAs ?? kind.typeName))
    .digest()
    .subarray(0, 8)
    .toString('base64');
}

/** `group/version/Kind`, with nothing before the first slash for the core group. */
function identityOf(typeName: string): string {
  const at = typeName.lastIndexOf('.');
  const apiVersion = typeName.slice(0, at);
  return `${apiVersion.includes('/') ? '' : '/'}${apiVersion}/${typeName.slice(at + 1)}`;
}

function aggregatedResources({ resources }: GroupVersion): readonly object[] {
  return resources
    .filter((resource) => resource.subresource === '')
    .map(({ kind, document, verbs }) => ({
      resource: kind.plural,
      responseKind: document,
      scope: kind.scope === 'Namespaced' ? 'Namespaced' : 'Cluster',
      singularResource: kind.singular,
      verbs,
      ...(kind.shortNames ? { shortNames: kind.shortNames } : {}),
      ...(kind.categories ? { categories: kind.categories } : {}),
      ...subresourcesOf(resources.filter((entry) => entry.kind === kind && entry.subresource !== '')),
    }));
}

function subresourcesOf(entries: readonly Resource[]): object {
  if (entries.length === 0) return {};
  return {
    subresources: entries.map(({ subresource, document, verbs }) => ({ subresource, responseKind: document, verbs })),
  };
}
