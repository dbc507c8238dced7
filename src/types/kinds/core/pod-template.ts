import { defineKind } from '../../registry.ts';
import { checkPodTemplate, defaultPodTemplate } from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { labelsText, nameColumn, textColumn } from '../../table.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type PodTemplate = core_v1.PodTemplate;

export const PodTemplate = defineKind<PodTemplate>('v1', 'PodTemplate', {
  returnsDeleted: true,
  columns: [
    nameColumn,
    textColumn('Containers', ({ template }) => (template?.spec?.containers ?? []).map(({ name }) => name).join(',')),
    textColumn('Images', ({ template }) =>
      (template?.spec?.containers ?? []).map(({ image }) => image ?? '').join(','),
    ),
    textColumn('Pod Labels', ({ template }) => labelsText(template?.metadata?.labels)),
  ],
  validated: true,
  unrealized: unrealizedInPodSpec('template.spec'),
  example: {
    apiVersion: 'v1',
    kind: 'PodTemplate',
    metadata: { name: 'web' },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.29' }] } },
  },
  applyDefaults(draft) {
    defaultPodTemplate(draft.template);
  },
  validate({ template }, issues) {
    checkPodTemplate(template, issues.at('template'));
  },
  podTemplate: ({ template }) => template,
  references: ({ template, metadata }) => podSpecReferences(template?.spec, ['template', 'spec'], metadata.namespace),
});
