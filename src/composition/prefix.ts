/** Prefixes of names, with everything that names the renamed objects. */
import type { ReferenceField } from '../types/builder/reference-fields.ts';
import type { KindBase } from '../types/define-kind.ts';
import { pathText } from '../types/field-issue.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import type { Registry } from '../types/registry.ts';
import { isRecord } from '../shared/deep.ts';
import { mapObjects, objectsOf, rebuilt } from './rebuilt.ts';
import type { Fields, Group } from './rebuilt.ts';

/** Others refer to these by more than their names, or their names mean something (as `namePrefix` of kustomize has it). */
const unchanged: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'APIService']);

/** The namespace is null where any will do. */
type Name = readonly [kind: string, apiVersion: string, namespace: string | null | undefined, name: string];

const policyRule = 'rbac.authorization.k8s.io/v1.PolicyRule';
/** What is meant where a reference does not say its kind. */
const kindOfType: Readonly<Record<string, string>> = {
  'v1.SecretReference': 'Secret',
  'v1.LocalObjectReference': 'Secret',
};
const kindOfField: Readonly<Record<string, string>> = { claimRef: 'PersistentVolumeClaim', secrets: 'Secret' };

interface NamedPath {
  readonly path: FieldPath;
  readonly target: Name;
}

/** What the types of the builders know of references: the trait of a kind knows those of pods, and of volumes of old kinds. */
class References {
  readonly #found: NamedPath[] = [];

  constructor(
    readonly rows: readonly ReferenceField[],
    readonly below: (type: string | undefined, field: string) => string | undefined,
    readonly owner: KubeObject,
    readonly bases: readonly KindBase[],
  ) {}

  of(type: string): readonly NamedPath[] {
    this.#object({ ...this.owner }, type, []);
    return this.#found;
  }

  #object(value: Fields, type: string | undefined, path: FieldPath): void {
    if (type === undefined) return;
    if (type === policyRule) return this.#rule(value, path);
    for (const [field, child] of Object.entries(value)) {
      const at = [...path, field];
      const row = this.rows.find((one) => one.field === field && one.types.includes(type));
      if (row?.form === 'name') this.#name(row, child, value, at);
      for (const [place, item] of partsOf(child, at)) {
        if (row) this.#reference(row, item, place);
        else this.#typed(this.below(type, field), field, item, place);
        this.#object(item, this.below(type, field), place);
      }
    }
  }

  #name({ kinds: [kind = ''], field }: ReferenceField, value: unknown, holder: Fields, path: FieldPath): void {
    const { namespace } = field === 'name' ? holder : {};
    if (typeof value === 'string') this.#add(path, kind, '', namespace, value);
  }

  #reference({ form, kinds }: ReferenceField, value: Fields, path: FieldPath): void {
    const { kind = form === 'local' ? kinds[0] : undefined, apiVersion, namespace, name } = value;
    if (!['local', 'object', 'role', 'subject'].includes(form) || typeof kind !== 'string' || typeof name !== 'string')
      return;
    this.#add([...path, 'name'], kind, typeof apiVersion === 'string' ? apiVersion : '', namespace, name);
  }

  /** References of a type that holds nothing else, whichever field it stands in. */
  #typed(type: string | undefined, field: string, value: Fields, path: FieldPath): void {
    const { kind = (type && kindOfType[type]) ?? kindOfField[field], apiVersion, apiGroup, namespace, name } = value;
    if (!type?.endsWith('Reference') || typeof kind !== 'string' || typeof name !== 'string') return;
    const group = typeof apiGroup === 'string' && apiGroup !== '' ? `${apiGroup}/` : '';
    this.#add([...path, 'name'], kind, typeof apiVersion === 'string' ? apiVersion : group, namespace, name);
  }

  /** The names in a rule are those of objects of its resources; a ClusterRole's may be in any namespace. */
  #rule({ apiGroups, resources, resourceNames }: Fields, path: FieldPath): void {
    if (!Array.isArray(apiGroups) || !Array.isArray(resources) || !Array.isArray(resourceNames)) return;
    const kinds = this.bases.filter(({ group, plural }) => apiGroups.includes(group) && resources.includes(plural));
    resourceNames.forEach((name: unknown, index) => {
      if (typeof name !== 'string') return;
      for (const { kind, apiVersion } of kinds)
        this.#found.push({
          path: [...path, 'resourceNames', index],
          target: [kind, apiVersion, this.owner.metadata.namespace ?? null, name],
        });
    });
  }

  #add(path: FieldPath, kind: string, apiVersion: string, namespace: unknown, name: string): void {
    const space = typeof namespace === 'string' ? namespace : this.owner.metadata.namespace;
    this.#found.push({ path, target: [kind, apiVersion, space, name] });
  }
}

