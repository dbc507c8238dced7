/** What a group of objects has in common: a namespace, labels. */
import type { KindBase } from '../types/define-kind.ts';
import { kindsText } from '../types/kinds/generated/kinds.gen.ts';
import type { KubeObject } from '../types/meta.ts';
import { isRecord } from '../shared/deep.ts';
import { mapObjects, rebuilt, recordAt } from './rebuilt.ts';
import type { Fields, Objects } from './rebuilt.ts';
import type { Labels } from './workload.ts';

function clusterScoped(): ReadonlySet<string> {
  const kinds: readonly KindBase[] = JSON.parse(kindsText);
  return new Set(kinds.filter(({ scope }) => scope === 'Cluster').map(({ typeName }) => typeName));
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
 * Puts objects into a namespace. Cluster-scoped kinds stay as they are, and so does what names its namespace itself. Of custom
 * resources nobody here knows the scope: they are taken for namespaced, so leave cluster-scoped ones out of the group.
 */
export function namespaced<T extends Objects>(namespace: string, objects: T): T {
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
  /** Also the pods of workloads. Selectors never change: Kubernetes does not let them. */
  readonly pods?: boolean;
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

/** Adds labels to objects; a label that an object has already stays. */
export function labelled<T extends Objects>(labels: Labels, objects: T, options: LabelledOptions = {}): T {
  return mapObjects(objects, (object) => {
    const fields = withLabels({ ...object }, labels);
    const spec = recordAt(fields, 'spec');
    return rebuilt(
      object,
      options.pods === true && spec ? { ...fields, spec: withTemplateLabels(spec, labels) } : fields,
    );
  });
}
