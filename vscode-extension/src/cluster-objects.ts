/** What `kubewright get -o json` prints -> lines of a tree. */

export interface ClusterObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  readonly healthy: boolean;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function podStatus(status: Readonly<Record<string, unknown>>): readonly [string, boolean] {
  const containers = Array.isArray(status['containerStatuses']) ? status['containerStatuses'].map(record) : [];
  const waiting = containers
    .map(({ state }) => text(record(record(state)['waiting'])['reason']))
    .find((reason) => reason !== '');
  const ready = containers.filter(({ ready: is }) => is === true).length;
  const phase = text(status['phase']);
  if (phase === 'Succeeded') return ['Completed', true];
  return [
    `${waiting ?? phase} ${ready}/${containers.length}`,
    waiting === undefined && ready === containers.length && phase === 'Running',
  ];
}

function statusOf(kind: string, object: Readonly<Record<string, unknown>>): readonly [string, boolean] {
  const status = record(object['status']);
  if (kind === 'Pod') return podStatus(status);
  const spec = record(object['spec']);
  if (kind === 'Job')
    return [`${number(status['succeeded'])}/${number(spec['completions']) || 1}`, number(status['failed']) === 0];
  if (typeof spec['replicas'] === 'number') {
    const ready = number(status['readyReplicas']);
    return [`${ready}/${spec['replicas']}`, ready >= spec['replicas']];
  }
  return [text(spec['type']) || text(status['phase']), true];
}

/** @throws SyntaxError for what is no JSON */
export function readObjects(output: string): readonly ClusterObject[] {
  const parsed: unknown = JSON.parse(output);
  const list = record(parsed);
  const items = Array.isArray(list['items']) ? list['items'] : [];
  return items.map((item: unknown) => {
    const object = record(item);
    const kind = text(object['kind']);
    const metadata = record(object['metadata']);
    const [status, healthy] = statusOf(kind, object);
    return { kind, namespace: text(metadata['namespace']), name: text(metadata['name']), status, healthy };
  });
}

export function byKind(objects: readonly ClusterObject[]): ReadonlyMap<string, readonly ClusterObject[]> {
  const groups = new Map<string, ClusterObject[]>();
  for (const object of objects) groups.set(object.kind, [...(groups.get(object.kind) ?? []), object]);
  return groups;
}
