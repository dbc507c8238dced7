/** Looking at objects by trait: what has pods, what has containers, what is of a kind. */
import type { KindDefinition } from '../types/define-kind.ts';
import type { FieldPath, PathSegment } from '../types/field-issue.ts';
import type { PodSpec, PodTemplateSpec, SecurityContext } from '../types/kinds/generated/core-v1.gen.ts';
import { Pod } from '../types/kinds/core/pod.ts';
import type { KubeObject } from '../types/meta.ts';
import type { ContainerList, ContainerView, LintedObject, PodView } from './rule.ts';

/** Kinds that are pods or make them. */
export function hasPods(kind: KindDefinition | undefined): boolean {
  return kind !== undefined && (kind.podTemplate !== undefined || kind.typeName === Pod.typeName);
}

/** Kinds whose pods belong to a controller with a number of replicas. */
export function hasReplicas(kind: KindDefinition | undefined): boolean {
  return kind?.podTemplate !== undefined && kind.scale !== undefined;
}

export function anyKind(): boolean {
  return true;
}

export function isOneOf(...kinds: readonly { readonly group: string; readonly kind: string }[]) {
  return (kind: KindDefinition | undefined): boolean =>
    kind !== undefined && kinds.some((one) => one.kind === kind.kind && one.group === kind.group);
}

function isOf<T extends KubeObject>(kind: KindDefinition<T>, object: KubeObject): object is T {
  return object.kind === kind.kind && object.apiVersion === kind.apiVersion;
}

/** The object with the type of its kind, if it is of that kind. */
export function asKind<T extends KubeObject>(kind: KindDefinition<T>, { object }: LintedObject): T | undefined {
  return isOf(kind, object) ? object : undefined;
}

const templatePlaces: readonly FieldPath[] = [
  ['spec', 'template'],
  ['spec', 'jobTemplate', 'spec', 'template'],
  ['template'],
];

export function valueAt(root: unknown, path: FieldPath): unknown {
  let value = root;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, typeof segment === 'object' ? segment.key : segment);
  }
  return value;
}

const lists: readonly ContainerList[] = ['initContainers', 'containers'];

function viewOf(spec: PodSpec, metadata: PodView['metadata'], path: FieldPath, metadataPath: FieldPath): PodView {
  const containers: ContainerView[] = [];
  const pod = { spec, metadata, path, metadataPath, containers };
  for (const list of lists) {
    (spec[list] ?? []).forEach((container, index) => {
      const lasting = list === 'containers' || container.restartPolicy === 'Always';
      const at = (...rest: PathSegment[]): FieldPath => [...path, list, index, ...rest];
      containers.push({ container, list, pod, lasting, at });
    });
  }
  return pod;
}

/** The pods of an object whose fields have the types of its schema. */
export function podViewOf(object: KubeObject, kind: KindDefinition | undefined): PodView | undefined {
  if (isOf(Pod, object)) {
    const { spec, metadata } = object;
    return spec ? viewOf(spec, metadata, ['spec'], ['metadata']) : undefined;
  }
  const template: PodTemplateSpec | undefined = kind?.podTemplate?.(object);
  if (!template?.spec) return undefined;
  const place = templatePlaces.find((path) => valueAt(object, path) === template) ?? [];
  return viewOf(template.spec, template.metadata, [...place, 'spec'], [...place, 'metadata']);
}

export function containersOf({ pod }: LintedObject): readonly ContainerView[] {
  return pod?.containers ?? [];
}

/** Containers that last, which have probes and serve. */
export function lastingContainersOf(subject: LintedObject): readonly ContainerView[] {
  return containersOf(subject).filter(({ lasting }) => lasting);
}

/** Whether the pods run to an end instead of for ever. */
export function runsToAnEnd({ pod }: LintedObject): boolean {
  const policy = pod?.spec.restartPolicy;
  return policy === 'Never' || policy === 'OnFailure';
}

interface SharedContext {
  readonly runAsUser?: number | undefined;
  readonly runAsGroup?: number | undefined;
  readonly runAsNonRoot?: boolean | undefined;
  readonly seccompProfile?: SecurityContext['seccompProfile'];
}

/** A setting of a container, or else of its pod, and where it stands. */
export function effective<Name extends keyof SharedContext>(
  { container, pod, at }: ContainerView,
  name: Name,
): { readonly value: SharedContext[Name]; readonly path: FieldPath } {
  const own: SharedContext | undefined = container.securityContext;
  const shared: SharedContext | undefined = pod.spec.securityContext;
  const value = own?.[name];
  if (value !== undefined) return { value, path: at('securityContext', name) };
  const path = shared?.[name] === undefined ? at() : [...pod.path, 'securityContext', name];
  return { value: shared?.[name], path };
}

export function isWindows({ pod }: LintedObject): boolean {
  return pod?.spec.os?.name === 'windows';
}

/** `v1.ConfigMap` and `apps/v1.Deployment` by group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
