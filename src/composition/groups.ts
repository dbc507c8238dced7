/** What a group of objects has in common: a namespace, labels. */
import type { KindBase } from '../types/define-kind.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import { kindsText } from '../types/kinds/generated/kinds.gen.ts';
import type { KubeObject } from '../types/meta.ts';
import { isRecord } from '../shared/deep.ts';
import { requireOptions } from './options.ts';
import { mapObjects, objectsOf, rebuilt, recordAt } from './rebuilt.ts';
import type { Fields, Group } from './rebuilt.ts';
import type { Labels } from './workload.ts';

function kinds(): readonly KindBase[] {
  const all: readonly KindBase[] = JSON.parse(kindsText);
  return all;
}

function clusterScoped(): ReadonlySet<string> {
  return new Set(
    kinds()
      .filter(({ scope }) => scope === 'Cluster')
      .map(({ typeName }) => typeName),
  );
}

/** Accounts are named with their namespace, which is the group's where none is given. */
function withSubjects(object: KubeObject, namespace: string): Fields {
  const subjects: unknown = Reflect.get(object, 'subjects');
  if (!/^(?:Cluster)?RoleBinding$/.test(object.kind) || !Array.isArray(subjects)) return { ...object };
  const complete = subjects.map((subject: unknown) =>
    isRecord(subject) && subject['kind'] === 'ServiceAccount' && subject['namespace'] === undefined
      ? { ...subject, namespace }
      : subject,
  );
  return { ...object, subjects: complete };
}

/**
 * Puts objects into a namespace, by its name or as it was built. Cluster-scoped kinds stay as they are, and so does what names its namespace itself. Of custom
 * resources nobody here knows the scope: they are taken for namespaced, so leave cluster-scoped ones out of the group.
 */
export function namespaced<T extends object>(namespace: string | core_v1.Namespace, objects: Group<T>): T;
export function namespaced(namespace: string | core_v1.Namespace, objects: unknown): unknown {
  const name = typeof namespace === 'string' ? namespace : namespace.metadata.name;
  if (name === undefined) throw new Error('the Namespace of a group needs metadata.name');
  return inNamespace(name, objects);
}

function inNamespace(namespace: string, objects: unknown): unknown {
  const cluster = clusterScoped();
  return mapObjects(objects, (object) => {
    const fields = withSubjects(object, namespace);
    const isCluster = cluster.has(`${object.apiVersion}.${object.kind}`);
    if (isCluster || object.metadata.namespace !== undefined) return rebuilt(object, fields);
    const { name, generateName, ...rest } = object.metadata;
    const metadata = {
      ...(name === undefined ? {} : { name }),
      ...(generateName === undefined ? {} : { generateName }),
      namespace,
      ...rest,
    };
    return rebuilt(object, { ...fields, metadata });
  });
}

export interface LabelledOptions {
  /** Also the pods of workloads. */
  readonly pods?: boolean;
  /**
   * Also the pods, and every selector of the group that finds them: for two copies of a group in one namespace, whose
   * Services would find each other's pods. Kubernetes never lets the selector of a workload change, so what runs already has
   * to be deleted first.
   */
  readonly selectors?: boolean;
}

function withLabels(holder: Fields, labels: Labels): Fields {
  const metadata = recordAt(holder, 'metadata') ?? {};
  return { ...holder, metadata: { ...metadata, labels: { ...labels, ...recordAt(metadata, 'labels') } } };
}

function withTemplateLabels(spec: Fields, labels: Labels): Fields {
  const template = recordAt(spec, 'template');
  if (template) return { ...spec, template: withLabels(template, labels) };
  const jobTemplate = recordAt(spec, 'jobTemplate');
  const inner = recordAt(jobTemplate, 'spec');
  return jobTemplate && inner
    ? { ...spec, jobTemplate: { ...jobTemplate, spec: withTemplateLabels(inner, labels) } }
    : spec;
}

/** Kinds whose `spec.selector` finds pods. */
const selecting: ReadonlySet<string> = new Set([
  'v1.Service',
  'v1.ReplicationController',
  'apps/v1.Deployment',
  'apps/v1.ReplicaSet',
  'apps/v1.StatefulSet',
  'apps/v1.DaemonSet',
  'policy/v1.PodDisruptionBudget',
]);

/** The labels of the pods of a group, as they were before. */
function podsOf(objects: unknown): readonly Fields[] {
  return objectsOf(objects).flatMap((object): readonly Fields[] => {
    const spec = recordAt(object, 'spec');
    const labels =
      object.kind === 'Pod'
        ? recordAt(object, 'metadata', 'labels')
        : (recordAt(spec, 'template', 'metadata', 'labels') ??
          recordAt(spec, 'jobTemplate', 'spec', 'template', 'metadata', 'labels'));
    return labels ? [labels] : [];
  });
}

class Selectors {
  // What a custom resource selects is anybody's guess.
  readonly #builtIn = new Set(kinds().map(({ typeName }) => typeName));

  constructor(
    readonly labels: Labels,
    readonly pods: readonly Fields[],
  ) {}

  /** With the labels that all pods that it finds will have; unchanged where it finds none of the group. */
  #extended(wanted: Fields): Fields {
    const entries = Object.entries(wanted);
    const found = this.pods.filter((pod) => entries.every(([key, value]) => pod[key] === value));
    if (entries.length === 0 || found.length === 0) return wanted;
    const common = Object.entries(this.labels).filter(([key, label]) =>
      found.every((pod) => (pod[key] ?? label) === label),
    );
    return { ...Object.fromEntries(common), ...wanted };
  }

  #selector(value: unknown): unknown {
    if (!isRecord(value)) return value;
    const wanted = recordAt(value, 'matchLabels');
    if (wanted) return { ...value, matchLabels: this.#extended(wanted) };
    return 'matchExpressions' in value ? value : this.#extended(value);
  }

  /** Of affinities, spread constraints and the peers of network policies. */
  #inside(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#inside(item));
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, this.#field(key, child)]));
  }

  #field(key: string, value: unknown): unknown {
    return key === 'labelSelector' || key === 'podSelector' ? this.#selector(value) : this.#inside(value);
  }

  of(object: KubeObject, spec: Fields): Fields {
    const typeName = `${object.apiVersion}.${object.kind}`;
    if (!this.#builtIn.has(typeName)) return spec;
    return Object.fromEntries(
      Object.entries(spec).map(([key, value]) => {
        // Claims select volumes.
        if (key === 'volumeClaimTemplates') return [key, value];
        return [key, key === 'selector' && selecting.has(typeName) ? this.#selector(value) : this.#field(key, value)];
      }),
    );
  }
}

/** Adds labels to objects; a label that an object has already stays. */
export function labelled<T extends object>(labels: Labels, objects: Group<T>, options?: LabelledOptions): T;
export function labelled(labels: Labels, objects: unknown, options: LabelledOptions = {}): unknown {
  requireOptions('labelled', options, { pods: true, selectors: true });
  const selectors = options.selectors === true ? new Selectors(labels, podsOf(objects)) : undefined;
  return mapObjects(objects, (object) => {
    const fields = withLabels({ ...object }, labels);
    const spec = recordAt(fields, 'spec');
    if (!spec || (options.pods !== true && !selectors)) return rebuilt(object, fields);
    const selected = selectors?.of(object, spec) ?? spec;
    return rebuilt(object, { ...fields, spec: withTemplateLabels(selected, labels) });
  });
}
