/** Ports and labels of what has pods: the pod itself, a template, or the template of a job. */
import { isRecord } from '../../shared/deep.ts';

/** The pod template of a workload, or the pod itself, as a loose record. */
function podOf(object: object): Record<string, unknown> | undefined {
  const spec: unknown = Reflect.get(object, 'spec');
  if (!isRecord(spec)) return undefined;
  if (isRecord(spec['template'])) return spec['template'];
  const jobTemplate = spec['jobTemplate'];
  if (isRecord(jobTemplate)) return podOf(jobTemplate);
  return Reflect.get(object, 'kind') === 'Pod' ? { metadata: Reflect.get(object, 'metadata'), spec } : undefined;
}

export function declaredPorts(object: object): readonly string[] {
  const spec = podOf(object)?.['spec'];
  if (!isRecord(spec)) return [];
  return [spec['containers'], spec['initContainers']].flatMap((containers) =>
    (Array.isArray(containers) ? containers : []).flatMap((container: unknown) => {
      const ports: unknown = isRecord(container) ? container['ports'] : undefined;
      return (Array.isArray(ports) ? ports : []).flatMap((port: unknown) =>
        isRecord(port) && typeof port['name'] === 'string' ? [port['name']] : [],
      );
    }),
  );
}

/** The labels by which a workload's pods are selected: its selector's matchLabels, else the labels of its template. */
export function podLabelsOf(workload: object): Record<string, unknown> | undefined {
  const spec: unknown = Reflect.get(workload, 'spec');
  const selector = isRecord(spec) ? spec['selector'] : undefined;
  if (isRecord(selector)) {
    const labels = isRecord(selector['matchLabels']) ? selector['matchLabels'] : selector;
    if (Object.values(labels).every((label) => typeof label === 'string')) return labels;
  }
  const metadata = podOf(workload)?.['metadata'];
  const labels = isRecord(metadata) ? metadata['labels'] : undefined;
  return isRecord(labels) ? labels : undefined;
}

/** Selector and template labels are derived from each other; with neither, both are the workload's name. */
export function deriveSelector(
  input: Record<string, unknown>,
  wrap: (labels: object) => object,
): Record<string, unknown> {
  const spec = input['spec'];
  if (!isRecord(spec) || !isRecord(spec['template'])) return input;
  const template = spec['template'];
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  const selector = spec['selector'];
  const labels = metadata['labels'];
  if (selector !== undefined && labels !== undefined) return input;
  const own = isRecord(input['metadata']) ? input['metadata']['name'] : undefined;
  // No labels can be read off expressions.
  if (isRecord(selector) && 'matchExpressions' in selector) return input;
  const selected = isRecord(selector)
    ? isRecord(selector['matchLabels'])
      ? selector['matchLabels']
      : selector
    : undefined;
  const derived = isRecord(labels)
    ? labels
    : (selected ?? (typeof own === 'string' ? { 'app.kubernetes.io/name': own } : undefined));
  if (!derived) return input;
  const fields = Object.entries(spec).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    if (key === 'selector') return selector === undefined ? [] : [[key, value]];
    if (key !== 'template') return [[key, value]];
    const labelled = [key, withLabels(template, labels ?? derived)] as const;
    return selector === undefined ? [['selector', wrap(derived)], labelled] : [labelled];
  });
  return { ...input, spec: Object.fromEntries(fields) };
}

/** Metadata stays where the author has it, and comes first where there was none. */
function withLabels(template: Record<string, unknown>, labels: unknown): Record<string, unknown> {
  const metadata = isRecord(template['metadata']) ? template['metadata'] : {};
  const labelled = { ...metadata, labels };
  return 'metadata' in template ? { ...template, metadata: labelled } : { metadata: labelled, ...template };
}
