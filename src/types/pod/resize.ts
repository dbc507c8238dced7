/** Containers whose resources change while they run (core validation, ValidatePodResize; KEP-1287). */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import type { Quantity } from '../quantity.ts';
import { qosClass } from './qos.ts';
import { checkPodSpec } from './spec.ts';

type Amounts = { readonly [name: string]: Quantity } | undefined;

const resizable = new Set(['cpu', 'memory']);

const fixedAmounts = (amounts: Amounts): readonly (readonly [string, string])[] =>
  Object.entries(amounts ?? {})
    .filter(([name]) => !resizable.has(name))
    .map(([name, amount]) => [name, String(amount)]);

function checkKept(next: core.Container, previous: core.Container, at: IssueSink): void {
  for (const list of ['requests', 'limits'] as const) {
    const [now, before] = [next.resources?.[list], previous.resources?.[list]];
    const removed = Object.keys(before ?? {}).some((name) => now?.[name] === undefined);
    if (removed) at.at('resources', list).forbidden(`resource ${list} cannot be removed`);
  }
}

function changesMore(next: core.Container, previous: core.Container): boolean {
  const amounts = (['requests', 'limits'] as const).some(
    (list) => !deepEqual(fixedAmounts(next.resources?.[list]), fixedAmounts(previous.resources?.[list])),
  );
  return amounts || !deepEqual(next.resources?.claims, previous.resources?.claims);
}

/** What may change by the subresource: cpu and memory of containers, as long as the class of service stays. */
export function checkPodResize(next: core.Pod, previous: core.Pod, issues: IssueSink): void {
  const at = issues.at('spec');
  checkPodSpec(next.spec, at);
  if (previous.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    issues.at({ key: '' }).forbidden('static pods cannot be resized');
    return;
  }
  const [now, before] = [next.spec, previous.spec];
  if (!now || !before) return;
  const service = qosClass(now);
  if (service !== qosClass(before)) at.invalid(service, 'Pod QOS Class may not change as a result of resizing');
  let more = false;
  for (const list of ['initContainers', 'containers'] as const) {
    before[list]?.forEach((old, index) => {
      const container = now[list]?.[index];
      if (!container) return;
      checkKept(container, old, at.at(list, index));
      more ||= changesMore(container, old);
      if (list === 'initContainers' && old.restartPolicy !== 'Always') {
        more ||= !deepEqual(container.resources, old.resources);
      }
    });
  }
  if (more) at.forbidden('only cpu and memory resources for containers and sidecar containers are mutable');
}
