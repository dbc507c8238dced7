import { defineKind } from '../../registry.ts';
import { checkLastingTemplate, defaultPodTemplate } from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { columnsOf, integerColumn, labelsText, workloadColumns } from '../../table.ts';
import { checkReplicas, checkReplicasStatus } from '../../validation/replicas.ts';
import { checkLabels } from '../../validation/metadata.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type ReplicationController = core_v1.ReplicationController;

export const ReplicationController = defineKind<ReplicationController>('v1', 'ReplicationController', {
  orphansByDefault: true,
  shortNames: ['rc'],
  categories: ['all'],
  columns: columnsOf<ReplicationController>(
    [
      integerColumn('Desired', ({ spec }) => spec?.replicas ?? 0),
      integerColumn('Current', ({ status }) => status?.replicas ?? 0),
      integerColumn('Ready', ({ status }) => status?.readyReplicas ?? 0),
    ],
    workloadColumns(
      ({ spec }) => spec?.template,
      ({ spec }) => labelsText(spec?.selector),
    ),
  ),
  selectableFields: [{ path: 'status.replicas', value: ({ status }) => String(status?.replicas ?? 0) }],
  scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', labelSelector: '.spec.selector' },
  validated: true,
  unrealized: unrealizedInPodSpec('spec.template.spec'),
  example: {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { app: 'web' },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] },
      },
    },
  },
  applyDefaults(draft) {
    const { spec } = draft;
    if (!spec) return;
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (labels) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
      if (Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = { ...labels };
    }
    defaultPodTemplate(spec.template);
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    const selector = spec?.selector ?? {};
    checkLabels(selector, at.at('selector'));
    if (Object.keys(selector).length === 0) at.at('selector').required();
    if (!spec?.template) at.at('template').required();
    else {
      checkReplicas(spec, { matchLabels: selector }, at);
      checkLastingTemplate(spec.template, 'ReplicationController', at.at('template'));
    }
  },
  validateStatusUpdate(next, _previous, issues) {
    checkReplicasStatus(next.status ?? {}, issues.at('status'));
  },
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace),
});
