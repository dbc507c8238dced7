/**
 * What a kustomization changes in the objects of its files: labels, annotations, images and numbers of replicas, as
 * `kustomize build` does (kubectl.docs.kubernetes.io/references/kustomize/kustomization). Names are left alone: references to
 * them are changed with them.
 */
import type { Candidate } from '../compiler/check.ts';
import { isRecord } from '../shared/deep.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Transformation {
  /** On objects, templates and selectors. */
  readonly everywhere: Fields;
  /** On objects and templates. */
  readonly templates: Fields;
  /** On objects only. */
  readonly objects: Fields;
  readonly annotations: Fields;
  readonly images: readonly Fields[];
  readonly replicas: readonly Fields[];
}

function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Undefined where the kustomization changes nothing of the kind. */
export function transformationOf(own: Fields): Transformation | undefined {
  const labels = listOf(own['labels']);
  const pairs = (wanted: (one: Fields) => boolean): Fields =>
    Object.assign({}, ...labels.filter(wanted).map((one) => fieldsOf(one['pairs'])));
  const transformation: Transformation = {
    everywhere: { ...fieldsOf(own['commonLabels']), ...pairs((one) => one['includeSelectors'] === true) },
    templates: pairs((one) => one['includeTemplates'] === true),
    objects: pairs(() => true),
    annotations: fieldsOf(own['commonAnnotations']),
    images: listOf(own['images']),
    replicas: listOf(own['replicas']),
  };
  return Object.values(transformation).some((one) => Object.keys(one).length > 0) ? transformation : undefined;
}

/** The value with something else below the path; without `create` only where the path is there. */
function withAt(value: unknown, path: readonly string[], change: (old: unknown) => unknown, create: boolean): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (!isRecord(value) && !(create && (value === undefined || value === null))) return value;
  const own = fieldsOf(value);
  if (!(step in own) && !create) return value;
  return { ...own, [step]: withAt(own[step], rest, change, create) };
}

const templatesOf: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Deployment: ['spec', 'template'],
  Job: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
};

/** Where kustomize writes labels into selectors, and whether it makes one where there is none. */
const selectorsOf: Readonly<Record<string, readonly (readonly [path: readonly string[], create: boolean])[]>> = {
  DaemonSet: [[['spec', 'selector', 'matchLabels'], true]],
  Deployment: [[['spec', 'selector', 'matchLabels'], true]],
  Job: [[['spec', 'selector', 'matchLabels'], false]],
  NetworkPolicy: [[['spec', 'podSelector', 'matchLabels'], false]],
  PodDisruptionBudget: [[['spec', 'selector', 'matchLabels'], false]],
  ReplicaSet: [[['spec', 'selector', 'matchLabels'], true]],
  ReplicationController: [[['spec', 'selector'], true]],
  Service: [[['spec', 'selector'], true]],
  StatefulSet: [[['spec', 'selector', 'matchLabels'], true]],
};

function withFields(object: unknown, path: readonly string[], added: Fields, create: boolean): unknown {
  if (Object.keys(added).length === 0) return object;
  return withAt(object, path, (old) => ({ ...fieldsOf(old), ...added }), create);
}

function withLabels(object: unknown, kind: string, own: Transformation): unknown {
  const { everywhere, templates, objects, annotations } = own;
  let result = withFields(object, ['metadata', 'labels'], { ...objects, ...everywhere }, true);
  result = withFields(result, ['metadata', 'annotations'], annotations, true);
  const template = templatesOf[kind];
  if (template) {
    result = withFields(result, [...template, 'metadata', 'labels'], { ...templates, ...everywhere }, true);
    result = withFields(result, [...template, 'metadata', 'annotations'], annotations, true);
  }
  for (const [path, create] of selectorsOf[kind] ?? []) result = withFields(result, path, everywhere, create);
  return result;
}

/** `registry.example.com:5000/web` of `registry.example.com:5000/web:1@sha256:...`. */
function nameOfImage(image: string): string {
  const [name = ''] = image.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

function changedImage(image: string, images: readonly Fields[]): string {
  const name = nameOfImage(image);
  const change = images.find((one) => one['name'] === name);
  if (!change) return image;
  const { newName, newTag, digest } = change;
  const base = typeof newName === 'string' ? newName : name;
  if (typeof digest === 'string') return `${base}@${digest}`;
  if (newTag !== undefined) return `${base}:${String(newTag)}`;
  return `${base}${image.slice(name.length)}`;
}

function withImages(object: unknown, kind: string, images: readonly Fields[]): unknown {
  const template = kind === 'Pod' ? [] : templatesOf[kind];
  if (!template || images.length === 0) return object;
  const change = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((container: unknown) => {
          if (!isRecord(container) || typeof container['image'] !== 'string') return container;
          return { ...container, image: changedImage(container['image'], images) };
        })
      : list;
  return ['containers', 'initContainers'].reduce(
    (result, name) => withAt(result, [...template, 'spec', name], change, false),
    object,
  );
}

function withReplicas(object: unknown, candidate: Candidate, replicas: readonly Fields[]): unknown {
  const name = fieldsOf(candidate.metadata)['name'];
  const count = replicas.find((one) => one['name'] === name)?.['count'];
  if (typeof count !== 'number' || !(candidate.kind in templatesOf)) return object;
  return withAt(object, ['spec', 'replicas'], () => count, true);
}

function isSame(value: unknown, like: Candidate): value is Candidate {
  return isRecord(value) && value['kind'] === like.kind;
}

/** The object as the kustomizations leave it, the innermost first. */
export function transformed(candidate: Candidate, transformations: readonly Transformation[]): Candidate {
  let result: unknown = candidate;
  for (const own of transformations) {
    result = withLabels(result, candidate.kind, own);
    result = withImages(result, candidate.kind, own.images);
    result = withReplicas(result, candidate, own.replicas);
  }
  return isSame(result, candidate) ? result : candidate;
}
