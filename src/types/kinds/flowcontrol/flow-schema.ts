import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, orNone, textColumn } from '../../table.ts';
import { checkFlowSchema, checkUniqueConditions } from '../../validation/flow-control.ts';
import type * as flowcontrol_v1 from '../generated/flowcontrol-v1.gen.ts';

export type FlowSchema = flowcontrol_v1.FlowSchema;

export const FlowSchema = defineKind<FlowSchema>('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {
  columns: columnsOf<FlowSchema>(
    [
      textColumn('PriorityLevel', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
      integerColumn('MatchingPrecedence', ({ spec }) => spec?.matchingPrecedence ?? 0),
      textColumn('DistinguisherMethod', ({ spec }) => orNone(spec?.distinguisherMethod?.type)),
    ],
    [
      textColumn(
        'MissingPL',
        ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
      ),
    ],
  ),
  validated: true,
  unrealized: ['spec.distinguisherMethod'],
  example: {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'FlowSchema',
    metadata: { name: 'reports' },
    spec: {
      matchingPrecedence: 1000,
      priorityLevelConfiguration: { name: 'reports' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: 'reports', namespace: 'default' } }],
          resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }],
        },
      ],
    },
  },
  applyDefaults({ spec }) {
    // Nought counts as absent here.
    if (spec && (spec.matchingPrecedence ?? 0) === 0) spec.matchingPrecedence = 1000;
  },
  validate({ metadata, spec, status }, issues) {
    checkFlowSchema(metadata.name ?? '', spec, issues.at('spec'));
    checkUniqueConditions(status?.conditions, issues.at('status', 'conditions'));
  },
  validateStatusUpdate({ status }, _previous, issues) {
    checkUniqueConditions(status?.conditions, issues.at('status', 'conditions'));
  },
  *references({ spec }) {
    const name = spec?.priorityLevelConfiguration?.name;
    const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
    const path = ['spec', 'priorityLevelConfiguration', 'name'];
    if (name) yield { path, apiVersion, kind: 'PriorityLevelConfiguration', namespace: undefined, name };
  },
});
