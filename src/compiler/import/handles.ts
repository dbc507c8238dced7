/** Where a manifest repeats the name of another object, a person would use that object's handle. */
import { deepEqual, isRecord } from '../../shared/deep.ts';
import { referenceFields } from '../../types/builder/reference-fields.ts';
import type { ReferenceField } from '../../types/builder/reference-fields.ts';
import { kindBases } from '../../types/registry.ts';
import { metadataText } from './imported-object.ts';
import type { ImportedObject, Json } from './imported-object.ts';
import { textLiteral } from './literals.ts';

/** A call in the place of some members of an object. */
export interface HandleCall {
  readonly text: string;
  /** The members that the call stands for; the rest stays beside it. */
  readonly members: readonly string[];
}

const workloads: ReadonlySet<string> = new Set([
  'v1.Pod',
  'apps/v1.Deployment',
  'apps/v1.ReplicaSet',
  'apps/v1.StatefulSet',
  'apps/v1.DaemonSet',
]);

function placed(object: Json, kind: string, name: string): string {
  return JSON.stringify([kind, metadataText(object, 'namespace') ?? null, name]);
}

/** The labels that a builder copies into the selector of a Service. */
function podLabels(object: Json): Json | undefined {
  const { spec, metadata } = object;
  if (!isRecord(spec)) return undefined;
  const { selector } = spec;
  if (isRecord(selector)) return isRecord(selector['matchLabels']) ? selector['matchLabels'] : undefined;
  if (selector !== undefined || object['kind'] !== 'Pod' || !isRecord(metadata)) return undefined;
  return isRecord(metadata['labels']) ? metadata['labels'] : undefined;
}

function portNames(object: Json): ReadonlySet<string> {
  const { spec } = object;
  const template = isRecord(spec) && isRecord(spec['template']) ? spec['template']['spec'] : spec;
  const names = new Set<string>();
  if (!isRecord(template)) return names;
  const { containers, initContainers } = template;
  for (const container of [containers, initContainers].flatMap((list) => (Array.isArray(list) ? list : []))) {
    const ports: unknown = isRecord(container) ? container['ports'] : undefined;
    for (const port of Array.isArray(ports) ? ports : [])
      if (isRecord(port) && typeof port['name'] === 'string') names.add(port['name']);
  }
  return names;
}

function dataKeys(object: Json): ReadonlySet<string> {
  return new Set(['data', 'binaryData', 'stringData'].flatMap((part) => Object.keys(object[part] ?? {})));
}

const clusterScoped = (apiVersion: string, kind: string): boolean =>
  kindBases().get(`${apiVersion}.${kind}`)?.scope === 'Cluster';

function servedPort(service: Json, port: unknown): string | undefined {
  const ports = isRecord(service['spec']) ? service['spec']['ports'] : undefined;
  if (!isRecord(port) || Object.keys(port).length !== 1 || !Array.isArray(ports)) return undefined;
  const { name, number } = port;
  const found = ports.some(
    (one: unknown) => isRecord(one) && (name === undefined ? one['port'] === number : one['name'] === name),
  );
  if (!found) return undefined;
  return typeof name === 'string' ? textLiteral(name) : typeof number === 'number' ? String(number) : undefined;
}

export class Handles {
  readonly #named = new Map<string, ImportedObject>();
  readonly #selected = new Map<string, ImportedObject | undefined>();
  readonly #needs = new Map<ImportedObject, Set<ImportedObject>>();

  constructor(objects: readonly ImportedObject[]) {
    for (const object of objects) {
      const { apiVersion, kind } = object.object;
      if (object.builder === undefined || !kindBases().has(`${apiVersion}.${kind}`)) continue;
      const name = metadataText(object.object, 'name');
      if (name !== undefined) {
        const key = this.#key(apiVersion, kind, metadataText(object.object, 'namespace'), name);
        if (!this.#named.has(key)) this.#named.set(key, object);
      }
      const labels = workloads.has(`${apiVersion}.${kind}`) ? podLabels(object.object) : undefined;
      if (!labels || Object.keys(labels).length === 0) continue;
      const key = placed(object.object, 'pods', JSON.stringify(labels));
      // Of two workloads with the same labels neither is the one that was meant.
      this.#selected.set(key, this.#selected.has(key) ? undefined : object);
    }
  }

  #key(apiVersion: string, kind: string, namespace: string | undefined, name: unknown): string {
    return JSON.stringify([kind, clusterScoped(apiVersion, kind) ? null : (namespace ?? null), name]);
  }

