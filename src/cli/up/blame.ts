/** Which field of an object its failure is about, so that the line of the program can be shown. Pure. */
import { isRecord } from '../../shared/deep.ts';
import type { FieldPath } from '../../types/field-issue.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { PodTrouble } from './pod-trouble.ts';

/** Where kinds keep the spec of their pods. */
const podSpecs: readonly FieldPath[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['spec'],
];

const imageReasons: ReadonlySet<string> = new Set(['InvalidImageName', 'ErrImageNeverPull', 'ImagePullBackOff']);

function valueAt(value: unknown, path: FieldPath): unknown {
  let found = value;
  for (const segment of path)
    found = Array.isArray(found) ? found[Number(segment)] : isRecord(found) ? found[String(segment)] : undefined;
  return found;
}

interface Container {
  readonly path: FieldPath;
  readonly value: Readonly<Record<string, unknown>>;
}

function containersOf(object: KubeObject): readonly Container[] {
  const spec = podSpecs.find(
    (path) => isRecord(valueAt(object, path)) && Array.isArray(valueAt(object, [...path, 'containers'])),
  );
  if (!spec) return [];
  return ['initContainers', 'containers'].flatMap((list) => {
    const containers: unknown = valueAt(object, [...spec, list]);
    if (!Array.isArray(containers)) return [];
    return containers.flatMap((value: unknown, index) =>
      isRecord(value) ? [{ path: [...spec, list, index], value }] : [],
    );
  });
}

/** The field that keeps the pods of an object from running; empty where it is the object as a whole. */
export function blamedField(object: KubeObject, { reason, message, of }: PodTrouble): FieldPath {
  const containers = containersOf(object);
  const named = containers.find(({ value }) => value['name'] === of);
  if (named) return imageReasons.has(reason) ? [...named.path, 'image'] : named.path;
  if (reason !== 'Unschedulable') return [];
  const lacking = /Insufficient ([\w./-]*\w)/.exec(message)?.[1];
  if (lacking !== undefined) {
    const paths = containers.map(({ path }) => [...path, 'resources', 'requests', lacking]);
    return paths.find((path) => valueAt(object, path) !== undefined) ?? [];
  }
  const spec = containers[0]?.path.slice(0, -2);
  if (!spec || !/affinity|selector/.test(message)) return [];
  return (
    ['nodeSelector', 'affinity'].map((field) => [...spec, field]).find((path) => valueAt(object, path) !== undefined) ??
    []
  );
}

/** The first field that a server's answer complains of; empty where it names none. */
export function refusedField(status: unknown): FieldPath {
  const causes = valueAt(status, ['details', 'causes']);
  const first: unknown = Array.isArray(causes) ? causes[0] : undefined;
  const field = isRecord(first) ? first['field'] : undefined;
  if (typeof field !== 'string') return [];
  return [...field.matchAll(/\[(\d+)\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(([, index, key, name]) =>
    index === undefined ? (name ?? { key: key ?? '' }) : Number(index),
  );
}
