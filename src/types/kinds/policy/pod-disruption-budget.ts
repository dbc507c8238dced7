import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, textColumn } from '../../table.ts';
import { checkCountOrPercent, checkNotOverHundredPercent, checkOptionalOneOf } from '../../validation/field-checks.ts';
import { checkLabelSelector } from '../../validation/label-selector.ts';
import type * as policy_v1 from '../generated/policy-v1.gen.ts';

export type PodDisruptionBudget = policy_v1.PodDisruptionBudget;

export const PodDisruptionBudget = defineKind<PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget', {
  shortNames: ['pdb'],
  columns: columnsOf<PodDisruptionBudget>([
    textColumn('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
    textColumn('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
    integerColumn('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
  ]),
  validated: true,
  example: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
  },
  validate({ spec }, issues) {
    const at = issues.at('spec');
    if (spec?.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
      at.invalid(spec, 'minAvailable and maxUnavailable cannot be both set');
    }
    for (const name of ['minAvailable', 'maxUnavailable'] as const) {
      const value = spec?.[name];
      if (value === undefined) continue;
      checkCountOrPercent(value, at.at(name));
      checkNotOverHundredPercent(value, at.at(name));
    }
    checkLabelSelector(spec?.selector, at.at('selector'));
    checkOptionalOneOf(
      spec?.unhealthyPodEvictionPolicy,
      ['AlwaysAllow', 'IfHealthyBudget'],
      at.at('unhealthyPodEvictionPolicy'),
    );
  },
});
