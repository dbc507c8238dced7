import { podQuota } from '../../quota/pod-usage.ts';
import { defineKind } from '../../registry.ts';
import { defaultPod } from '../../pod/defaults.ts';
import { qosClass } from '../../pod/qos.ts';
import { checkEphemeralUpdate } from '../../pod/ephemeral.ts';
import { checkPodResize } from '../../pod/resize.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { checkPodAnnotations, checkPodSpec } from '../../pod/spec.ts';
import { podText, readinessGatesText } from '../../pod/status-text.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { checkPodStatusUpdate, checkPodUpdate } from '../../pod/update.ts';
import { podAnnotationWarnings, podSpecWarnings } from '../../pod/warnings.ts';
import { columnsOf, orNone, textColumn, wideColumn } from '../../table.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Pod = core_v1.Pod;

export const Pod = defineKind<Pod>('v1', 'Pod', {
  terminatesGracefully: true,
  returnsDeleted: true,
  shortNames: ['po'],
  categories: ['all'],
  columns: columnsOf<Pod>(
    [
      textColumn('Ready', (pod, now) => {
        const { ready, total } = podText(pod, now);
        return `${ready}/${total}`;
      }),
      textColumn('Status', (pod, now) => podText(pod, now).status),
      textColumn('Restarts', (pod, now) => podText(pod, now).restarts),
    ],
    [
      wideColumn('IP', (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP)),
      wideColumn('Node', (pod) => orNone(pod.spec?.nodeName)),
      wideColumn('Nominated Node', (pod) => orNone(pod.status?.nominatedNodeName)),
      wideColumn('Readiness Gates', readinessGatesText),
    ],
  ),
  selectableFields: [
    { path: 'spec.nodeName', value: (pod) => pod.spec?.nodeName ?? '' },
    { path: 'spec.restartPolicy', value: (pod) => pod.spec?.restartPolicy ?? '' },
    { path: 'spec.schedulerName', value: (pod) => pod.spec?.schedulerName ?? '' },
    { path: 'spec.serviceAccountName', value: (pod) => pod.spec?.serviceAccountName ?? '' },
    { path: 'spec.hostNetwork', value: (pod) => String(pod.spec?.hostNetwork ?? false) },
    { path: 'status.phase', value: (pod) => pod.status?.phase ?? '' },
    { path: 'status.podIP', value: (pod) => pod.status?.podIP ?? '' },
    { path: 'status.podIPs', value: (pod) => pod.status?.podIPs?.[0]?.ip ?? '' },
    { path: 'status.nominatedNodeName', value: (pod) => pod.status?.nominatedNodeName ?? '' },
  ],
  validated: true,
  unrealized: unrealizedInPodSpec('spec'),
  example: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }] },
  },
  applyDefaults(draft) {
    if (draft.spec) defaultPod(draft.spec);
  },
  validate(pod, issues) {
    checkPodAnnotations(pod.metadata.annotations, pod.spec, issues.at('metadata', 'annotations'));
    checkPodSpec(pod.spec, issues.at('spec'));
    if ((pod.spec?.nodeName ?? '') !== '' && (pod.spec?.schedulingGates ?? []).length > 0) {
      issues.at('spec', 'nodeName').forbidden('cannot be set until all schedulingGates have been cleared');
    }
  },
  validateCreate(pod, issues) {
    if ((pod.spec?.ephemeralContainers ?? []).length > 0) {
      issues.at('spec', 'ephemeralContainers').forbidden('cannot be set on create');
    }
  },
  validateUpdate: checkPodUpdate,
  validateStatusUpdate: checkPodStatusUpdate,
  validateSubresourceUpdate(subresource, pod, previous, issues) {
    if (subresource === 'ephemeralcontainers') checkEphemeralUpdate(pod, previous, issues);
    if (subresource === 'resize') checkPodResize(pod, previous, issues);
  },
  warnings: (pod) => [
    ...podAnnotationWarnings(pod.metadata.annotations, 'metadata.annotations'),
    ...podSpecWarnings(pod.spec, 'spec'),
  ],
  quota: podQuota,
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending', ...(draft.spec ? { qosClass: qosClass(draft.spec) } : {}) };
    if ((draft.spec?.schedulingGates ?? []).length > 0) {
      const message = 'Scheduling is blocked due to non-empty scheduling gates';
      draft.status.conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message }];
    }
  },
  references: (pod) => podSpecReferences(pod.spec, ['spec'], pod.metadata.namespace),
});
