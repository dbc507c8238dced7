/** What others may want to know of an object. While it stays the same, nothing that is found in others changes. */
import type { PodSpec } from '../types/kinds/generated/core-v1.gen.ts';
import type { LintedObject } from './rule.ts';

function ofPods({ containers, initContainers }: PodSpec): unknown {
  const ports = [...(initContainers ?? []), ...(containers ?? [])].map((one) => [
    one.name,
    one.restartPolicy,
    one.ports,
  ]);
  return ports;
}

/** A text that changes whenever one of the facts does. */
export function factsText(subject: LintedObject): string {
  const { object, namespace, pod } = subject;
  const { apiVersion, kind, metadata } = object;
  const identity = [apiVersion, kind, namespace, metadata.name, metadata.labels];
  if (kind === 'ConfigMap' || kind === 'Secret') {
    const keys = ['data', 'binaryData', 'stringData'].map((field) => Object.keys(Object(Reflect.get(object, field))));
    return JSON.stringify([...identity, keys]);
  }
  if (!pod) return JSON.stringify([...identity, object]);
  const spec: unknown = Reflect.get(object, 'spec');
  const own = Object.entries(Object(spec)).filter(([key]) => key !== 'template' && key !== 'jobTemplate');
  return JSON.stringify([...identity, pod.metadata?.labels, ofPods(pod.spec), pod.path.length > 1 ? own : []]);
}
