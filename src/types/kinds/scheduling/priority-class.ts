import { defineKind } from '../../registry.ts';
import { booleanColumn, columnsOf, integerColumn, textColumn } from '../../table.ts';
import { checkOptionalOneOf } from '../../validation/field-checks.ts';
import type * as scheduling_v1 from '../generated/scheduling-v1.gen.ts';

export type PriorityClass = scheduling_v1.PriorityClass;

const HIGHEST = 1_000_000_000;
/** Made by the cluster itself; their names may begin with `system-`. */
const systemClasses: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
]);

export const PriorityClass = defineKind<PriorityClass>('scheduling.k8s.io/v1', 'PriorityClass', {
  shortNames: ['pc'],
  hasGeneration: true,
  columns: columnsOf<PriorityClass>(
    [
      integerColumn('Value', ({ value }) => value ?? 0),
      booleanColumn('Global-Default', ({ globalDefault }) => globalDefault ?? false),
    ],
    [textColumn('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? '')],
  ),
  validated: true,
  example: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 },
  applyDefaults(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate({ metadata, value, preemptionPolicy }, issues) {
    const name = metadata.name ?? '';
    if (name.startsWith('system-')) {
      if (systemClasses.get(name) !== value) {
        const reserved = "priority class names with 'system-' prefix are reserved for system use only.";
        const why = systemClasses.has(name)
          ? `value of ${name} PriorityClass must be ${systemClasses.get(name)}`
          : `${name} is not a known system priority class`;
        issues.at('metadata', 'name').forbidden(`${reserved} error: ${why}`);
      }
    } else if ((value ?? 0) > HIGHEST) {
      issues.at('value').forbidden(`maximum allowed value of a user defined priority is ${HIGHEST}`);
    }
    checkOptionalOneOf(preemptionPolicy, ['Never', 'PreemptLowerPriority'], issues.at('preemptionPolicy'));
  },
  validateUpdate(next, previous, issues) {
    if (next.value !== previous.value) issues.at('value').forbidden('may not be changed in an update.');
    if (next.preemptionPolicy !== previous.preemptionPolicy) {
      issues.at('preemptionPolicy').invalid(next.preemptionPolicy, 'field is immutable');
    }
  },
});
