/** Defaults and rules that every workload's pod template shares. */
import type { IssueSink } from './field-issue.ts';
import type { LabelSelector } from './kinds/generated/meta-v1.gen.ts';
import type { PodTemplateSpec } from './kinds/generated/core-v1.gen.ts';
import type { Draft } from './meta.ts';
import { defaultPodSpec } from './pod/defaults.ts';
import { checkPodAnnotations, checkPodSpec } from './pod/spec.ts';
import { matchesLabelSelector } from './label-selector.ts';
import { isEmptySelector, isUsableSelector } from './validation/label-selector.ts';
import { checkAnnotations, checkLabels } from './validation/metadata.ts';

export function defaultPodTemplate(template: Draft<PodTemplateSpec> | undefined): void {
  if (template?.spec) defaultPodSpec(template.spec);
}

/** Upstream's paths of the labels and annotations leave out `metadata`. */
export function checkPodTemplate(template: PodTemplateSpec | undefined, at: IssueSink): void {
  checkLabels(template?.metadata?.labels, at.at('labels'));
  checkAnnotations(template?.metadata?.annotations, at.at('annotations'));
  checkPodAnnotations(template?.metadata?.annotations, template?.spec, at.at('annotations'));
  checkPodSpec(template?.spec, at.at('spec'));
  if ((template?.spec?.ephemeralContainers ?? []).length > 0) {
    at.at('spec', 'ephemeralContainers').forbidden('ephemeral containers not allowed in pod template');
  }
}

const mismatch = '`selector` does not match template `labels`';

/** A workload selects the pods that it makes. Without a selector none is; an empty one is another complaint. */
export function checkTemplateSelected(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  at: IssueSink,
): void {
  if (selector && (isEmptySelector(selector) || !isUsableSelector(selector))) return;
  const labels = template?.metadata?.labels;
  if (!matchesLabelSelector(selector, labels)) at.at('metadata', 'labels').invalid(labels ?? null, mismatch);
}

/** Templates whose pods run for ever: Deployments and their like. */
export function checkLastingTemplate(template: PodTemplateSpec | undefined, kind: string, at: IssueSink): void {
  const spec = template?.spec;
  const policy: string | undefined = spec?.restartPolicy;
  if (policy !== undefined && policy !== 'Always') at.at('spec', 'restartPolicy').notSupported(policy, ['Always']);
  if (spec?.activeDeadlineSeconds !== undefined) {
    at.at('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${kind} is not Supported`);
  }
}

/** A disk that only one machine may write to cannot serve several pods. */
export function checkSharedDisks(template: PodTemplateSpec | undefined, replicas: number, at: IssueSink): void {
  if (replicas <= 1) return;
  template?.spec?.volumes?.forEach(({ gcePersistentDisk: disk, awsElasticBlockStore: store }, index) => {
    const place = at.at('spec', 'volumes', index);
    const detail = 'must be true for replicated pods > 1;';
    if (disk && disk.readOnly !== true) {
      place
        .at('gcePersistentDisk', 'readOnly')
        .invalid(false, `${detail} GCE PD can only be mounted on multiple machines if it is read-only`);
    }
    if (store) {
      place
        .at('awsElasticBlockStore', 'readOnly')
        .invalid(store.readOnly ?? false, `${detail} AWS EBS can only be mounted on one machine`);
    }
  });
}
