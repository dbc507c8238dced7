/** What a pod's spec points at: configuration, secrets, claims, accounts and classes. */
import type { Reference } from '../define-kind.ts';
import type { FieldPath, PathSegment } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';

interface Place {
  readonly path: FieldPath;
  readonly namespace: string | undefined;
}

interface Target {
  readonly kind: string;
  readonly name: string | undefined;
  readonly key?: string | undefined;
  readonly optional?: boolean | undefined;
  readonly apiVersion?: string;
  readonly cluster?: boolean;
}

function* reference(place: Place, target: Target, ...path: PathSegment[]): Iterable<Reference> {
  if (target.name === undefined || target.name === '') return;
  yield {
    path: [...place.path, ...path],
    apiVersion: target.apiVersion ?? 'v1',
    kind: target.kind,
    namespace: target.cluster === true ? undefined : place.namespace,
    name: target.name,
    ...(target.key === undefined ? {} : { key: target.key }),
    ...(target.optional === true ? { optional: true } : {}),
  };
}

function* containerReferences(place: Place, list: string, containers: readonly core.Container[]): Iterable<Reference> {
  for (const [c, container] of containers.entries()) {
    for (const [e, { valueFrom }] of (container.env ?? []).entries()) {
      const at: readonly PathSegment[] = [list, c, 'env', e, 'valueFrom'];
      const map = valueFrom?.configMapKeyRef;
      const secret = valueFrom?.secretKeyRef;
      if (map) yield* reference(place, { kind: 'ConfigMap', ...map, name: map.name }, ...at, 'configMapKeyRef', 'name');
      if (secret)
        yield* reference(place, { kind: 'Secret', ...secret, name: secret.name }, ...at, 'secretKeyRef', 'name');
    }
    for (const [e, { configMapRef: map, secretRef: secret }] of (container.envFrom ?? []).entries()) {
      const at: readonly PathSegment[] = [list, c, 'envFrom', e];
      if (map) yield* reference(place, { kind: 'ConfigMap', ...map, name: map.name }, ...at, 'configMapRef', 'name');
      if (secret) yield* reference(place, { kind: 'Secret', ...secret, name: secret.name }, ...at, 'secretRef', 'name');
    }
  }
}

function* volumeReferences(place: Place, volume: core.Volume, index: number): Iterable<Reference> {
  const { configMap, secret, persistentVolumeClaim: claim, projected } = volume;
  const at: readonly PathSegment[] = ['volumes', index];
  if (configMap) {
    const target = { kind: 'ConfigMap', name: configMap.name, optional: configMap.optional };
    yield* reference(place, target, ...at, 'configMap', 'name');
  }
  if (secret) {
    const target = { kind: 'Secret', name: secret.secretName, optional: secret.optional };
    yield* reference(place, target, ...at, 'secret', 'secretName');
  }
  if (claim) {
    yield* reference(
      place,
      { kind: 'PersistentVolumeClaim', name: claim.claimName },
      ...at,
      'persistentVolumeClaim',
      'claimName',
    );
  }
  for (const [s, source] of (projected?.sources ?? []).entries()) {
    const inner: readonly PathSegment[] = [...at, 'projected', 'sources', s];
    if (source.configMap) {
      const target = { kind: 'ConfigMap', name: source.configMap.name, optional: source.configMap.optional };
      yield* reference(place, target, ...inner, 'configMap', 'name');
    }
    if (source.secret) {
      const target = { kind: 'Secret', name: source.secret.name, optional: source.secret.optional };
      yield* reference(place, target, ...inner, 'secret', 'name');
    }
  }
}

/** `path` is where the spec stands; `namespace` the one of the object that holds it. */
export function* podSpecReferences(
  spec: core.PodSpec | undefined,
  path: FieldPath,
  namespace: string | undefined,
): Iterable<Reference> {
  if (!spec) return;
  const place: Place = { path, namespace };
  yield* containerReferences(place, 'initContainers', spec.initContainers ?? []);
  yield* containerReferences(place, 'containers', spec.containers ?? []);
  for (const [index, volume] of (spec.volumes ?? []).entries()) yield* volumeReferences(place, volume, index);
  // The account named default is made by the cluster.
  if (spec.serviceAccountName !== 'default') {
    yield* reference(place, { kind: 'ServiceAccount', name: spec.serviceAccountName }, 'serviceAccountName');
  }
  for (const [index, secret] of (spec.imagePullSecrets ?? []).entries()) {
    yield* reference(place, { kind: 'Secret', name: secret.name, optional: true }, 'imagePullSecrets', index, 'name');
  }
  if (!(spec.priorityClassName ?? '').startsWith('system-')) {
    const target = {
      kind: 'PriorityClass',
      apiVersion: 'scheduling.k8s.io/v1',
      name: spec.priorityClassName,
      cluster: true,
    };
    yield* reference(place, target, 'priorityClassName');
  }
  const runtime = { kind: 'RuntimeClass', apiVersion: 'node.k8s.io/v1', name: spec.runtimeClassName, cluster: true };
  yield* reference(place, runtime, 'runtimeClassName');
}
