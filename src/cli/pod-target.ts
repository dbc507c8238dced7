/** The pod that words such as `web-1`, `pod/web-1`, `deploy/web` and `service/web` mean. */
import { isRecord } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import { Pod } from '../types/kinds/core/pod.ts';
import { builtInKinds } from '../types/kinds/index.ts';
import type { LabelSelector } from '../types/kinds/generated/meta-v1.gen.ts';
import { labelSelectorText } from '../types/label-selector.ts';
import type { KubeObject, Persisted } from '../types/meta.ts';
import { Registry } from '../types/registry.ts';
import { Exit, usageError } from './command.ts';
import type { Connection } from './connection.ts';

export interface PodTarget {
  readonly pod: Persisted<Pod>;
  /** What was named, where that was not the pod itself. */
  readonly owner: { readonly kind: KindDefinition; readonly object: Persisted } | undefined;
}

/** The server's own validation vouches for what is inside. */
function isLabelSelector(value: Record<string, unknown>): value is LabelSelector & Record<string, unknown> {
  return 'matchLabels' in value || 'matchExpressions' in value;
}

/** The selector of a workload (`matchLabels` ...), or of a Service or ReplicationController (plain labels), as text. */
function selectorOf(object: KubeObject): string {
  const spec: unknown = 'spec' in object ? object.spec : undefined;
  const selector: unknown = isRecord(spec) ? spec['selector'] : undefined;
  if (!isRecord(selector)) return '';
  if (isLabelSelector(selector)) return labelSelectorText(selector);
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

const rank = (pod: Persisted<Pod>): number => {
  if (pod.metadata.deletionTimestamp !== undefined) return 3;
  if (pod.status?.phase !== 'Running') return 2;
  return pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true ? 0 : 1;
};

/** @throws Exit when there is no such object, or no pod behind it */
export async function podTarget(
  connection: Connection,
  word: string,
  namespace: string,
  signal: AbortSignal,
): Promise<PodTarget> {
  const [type, name, ...more] = word.includes('/') ? word.split('/') : ['pod', word];
  if (type === undefined || name === undefined || name === '' || more.length > 0)
    throw usageError(`${word}: expected POD or TYPE/NAME`);
  const [kind] = new Registry(builtInKinds).named(type);
  if (!kind) throw new Exit(1, `there is no resource called ${type}`);
  const { client } = connection.http;
  if (kind.kind === 'Pod') {
    const pod = await client.of(Pod).get({ namespace, name });
    if (!pod) throw new Exit(1, `pods "${name}" not found`);
    return { pod, owner: undefined };
  }
  const object = await client.of(kind).get({ namespace, name });
  if (!object) throw new Exit(1, `${kind.plural} "${name}" not found`);
  const labelSelector = selectorOf(object);
  if (labelSelector === '') throw new Exit(1, `${kind.kind} ${name} selects no pods; name a pod instead`);
  const { items } = await client.of(Pod).list({ namespace, labelSelector }, signal);
  const [pod] = [...items].sort((a, b) => rank(a) - rank(b));
  if (!pod) throw new Exit(1, `${kind.kind} ${name} has no pods yet`);
  return { pod, owner: { kind, object } };
}
