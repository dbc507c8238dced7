/** Prefixes of names, with everything that names the renamed objects. */
import type { Reference } from '../types/define-kind.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import type { Registry } from '../types/registry.ts';
import { isRecord } from '../shared/deep.ts';
import { mapObjects, objectsOf, rebuilt, recordAt } from './rebuilt.ts';
import type { Fields, Objects } from './rebuilt.ts';

/** Others refer to these by more than their names, or their names mean something (as `namePrefix` of kustomize has it). */
const unchanged: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition', 'APIService']);

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

function identity(apiVersion: string, kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([groupOf(apiVersion), kind, namespace ?? null, name]);
}

/** References that are no part of a pod: by name, kind and place. */
function* otherReferences(object: KubeObject): Iterable<Reference> {
  const { namespace } = object.metadata;
  const target = recordAt(object, 'spec', 'scaleTargetRef');
  const { kind, name, apiVersion } = target ?? {};
  if (typeof kind === 'string' && typeof name === 'string')
    yield { path: ['spec', 'scaleTargetRef', 'name'], apiVersion: String(apiVersion ?? ''), kind, namespace, name };
  const serviceName = recordAt(object, 'spec')?.['serviceName'];
  if (object.kind === 'StatefulSet' && typeof serviceName === 'string')
    yield { path: ['spec', 'serviceName'], apiVersion: 'v1', kind: 'Service', namespace, name: serviceName };
  for (const [path, subject] of itemsAt(object, 'subjects')) {
    if (subject['kind'] !== 'ServiceAccount' || typeof subject['name'] !== 'string') continue;
    const own = typeof subject['namespace'] === 'string' ? subject['namespace'] : namespace;
    yield { path: [...path, 'name'], apiVersion: 'v1', kind: 'ServiceAccount', namespace: own, name: subject['name'] };
  }
  for (const [path, tls] of itemsAt(object, 'spec', 'tls')) {
    if (object.kind !== 'Ingress' || typeof tls['secretName'] !== 'string') continue;
    yield { path: [...path, 'secretName'], apiVersion: 'v1', kind: 'Secret', namespace, name: tls['secretName'] };
  }
  for (const [path, hook] of itemsAt(object, 'webhooks')) {
    const service = recordAt(hook, 'clientConfig', 'service');
    if (typeof service?.['name'] !== 'string' || typeof service['namespace'] !== 'string') continue;
    const at = [...path, 'clientConfig', 'service', 'name'];
    yield { path: at, apiVersion: 'v1', kind: 'Service', namespace: service['namespace'], name: service['name'] };
  }
}

function itemsAt(object: KubeObject, ...path: readonly string[]): readonly (readonly [FieldPath, Fields])[] {
  const list = recordAt(object, ...path.slice(0, -1))?.[path.at(-1) ?? ''];
  return (Array.isArray(list) ? list : []).flatMap((item: unknown, index): readonly (readonly [FieldPath, Fields])[] =>
    isRecord(item) ? [[[...path, index], item]] : [],
  );
}

function setAt(value: unknown, [step, ...rest]: FieldPath, text: string): unknown {
  if (step === undefined) return text;
  const key = typeof step === 'object' ? step.key : step;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === key ? setAt(item, rest, text) : item));
  return isRecord(value) ? { ...value, [key]: setAt(value[key], rest, text) } : value;
}

class Renaming {
  readonly #renamed: ReadonlySet<string>;

  constructor(
    readonly prefix: string,
    readonly registry: Registry,
    objects: readonly KubeObject[],
  ) {
    this.#renamed = new Set(
      objects.flatMap(({ apiVersion, kind, metadata: { namespace, name } }) =>
        name === undefined || unchanged.has(kind) ? [] : [identity(apiVersion, kind, namespace, name)],
      ),
    );
  }

  of(object: KubeObject): KubeObject {
    const definition = this.registry.kind(object.apiVersion, object.kind);
    const references = [...(definition?.references?.(object) ?? []), ...otherReferences(object)];
    let fields: unknown = { ...object };
    for (const { path, apiVersion, kind, namespace, name } of references) {
      if (this.#renamed.has(identity(apiVersion, kind, namespace, name)))
        fields = setAt(fields, path, this.prefix + name);
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
export async function prefixed<T extends Objects>(prefix: string, objects: T): Promise<T> {
  const [{ builtInKinds }, { Registry }] = await Promise.all([
    import('../types/kinds/index.ts'),
    import('../types/registry.ts'),
  ]);
  const renaming = new Renaming(prefix, new Registry(builtInKinds), objectsOf(objects));
  return mapObjects(objects, (object) => renaming.of(object));
}
