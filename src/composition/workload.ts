/** What helpers ask of a workload: its name, the labels of its pods, its ports. */
import { isRecord } from '../shared/deep.ts';
import type * as apps_v1 from '../types/kinds/generated/apps-v1.gen.ts';
import type * as core_v1 from '../types/kinds/generated/core-v1.gen.ts';
import type { ObjectMeta } from '../types/meta.ts';
import { recordAt, titleOf } from './rebuilt.ts';

/** What runs pods that a selector finds. */
export type Workload =
  | apps_v1.Deployment
  | apps_v1.StatefulSet
  | apps_v1.DaemonSet
  | apps_v1.ReplicaSet
  | core_v1.ReplicationController
  | core_v1.Pod;

/** The names of the ports of a workload that a builder made; any text for other objects. */
export type PortOf<W> = W extends { port(name: infer Port extends string): unknown } ? Port : string;

export type Labels = Readonly<Record<string, string>>;

/** @throws Error when the workload has only a generateName, which nothing can refer to */
export function nameOf(workload: Workload): string {
  const { name } = workload.metadata;
  if (name === undefined)
    throw new Error(`the ${workload.kind} needs metadata.name, since another object refers to it`);
  return name;
}

/** Name and namespace for an object that belongs to a workload. */
export function besideOf(workload: Workload, name: string | undefined): ObjectMeta {
  const { namespace } = workload.metadata;
  return { name: name ?? nameOf(workload), ...(namespace === undefined ? {} : { namespace }) };
}

function isLabels(value: unknown): value is Labels {
  return isRecord(value) && Object.values(value).every((label) => typeof label === 'string');
}

/**
 * The labels by which the pods of a workload are found.
 *
 * @throws Error when there are none
 */
export function podLabels(workload: Workload): Labels {
  const selector = recordAt(workload, 'spec', 'selector');
  const candidates = [
    recordAt(selector, 'matchLabels'),
    workload.kind === 'ReplicationController' ? selector : undefined,
    recordAt(workload, 'spec', 'template', 'metadata', 'labels'),
    workload.kind === 'Pod' ? workload.metadata.labels : undefined,
  ];
  const labels = candidates.find((found) => isLabels(found) && Object.keys(found).length > 0);
  if (!isLabels(labels)) throw new Error(`${titleOf(workload)} has no labels by which its pods could be selected`);
  return labels;
}

export interface DeclaredPort {
  readonly name: string | undefined;
  readonly number: number;
  readonly protocol: core_v1.ServicePort['protocol'];
}

/** The ports that the containers declare, in their order. */
export function declaredPorts(workload: Workload): readonly DeclaredPort[] {
  const spec = workload.kind === 'Pod' ? workload.spec : workload.spec?.template?.spec;
  return (spec?.containers ?? []).flatMap(({ ports }) =>
    (ports ?? []).map(({ name, containerPort, protocol }) => ({ name, number: containerPort, protocol })),
  );
}
