/**
 * What besides its apiVersion has to change in an object that moves to another version
 * (kubernetes.io/docs/reference/using-api/deprecation-guide).
 */
import { isRecord } from '../shared/deep.ts';
import type { JsonValue } from '../shared/deep.ts';
import type { TextEdit } from '../lint/diagnostics.ts';
import type { DocumentText, ReadObject, Steps } from '../lint/document.ts';
import { editsOf } from '../lint/fixes.ts';
import type { FieldChange } from '../lint/rule.ts';
import { writeYaml } from '../types/yaml/write.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A whole map that is written anew, or a change of one field. */
type Step = FieldChange | { readonly path: Steps; readonly rewrite: JsonValue };

function fieldsAt(root: unknown, ...path: readonly string[]): Fields {
  const found = path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root);
  return isRecord(found) ? found : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map((item: unknown) => (isRecord(item) ? item : {})) : [];
}

/** Undefined where it is written as it should be already. */
function serviceBackend({ serviceName, servicePort }: Fields): JsonValue | undefined {
  if (typeof serviceName !== 'string') return undefined;
  const port = typeof servicePort === 'number' ? { number: servicePort } : { name: String(servicePort ?? 'http') };
  return { service: { name: serviceName, port } };
}

function ingressSteps(object: Fields): readonly Step[] {
  const spec = fieldsAt(object, 'spec');
  const steps: Step[] = [];
  const outer = isRecord(spec['backend']) ? serviceBackend(spec['backend']) : undefined;
  if (isRecord(spec['backend'])) {
    steps.push({ path: ['spec', 'backend'], rename: 'defaultBackend' });
    if (outer !== undefined) steps.push({ path: ['spec', 'backend'], rewrite: outer });
  }
  listOf(spec['rules']).forEach((rule, index) => {
    listOf(fieldsAt(rule, 'http')['paths']).forEach((one, at) => {
      const path = ['spec', 'rules', index, 'http', 'paths', at];
      const backend = isRecord(one['backend']) ? serviceBackend(one['backend']) : undefined;
      if (backend !== undefined) steps.push({ path: [...path, 'backend'], rewrite: backend });
      // What a path without a type meant before there were types.
      if (one['pathType'] === undefined) steps.push({ path: [...path, 'pathType'], set: 'ImplementationSpecific' });
    });
  });
  return steps;
}

function workloadSteps(object: Fields): readonly Step[] {
  const spec = fieldsAt(object, 'spec');
  const labels = fieldsAt(spec, 'template', 'metadata', 'labels');
  const pairs = Object.entries(labels).map(([key, value]) => [key, String(value)] as const);
  if (isRecord(spec['selector']) || pairs.length === 0) return [];
  // The old versions took them from the template.
  return [{ path: ['spec', 'selector'], set: { matchLabels: Object.fromEntries(pairs) } }];
}

const utilization = { targetAverageUtilization: 'averageUtilization', targetAverageValue: 'averageValue' } as const;

function autoscalerSteps(object: Fields): readonly Step[] {
  return listOf(fieldsAt(object, 'spec')['metrics']).flatMap((metric, index): Step[] => {
    const resource = fieldsAt(metric, 'resource');
    const { name } = resource;
    const old = Object.entries(utilization).find(([field]) => resource[field] !== undefined);
    if (!old || typeof name !== 'string') return [];
    const [field, now] = old;
    const value = resource[field];
    const type = now === 'averageValue' ? 'AverageValue' : 'Utilization';
    const target = { type, [now]: typeof value === 'number' ? value : String(value) };
    return [{ path: ['spec', 'metrics', index, 'resource'], rewrite: { name, target } }];
  });
}

/** THE table, by the kind that moves. */
const migrations: Readonly<Record<string, (object: Fields, to: string) => readonly Step[]>> = {
  Ingress: (object, to) => (to === 'networking.k8s.io/v1' ? ingressSteps(object) : []),
  Deployment: workloadSteps,
  ReplicaSet: workloadSteps,
  DaemonSet: workloadSteps,
  StatefulSet: workloadSteps,
  HorizontalPodAutoscaler: (object, to) => (to === 'autoscaling/v2' ? autoscalerSteps(object) : []),
};

function rewritten(
  path: Steps,
  value: JsonValue,
  { yaml, base }: ReadObject,
  { text, offset }: DocumentText,
): TextEdit | undefined {
  const shape = yaml.shapeOf([...base, ...path]);
  if (shape?.form !== 'map') return undefined;
  const [start] = shape.value;
  if (shape.flow) return { start: start + offset, end: shape.value[1] + offset, newText: JSON.stringify(value) };
  const first = shape.first ?? start;
  const column = first - (text.lastIndexOf('\n', first - 1) + 1);
  const end = text.slice(0, shape.value[1]).trimEnd().length;
  const newText = writeYaml(value)
    .trimEnd()
    .replaceAll('\n', `\n${' '.repeat(column)}`);
  return { start: first + offset, end: end + offset, newText };
}

/** Edits of the file that move the object to a version; undefined where the way it is written does not allow it. */
export function migrationEdits(to: string, read: ReadObject, piece: DocumentText): readonly TextEdit[] | undefined {
  const { candidate } = read;
  const steps: readonly Step[] = [
    { path: ['apiVersion'], set: to },
    ...(Object.hasOwn(migrations, candidate.kind) ? (migrations[candidate.kind]?.(candidate, to) ?? []) : []),
  ];
  const edits: TextEdit[] = [];
  for (const step of steps) {
    const done =
      'rewrite' in step
        ? [rewritten(step.path, step.rewrite, read, piece)]
        : editsOf({ title: '', changes: [step] }, read, piece);
    if (!done || done.some((edit) => edit === undefined)) return undefined;
    for (const edit of done) if (edit) edits.push(edit);
  }
  return merged(edits);
}

/** What is put in where something else is rewritten stands behind it. */
function merged(edits: readonly TextEdit[]): readonly TextEdit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const result: TextEdit[] = [];
  for (const edit of sorted) {
    const last = result.at(-1);
    if (last && edit.start === last.end && edit.end === edit.start)
      result.splice(-1, 1, { ...last, newText: last.newText + edit.newText });
    else result.push(edit);
  }
  return result;
}
