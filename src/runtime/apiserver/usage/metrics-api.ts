/** What is made up when it is asked for: metrics.k8s.io, that is pods and nodes with what they use, and componentstatuses. */
import { formatDuration } from '../../../types/duration.ts';
import { ComponentStatus } from '../../../types/kinds/core/component-status.ts';
import { Node } from '../../../types/kinds/core/node.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { NodeMetrics, PodMetrics } from '../../../types/metrics-kinds.ts';
import type { UsageQuantities } from '../../../types/metrics-kinds.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { canonicalQuantity } from '../../../types/quantity.ts';
import { timestamp } from '../object-lifecycle.ts';
import { objectAnswer } from '../request-context.ts';
import type { Answer, Handler, RequestContext } from '../request-context.ts';
import { selectionOf } from '../selection.ts';
import { ApiError, notFound } from '../status-error.ts';
import type { ListObject } from '../verbs/list.ts';
import type { Measured, Usage, UsageSource } from './usage-source.ts';

interface Measuring {
  /** What there is to measure, there or everywhere; one that cannot be measured yet is left out. */
  all(context: RequestContext, usage: UsageSource): Promise<readonly KubeObject[]>;
}

/** By type name of the kind; of any other that is computed there are no objects. */
const measurings: Readonly<Record<string, Measuring>> = {
  [PodMetrics.typeName]: {
    async all({ parts, info }, usage) {
      const pods = await parts.reader.list(Pod, info.namespace === '' ? undefined : info.namespace);
      const running = pods.filter(({ status }) => status?.phase === 'Running');
      return running.flatMap((pod) => podMetrics(pod, usage) ?? []);
    },
  },
  [NodeMetrics.typeName]: {
    async all({ parts }, usage) {
      return (await parts.reader.list(Node)).flatMap((node) => nodeMetrics(node, usage) ?? []);
    },
  },
};

export const computedVerbs: Readonly<Partial<Record<string, Handler>>> = { get, list };

async function list(context: RequestContext): Promise<Answer> {
  const { kind, request, parts } = context;
  const selection = selectionOf(kind, request.query);
  const answer: ListObject = {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata: { resourceVersion: String(parts.store.revision) },
    items: (await measured(context)).filter((object) => selection.matches(object)),
  };
  return objectAnswer(200, answer);
}

async function get(context: RequestContext): Promise<Answer> {
  const { key, kind } = context;
  const found = (await measured(context)).find(({ metadata }) => metadata.name === key.name);
  if (found) return objectAnswer(200, found);
  if (!(kind.typeName in measurings)) throw notFound(kind, key.name);
  const name = key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
  const resource = kind.kind.toLowerCase();
  const details = { name, group: kind.group, kind: resource };
  throw new ApiError('NotFound', `${resource}.${kind.group} ${JSON.stringify(name)} not found`, details);
}

async function measured(context: RequestContext): Promise<readonly KubeObject[]> {
  const { usage, components } = context.parts;
  if (context.kind.typeName === ComponentStatus.typeName) return components.statuses();
  const measuring = measurings[context.kind.typeName];
  return measuring && usage ? measuring.all(context, usage) : [];
}

function podMetrics(pod: Pod, source: UsageSource): PodMetrics | undefined {
  const found = source.pod(pod);
  if (!found) return undefined;
  return {
    ...head(PodMetrics, pod, found),
    containers: [...found.containers].map(([name, usage]) => ({ name, usage: quantities(usage) })),
  };
}

function nodeMetrics(node: Node, source: UsageSource): NodeMetrics | undefined {
  const found = source.node(node.metadata.name ?? '');
  return found && { ...head(NodeMetrics, node, found), usage: quantities(found.usage) };
}

function head(
  kind: { readonly apiVersion: string; readonly kind: string },
  { metadata: { name, namespace, labels } }: KubeObject,
  { timestamp: at, window }: Measured,
): Pick<PodMetrics, 'apiVersion' | 'kind' | 'metadata' | 'timestamp' | 'window'> {
  return {
    kind: kind.kind,
    apiVersion: kind.apiVersion,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: timestamp(at),
      ...(labels === undefined ? {} : { labels }),
    },
    timestamp: timestamp(at),
    window: formatDuration(window),
  };
}

function quantities({ cpuNanoCores, memoryBytes }: Usage): UsageQuantities {
  return {
    cpu: canonicalQuantity(`${Math.round(cpuNanoCores)}n`),
    memory: canonicalQuantity(`${Math.floor(memoryBytes / 1024)}Ki`),
  };
}
