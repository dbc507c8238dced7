import { deepEqual } from '../../../shared/deep.ts';
import { defineKind } from '../../registry.ts';
import { defaultPodTemplate, checkLastingTemplate } from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { podSpecWarnings } from '../../pod/warnings.ts';
import { checkReplicas, checkReplicasStatus } from '../../validation/replicas.ts';
import { columnsOf, integerColumn, selectorText, workloadColumns } from '../../table.ts';
import { checkLabelSelector, isEmptySelector } from '../../validation/label-selector.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type ReplicaSet = apps_v1.ReplicaSet;

export const ReplicaSet = defineKind<ReplicaSet>('apps/v1', 'ReplicaSet', {
  shortNames: ['rs'],
  categories: ['all'],
  columns: columnsOf<ReplicaSet>(
    [
      integerColumn('Desired', ({ spec }) => spec?.replicas ?? 0),
      integerColumn('Current', ({ status }) => status?.replicas ?? 0),
      integerColumn('Ready', ({ status }) => status?.readyReplicas ?? 0),
    ],
    workloadColumns(
      ({ spec }) => spec?.template,
      ({ spec }) => selectorText(spec?.selector),
    ),
  ),
  selectableFields: [{ path: 'status.replicas', value: ({ status }) => String(status?.replicas ?? 0) }],
  scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', labelSelector: '.spec.selector' },
  validated: true,
  unrealized: unrealizedInPodSpec('spec.template.spec'),
  example: {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] },
      },
    },
  },
  applyDefaults(draft) {
    if (!draft.spec) return;
    draft.spec.replicas ??= 1;
    defaultPodTemplate(draft.spec.template);
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    const selector = spec?.selector;
    if (!selector) at.at('selector').required();
    else {
      checkLabelSelector(selector, at.at('selector'));
      if (isEmptySelector(selector)) at.at('selector').invalid(selector, 'empty selector is invalid for deployment');
    }
    checkReplicas(spec ?? {}, selector, at);
    checkLastingTemplate(spec?.template, 'ReplicaSet', at.at('template'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec?.selector, previous.spec?.selector)) {
      issues.at('spec', 'selector').invalid(next.spec?.selector, 'field is immutable');
    }
  },
  validateStatusUpdate(next, _previous, issues) {
    checkReplicasStatus(next.status ?? {}, issues.at('status'));
  },
  warnings: ({ spec }) => podSpecWarnings(spec?.template?.spec, 'spec.template.spec'),
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace),
});
