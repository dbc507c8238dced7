/** What pods and nodes use (metrics.k8s.io), as metrics-server serves it: made up on request, never stored. */
import type { KindDefinition } from './define-kind.ts';
import type { KubeObject } from './meta.ts';
import { addQuantities } from './quantity.ts';
import type { ObjectSchema, Schema } from './schema.ts';
import { nameColumn, textColumn } from './table.ts';

export const metricsApiVersion = 'metrics.k8s.io/v1beta1';

/** Quantities by resource: `cpu` in cores over the window, `memory` in bytes. */
export type UsageQuantities = Readonly<Record<string, string>>;

export interface PodMetrics extends KubeObject {
  /** RFC 3339; the window ends there. */
  readonly timestamp: string;
  /** Go duration. */
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: UsageQuantities }[];
}

export interface NodeMetrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly usage: UsageQuantities;
}

const usage: Schema = { type: 'map', items: { type: 'quantity' }, description: 'The usage by resource.' };
const timed: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'ref', ref: 'meta/v1.ObjectMeta' },
  timestamp: { type: 'time', description: 'When the window of the usage ends.' },
  window: { type: 'duration', description: 'How long the usage was measured.' },
};
const podSchema: ObjectSchema = {
  type: 'object',
  properties: {
    ...timed,
    containers: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, usage }, required: ['name', 'usage'] },
    },
  },
  required: ['timestamp', 'window', 'containers'],
};
const nodeSchema: ObjectSchema = {
  type: 'object',
  properties: { ...timed, usage },
  required: ['timestamp', 'window', 'usage'],
};

const common = {
  apiVersion: metricsApiVersion,
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  subresources: [],
  served: true,
  virtual: false,
  computed: true,
  custom: true,
  validated: true,
} as const;

export const PodMetrics: KindDefinition<PodMetrics> = {
  ...common,
  kind: 'PodMetrics',
  plural: 'pods',
  singular: '',
  scope: 'Namespaced',
  typeName: `${metricsApiVersion}.PodMetrics`,
  schema: podSchema,
  columns: [
    nameColumn,
    textColumn('CPU', ({ containers }) => sum(containers, 'cpu')),
    textColumn('Memory', ({ containers }) => sum(containers, 'memory')),
    textColumn('Window', ({ window }) => window),
  ],
};

export const NodeMetrics: KindDefinition<NodeMetrics> = {
  ...common,
  kind: 'NodeMetrics',
  plural: 'nodes',
  singular: '',
  scope: 'Cluster',
  typeName: `${metricsApiVersion}.NodeMetrics`,
  schema: nodeSchema,
  columns: [
    nameColumn,
    textColumn('CPU', (node) => node.usage['cpu'] ?? '0'),
    textColumn('Memory', (node) => node.usage['memory'] ?? '0'),
    textColumn('Window', ({ window }) => window),
  ],
};

function sum(containers: PodMetrics['containers'], resource: string): string {
  return containers.reduce((total, container) => addQuantities(total, container.usage[resource] ?? '0'), '0');
}
