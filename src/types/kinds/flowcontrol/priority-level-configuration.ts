import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkPriorityLevel, checkUniqueConditions } from '../../validation/flow-control.ts';
import type * as flowcontrol_v1 from '../generated/flowcontrol-v1.gen.ts';

export type PriorityLevelConfiguration = flowcontrol_v1.PriorityLevelConfiguration;

type Queuing = flowcontrol_v1.QueuingConfiguration;

const usualQueuing = { handSize: 8, queues: 64, queueLengthLimit: 50 } as const;

/** A number of the queues, where the level has any. */
const queuingText =
  (name: keyof Queuing) =>
  ({ spec }: PriorityLevelConfiguration): string => {
    const value = spec?.limited?.limitResponse?.queuing?.[name];
    return value === undefined ? '<none>' : String(value);
  };

export const PriorityLevelConfiguration = defineKind<PriorityLevelConfiguration>(
  'flowcontrol.apiserver.k8s.io/v1',
  'PriorityLevelConfiguration',
  {
    columns: columnsOf<PriorityLevelConfiguration>([
      textColumn('Type', ({ spec }) => spec?.type ?? ''),
      textColumn('NominalConcurrencyShares', ({ spec }) =>
        String((spec?.limited ?? spec?.exempt)?.nominalConcurrencyShares ?? '<none>'),
      ),
      textColumn('Queues', queuingText('queues')),
      textColumn('HandSize', queuingText('handSize')),
      textColumn('QueueLengthLimit', queuingText('queueLengthLimit')),
    ]),
    validated: true,
    unrealized: ['spec.limited', 'spec.exempt'],
    example: {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'PriorityLevelConfiguration',
      metadata: { name: 'reports' },
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 10,
          limitResponse: { type: 'Queue', queuing: { queues: 16, handSize: 4 } },
        },
      },
    },
    applyDefaults({ spec }) {
      if (spec?.type === 'Exempt') {
        spec.exempt ??= {};
        spec.exempt.nominalConcurrencyShares ??= 0;
        spec.exempt.lendablePercent ??= 0;
      }
      if (!spec?.limited) return;
      spec.limited.nominalConcurrencyShares ??= 30;
      spec.limited.lendablePercent ??= 0;
      const queuing = spec.limited.limitResponse?.queuing;
      if (!queuing) return;
      // Nought counts as absent here.
      for (const name of ['handSize', 'queues', 'queueLengthLimit'] as const) {
        if ((queuing[name] ?? 0) === 0) queuing[name] = usualQueuing[name];
      }
    },
    validate({ metadata, spec, status }, issues) {
      checkPriorityLevel(metadata.name ?? '', spec, issues.at('spec'));
      checkUniqueConditions(status?.conditions, issues.at('status', 'conditions'));
    },
    validateStatusUpdate({ status }, _previous, issues) {
      checkUniqueConditions(status?.conditions, issues.at('status', 'conditions'));
    },
  },
);