  /** What has to be declared before an object. */
  needsOf(object: ImportedObject): ReadonlySet<ImportedObject> {
    return this.#needs.get(object) ?? new Set();
  }

  #reaches(from: ImportedObject, target: ImportedObject, seen: Set<ImportedObject>): boolean {
    if (from === target) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...this.needsOf(from)].some((next) => this.#reaches(next, target, seen));
  }

  /** The target, unless it needs the object itself: of two objects that name each other, one has to do so by text. */
  #linked(from: ImportedObject, target: ImportedObject | undefined): ImportedObject | undefined {
    if (!target || this.#reaches(target, from, new Set())) return undefined;
    const needs = this.#needs.get(from) ?? new Set();
    needs.add(target);
    this.#needs.set(from, needs);
    return target;
  }

  #find(kinds: readonly string[], namespace: string | undefined, name: unknown): ImportedObject | undefined {
    for (const kind of kinds) {
      // Cluster-scoped targets are stored without a namespace.
      const found =
        this.#named.get(JSON.stringify([kind, namespace ?? null, name])) ??
        this.#named.get(JSON.stringify([kind, null, name]));
      const own = found && metadataText(found.object, 'namespace');
      if (found && (clusterScoped(found.object.apiVersion, kind) || own === namespace)) return found;
    }
    return undefined;
  }

  /** The workload whose pods a Service selects. */
  selectedBy(service: ImportedObject): ImportedObject | undefined {
    const { apiVersion, kind, spec } = service.object;
    if (apiVersion !== 'v1' || kind !== 'Service' || service.builder === undefined || !isRecord(spec)) return undefined;
    const { selector, ports } = spec;
    const workload = isRecord(selector)
      ? this.#selected.get(placed(service.object, 'pods', JSON.stringify(selector)))
      : undefined;
    if (!workload) return undefined;
    // By handle, a Service may only name ports that the workload has.
    const names = portNames(workload.object);
    const wanted = Array.isArray(ports)
      ? ports.map((port: unknown) => (isRecord(port) ? port['targetPort'] : undefined))
      : [];
    return wanted.some((port) => typeof port === 'string' && !names.has(port))
      ? undefined
      : this.#linked(service, workload);
  }

  /** The object whose variable may stand for a value: see the table of the builders. */
  referenceAt(
    from: ImportedObject,
    type: string | undefined,
    field: string,
    value: unknown,
    holder: Json,
  ): ImportedObject | undefined {
    if (type === undefined || from.builder === undefined) return undefined;
    const row = referenceFields.find((one) => one.field === field && one.types.includes(type));
    if (!row || row.form === 'labels') return undefined;
    const target = this.#target(from, row, value, holder);
    return target && this.#linked(from, target);
  }

  #target(from: ImportedObject, row: ReferenceField, value: unknown, holder: Json): ImportedObject | undefined {
    const space = metadataText(from.object, 'namespace');
    if (row.form === 'selector') {
      const labels = isRecord(value) && Object.keys(value).length === 1 ? value['matchLabels'] : undefined;
      return isRecord(labels) ? this.#selected.get(placed(from.object, 'pods', JSON.stringify(labels))) : undefined;
    }
    if (row.form === 'namespace-selector') {
      const labels = isRecord(value) && Object.keys(value).length === 1 ? value['matchLabels'] : undefined;
      if (!isRecord(labels) || Object.keys(labels).length !== 1) return undefined;
      return this.#find(row.kinds, undefined, labels['kubernetes.io/metadata.name']);
    }
    if (row.form === 'name') {
      if (typeof value !== 'string') return undefined;
      const other = row.field === 'name' ? holder['namespace'] : undefined;
      const target = this.#find(row.kinds, typeof other === 'string' ? other : space, value);
      return target && this.#fitsBeside(target, holder) ? target : undefined;
    }
    if (!isRecord(value)) return undefined;
    const { kind, name, namespace } = value;
    const kinds = row.form === 'local' ? row.kinds : row.kinds.filter((one) => one === kind);
    const target = this.#find(kinds, row.form === 'subject' && typeof namespace === 'string' ? namespace : space, name);
    return target && deepEqual(value, this.#written(row, target)) ? target : undefined;
  }

  /** What the builder writes for a handle. */
  #written({ form }: ReferenceField, { object }: ImportedObject): Json {
    const { apiVersion, kind } = object;
    const name = metadataText(object, 'name');
    const namespace = metadataText(object, 'namespace');
    if (form === 'local') return { name };
    if (form === 'object') return { apiVersion, kind, name };
    if (form === 'role') return { apiGroup: 'rbac.authorization.k8s.io', kind, name };
    return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
  }

  /** Keys and ports that are said beside the name have to be there. */
  #fitsBeside(target: ImportedObject, { key, port }: Json): boolean {
    if (/^(?:ConfigMap|Secret)$/.test(target.object.kind) && key !== undefined)
      return typeof key === 'string' && dataKeys(target.object).has(key);
    return (
      target.object.kind !== 'Service' ||
      port === undefined ||
      typeof port === 'number' ||
      servedPort(target.object, port) !== undefined
    );
  }

  port(workload: ImportedObject, name: string): string | undefined {
    return portNames(workload.object).has(name) ? `${workload.variable}.port(${textLiteral(name)})` : undefined;
  }

  /** A call of a method in the place of an object, or of some of its members. `key` is the property that holds it. */
  callFor(from: ImportedObject, key: string, value: Json): HandleCall | undefined {
    switch (key) {
      case 'configMap':
      case 'configMapRef':
        return this.#call(from, 'ConfigMap', value['name'], 'name', 'ref');
      case 'secretRef':
        return this.#call(from, 'Secret', value['name'], 'name', 'ref');
      case 'secret':
        return 'secretName' in value
          ? this.#call(from, 'Secret', value['secretName'], 'secretName', 'volume')
          : this.#call(from, 'Secret', value['name'], 'name', 'ref');
      case 'persistentVolumeClaim':
        return this.#call(from, 'PersistentVolumeClaim', value['claimName'], 'claimName', 'volume');
      case 'valueFrom':
        return (
          this.#keyCall(from, 'ConfigMap', 'configMapKeyRef', value) ??
          this.#keyCall(from, 'Secret', 'secretKeyRef', value)
        );
      case 'backend':
      case 'defaultBackend':
        return this.#backendCall(from, value);
      default:
        return undefined;
    }
  }

  #call(from: ImportedObject, kind: string, name: unknown, member: string, method: string): HandleCall | undefined {
    const target = this.#linked(from, this.#find([kind], metadataText(from.object, 'namespace'), name));
    return target && { text: `${target.variable}.${method}()`, members: [member] };
  }

  #keyCall(from: ImportedObject, kind: string, member: string, value: Json): HandleCall | undefined {
    const reference = value[member];
    if (!isRecord(reference) || Object.keys(reference).length !== 2) return undefined;
    const { name, key } = reference;
    const found = this.#find([kind], metadataText(from.object, 'namespace'), name);
    if (!found || typeof key !== 'string' || !dataKeys(found.object).has(key)) return undefined;
    const target = this.#linked(from, found);
    return target && { text: `${target.variable}.key(${textLiteral(key)})`, members: [member] };
  }

  #backendCall(from: ImportedObject, { service, ...rest }: Json): HandleCall | undefined {
    if (from.object.kind !== 'Ingress' || !isRecord(service) || Object.keys(service).length !== 2) return undefined;
    const found = this.#find(['Service'], metadataText(from.object, 'namespace'), service['name']);
    const port = found && servedPort(found.object, service['port']);
    const target = port === undefined || Object.keys(rest).length > 0 ? undefined : this.#linked(from, found);
    return target && { text: `${target.variable}.backend(${port ?? ''})`, members: ['service'] };
  }
}