/** A record, or the records of a list or map. */
function partsOf(value: unknown, path: FieldPath): readonly (readonly [FieldPath, Fields])[] {
  if (isRecord(value)) return [[path, value]];
  return (Array.isArray(value) ? value : []).flatMap((item: unknown, index) => partsOf(item, [...path, index]));
}

function setAt(value: unknown, [step, ...rest]: FieldPath, text: string): unknown {
  if (step === undefined) return text;
  const key = typeof step === 'object' ? step.key : step;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === key ? setAt(item, rest, text) : item));
  return isRecord(value) ? { ...value, [key]: setAt(value[key], rest, text) } : value;
}

interface Knowledge {
  readonly registry: Registry;
  readonly rows: readonly ReferenceField[];
  readonly below: (type: string | undefined, field: string) => string | undefined;
  readonly bases: ReadonlyMap<string, KindBase>;
}

class Renaming {
  readonly #renamed: ReadonlySet<string>;
  /** Whatever their namespaces are. */
  readonly #anywhere: ReadonlySet<string>;

  constructor(
    readonly prefix: string,
    readonly knowledge: Knowledge,
    objects: readonly KubeObject[],
  ) {
    const names = objects.flatMap(({ apiVersion, kind, metadata: { namespace, name } }): readonly Name[] =>
      name === undefined || unchanged.has(kind) ? [] : [[kind, apiVersion, namespace, name]],
    );
    this.#renamed = new Set(names.map((name) => this.#key(name)));
    this.#anywhere = new Set(names.map(([kind, apiVersion, , name]) => this.#key([kind, apiVersion, null, name])));
  }

  /** Built-in kinds are known by their name alone; what is cluster-scoped has no namespace whoever names it. */
  #key([kind, apiVersion, namespace, name]: Name): string {
    const base = apiVersion === '' ? undefined : this.knowledge.bases.get(`${apiVersion}.${kind}`);
    const isCluster =
      (base ?? [...this.knowledge.bases.values()].find((one) => one.kind === kind))?.scope === 'Cluster';
    const custom = apiVersion !== '' && base === undefined;
    return JSON.stringify([custom ? apiVersion.split('/')[0] : '', kind, isCluster ? null : (namespace ?? null), name]);
  }

  #isRenamed(name: Name): boolean {
    return (name[2] === null ? this.#anywhere : this.#renamed).has(this.#key(name));
  }

  #namesIn(object: KubeObject): readonly NamedPath[] {
    const { registry, rows, below, bases } = this.knowledge;
    const definition = registry.kind(object.apiVersion, object.kind);
    if (!definition) return [];
    const found = new References(rows, below, object, [...bases.values()]).of(definition.typeName);
    const traits = [...(definition.references?.(object) ?? [])].map(
      ({ path, kind, apiVersion, namespace, name }): NamedPath => ({
        path,
        target: [kind, apiVersion, namespace, name],
      }),
    );
    return [...found, ...traits];
  }

  of(object: KubeObject): KubeObject {
    let fields: unknown = { ...object };
    const changed = new Set<string>();
    for (const { path, target } of this.#namesIn(object)) {
      const place = pathText(path);
      if (changed.has(place) || !this.#isRenamed(target)) continue;
      changed.add(place);
      fields = setAt(fields, path, this.prefix + target[3]);
    }
    const { name, generateName } = object.metadata;
    if (!unchanged.has(object.kind)) {
      if (name !== undefined) fields = setAt(fields, ['metadata', 'name'], this.prefix + name);
      else if (generateName !== undefined)
        fields = setAt(fields, ['metadata', 'generateName'], this.prefix + generateName);
    }
    return isRecord(fields) ? rebuilt(object, fields) : object;
  }
}

/**
 * Puts a prefix before the names of objects and wherever objects of the group name each other. Names of what is not in the
 * group stay. Asynchronous, since what refers to what is loaded with the kinds: `export default await prefixed('dev-', app)`.
 */
export function prefixed<T extends object>(prefix: string, objects: Group<T>): Promise<T>;
export async function prefixed(prefix: string, objects: unknown): Promise<unknown> {
  const [{ builtInKinds }, { Registry, kindBases }, { referenceFields }, { typeBelow }] = await Promise.all([
    import('../types/kinds/index.ts'),
    import('../types/registry.ts'),
    import('../types/builder/reference-fields.ts'),
    import('../types/type-below.ts'),
  ]);
  const registry = new Registry(builtInKinds);
  const knowledge = { registry, rows: referenceFields, below: typeBelow, bases: kindBases() };
  const renaming = new Renaming(prefix, knowledge, objectsOf(objects));
  return mapObjects(objects, (object) => renaming.of(object));
}
