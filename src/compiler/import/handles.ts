/** Where a manifest repeats the name of another object, a person would use that object's handle. */
import { isRecord } from '../../shared/deep.ts';
import { metadataText } from './imported-object.ts';
import type { ImportedObject, Json } from './imported-object.ts';
import { textLiteral } from './literals.ts';

/** A call in the place of some members of an object. */
export interface HandleCall {
  readonly text: string;
  readonly target: ImportedObject;
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
  const { containers } = template;
  for (const container of Array.isArray(containers) ? containers : []) {
    const ports: unknown = isRecord(container) ? container['ports'] : undefined;
    for (const port of Array.isArray(ports) ? ports : [])
      if (isRecord(port) && typeof port['name'] === 'string') names.add(port['name']);
  }
  return names;
}

function dataKeys(object: Json): ReadonlySet<string> {
  return new Set(['data', 'binaryData', 'stringData'].flatMap((part) => Object.keys(object[part] ?? {})));
}

export class Handles {
  readonly #named = new Map<string, ImportedObject>();
  readonly #selected = new Map<string, ImportedObject | undefined>();

  constructor(objects: readonly ImportedObject[]) {
    for (const object of objects) {
      if (object.builder === undefined) continue;
      const name = metadataText(object.object, 'name');
      const { apiVersion, kind } = object.object;
      if (name !== undefined && apiVersion === 'v1' && (kind === 'ConfigMap' || kind === 'Secret')) {
        const key = placed(object.object, kind, name);
        if (!this.#named.has(key)) this.#named.set(key, object);
      }
      const labels = workloads.has(`${apiVersion}.${kind}`) ? podLabels(object.object) : undefined;
      if (!labels || Object.keys(labels).length === 0) continue;
      const key = placed(object.object, 'pods', JSON.stringify(labels));
      // Of two workloads with the same labels neither is the one that was meant.
      this.#selected.set(key, this.#selected.has(key) ? undefined : object);
    }
  }

  /** The workload whose pods a Service selects. */
  selectedBy(service: ImportedObject, selector: Json): ImportedObject | undefined {
    return this.#selected.get(placed(service.object, 'pods', JSON.stringify(selector)));
  }

  port(workload: ImportedObject, name: string): string | undefined {
    return portNames(workload.object).has(name) ? `${workload.variable}.port(${textLiteral(name)})` : undefined;
  }

  /** `key` is the property that holds `value` in `from`. */
  callFor(from: ImportedObject, key: string, value: Json): HandleCall | undefined {
    switch (key) {
      case 'configMap':
      case 'configMapRef':
        return this.#call(from, 'ConfigMap', value['name'], 'name', 'ref');
      case 'secretRef':
      case 'imagePullSecrets':
        return this.#call(from, 'Secret', value['name'], 'name', 'ref');
      case 'secret':
        return 'secretName' in value
          ? this.#call(from, 'Secret', value['secretName'], 'secretName', 'volume')
          : this.#call(from, 'Secret', value['name'], 'name', 'ref');
      case 'valueFrom':
        return (
          this.#keyCall(from, 'ConfigMap', 'configMapKeyRef', value) ??
          this.#keyCall(from, 'Secret', 'secretKeyRef', value)
        );
      default:
        return undefined;
    }
  }

  #find(from: ImportedObject, kind: string, name: unknown): ImportedObject | undefined {
    const target = typeof name === 'string' ? this.#named.get(placed(from.object, kind, name)) : undefined;
    return target === from ? undefined : target;
  }

  #call(from: ImportedObject, kind: string, name: unknown, member: string, method: string): HandleCall | undefined {
    const target = this.#find(from, kind, name);
    return target && { text: `${target.variable}.${method}()`, target, members: [member] };
  }

  #keyCall(from: ImportedObject, kind: string, member: string, value: Json): HandleCall | undefined {
    const reference = value[member];
    if (!isRecord(reference) || Object.keys(reference).length !== 2) return undefined;
    const { name, key } = reference;
    const target = this.#find(from, kind, name);
    if (!target || typeof key !== 'string' || !dataKeys(target.object).has(key)) return undefined;
    return { text: `${target.variable}.key(${textLiteral(key)})`, target, members: [member] };
  }
}
