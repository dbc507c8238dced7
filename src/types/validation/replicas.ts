/** Rules that ReplicaSets and ReplicationControllers share. */
import type { IssueSink } from '../field-issue.ts';
import type { PodTemplateSpec } from '../kinds/generated/core-v1.gen.ts';
import type { LabelSelector } from '../kinds/generated/meta-v1.gen.ts';
import { checkPodTemplate, checkSharedDisks, checkTemplateSelected } from '../pod-template.ts';
import { checkNonNegative } from './field-checks.ts';
import { isUsableSelector } from './label-selector.ts';

interface ReplicaSpec {
  readonly replicas?: number | undefined;
  readonly minReadySeconds?: number | undefined;
  readonly template?: PodTemplateSpec | undefined;
}

export function checkReplicas(spec: ReplicaSpec, selector: LabelSelector | undefined, at: IssueSink): void {
  checkNonNegative(spec.replicas, at.at('replicas'));
  checkNonNegative(spec.minReadySeconds, at.at('minReadySeconds'));
  if (selector && !isUsableSelector(selector)) {
    at.at('selector').invalid(selector, 'invalid label selector');
    return;
  }
  checkTemplateSelected(selector, spec.template, at.at('template'));
  checkPodTemplate(spec.template, at.at('template'));
  checkSharedDisks(spec.template, spec.replicas ?? 0, at.at('template'));
}

interface ReplicaStatus {
  readonly replicas?: number | undefined;
  readonly fullyLabeledReplicas?: number | undefined;
  readonly readyReplicas?: number | undefined;
  readonly availableReplicas?: number | undefined;
  readonly observedGeneration?: number | undefined;
}

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

export function checkReplicasStatus(status: ReplicaStatus, at: IssueSink): void {
  for (const name of counts) checkNonNegative(status[name], at.at(name));
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const name of ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const) {
    const count = status[name] ?? 0;
    if (count > replicas) at.at(name).invalid(count, 'cannot be greater than status.replicas');
  }
  if (availableReplicas > readyReplicas) {
    at.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than readyReplicas');
  }
}
