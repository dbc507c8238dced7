import { deepEqual } from '../../../shared/deep.ts';
import type { IssueSink } from '../../field-issue.ts';
import type { IntOrString } from '../../int-or-string.ts';
import {
  checkLastingTemplate,
  checkPodTemplate,
  checkTemplateSelected,
  defaultPodTemplate,
} from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { podSpecWarnings } from '../../pod/warnings.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, integerColumn, labelsText, selectorText, textColumn, workloadColumns } from '../../table.ts';
import { checkCountOrPercent, checkNonNegative, checkNotOverHundredPercent } from '../../validation/field-checks.ts';
import { checkLabelSelector, isEmptySelector } from '../../validation/label-selector.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type DaemonSet = apps_v1.DaemonSet;

const isZero = (value: IntOrString | undefined): boolean => value === undefined || value === 0 || value === '0%';
const generationKey = 'deprecated.daemonset.template.generation';

function checkStrategy(strategy: apps_v1.DaemonSetUpdateStrategy | undefined, at: IssueSink): void {
  const type: string | undefined = strategy?.type;
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    at.notSupported(strategy, ['RollingUpdate', 'OnDelete']);
    return;
  }
  const rolling = strategy?.rollingUpdate;
  const place = at.at('rollingUpdate');
  if (!rolling) {
    place.required();
    return;
  }
  const unavailable = place.at('maxUnavailable');
  checkCountOrPercent(rolling.maxUnavailable, unavailable);
  checkNotOverHundredPercent(rolling.maxUnavailable, unavailable);
  checkCountOrPercent(rolling.maxSurge, place.at('maxSurge'));
  checkNotOverHundredPercent(rolling.maxSurge, place.at('maxSurge'));
  if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    unavailable.invalid(rolling.maxUnavailable, 'cannot be 0 when maxSurge is 0');
  }
  if (!isZero(rolling.maxUnavailable) && !isZero(rolling.maxSurge)) {
    place.at('maxSurge').invalid(rolling.maxSurge, 'may not be set when maxUnavailable is non-zero');
  }
}

function checkSpec(spec: Partial<apps_v1.DaemonSetSpec>, at: IssueSink): void {
  const { selector } = spec;
  checkLabelSelector(selector, at.at('selector'));
  checkTemplateSelected(selector, spec.template, at.at('template'));
  if (selector && isEmptySelector(selector))
    at.at('selector').invalid(selector, 'empty selector is invalid for daemonset');
  checkPodTemplate(spec.template, at.at('template'));
  checkLastingTemplate(spec.template, 'DaemonSet', at.at('template'));
  checkNonNegative(spec.minReadySeconds, at.at('minReadySeconds'));
  checkStrategy(spec.updateStrategy, at.at('updateStrategy'));
  checkNonNegative(spec.revisionHistoryLimit, at.at('revisionHistoryLimit'));
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
] as const;

export const DaemonSet = defineKind<DaemonSet>('apps/v1', 'DaemonSet', {
  shortNames: ['ds'],
  categories: ['all'],
  columns: columnsOf<DaemonSet>(
    [
      integerColumn('Desired', ({ status }) => status?.desiredNumberScheduled ?? 0),
      integerColumn('Current', ({ status }) => status?.currentNumberScheduled ?? 0),
      integerColumn('Ready', ({ status }) => status?.numberReady ?? 0),
      integerColumn('Up-to-date', ({ status }) => status?.updatedNumberScheduled ?? 0),
      integerColumn('Available', ({ status }) => status?.numberAvailable ?? 0),
      textColumn('Node Selector', ({ spec }) => labelsText(spec?.template?.spec?.nodeSelector)),
    ],
    workloadColumns(
      ({ spec }) => spec?.template,
      ({ spec }) => selectorText(spec?.selector),
    ),
  ),
  validated: true,
  unrealized: unrealizedInPodSpec('spec.template.spec'),
  example: {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { containers: [{ name: 'agent', image: 'busybox:1.37' }] },
      },
    },
  },
  applyDefaults({ spec }) {
    if (!spec) return;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    defaultPodTemplate(spec.template);
  },
  validate({ spec }, issues) {
    checkSpec(spec ?? {}, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec?.selector, previous.spec?.selector)) {
      issues.at('spec', 'selector').invalid(next.spec?.selector, 'field is immutable');
    }
  },
  validateStatusUpdate({ status }, _previous, issues) {
    for (const name of counts) checkNonNegative(status?.[name], issues.at('status', name));
  },
  prepareForCreate(draft) {
    draft.metadata.annotations = { ...draft.metadata.annotations, [generationKey]: '1' };
  },
  prepareForUpdate(draft, previous) {
    // Counts the templates this set has had; pods made from them carry it (apps/v1 keeps it as an annotation).
    const before = Number(previous.metadata.annotations?.[generationKey] ?? '1');
    const changed = !deepEqual(draft.spec?.template, previous.spec?.template);
    draft.metadata.annotations = {
      ...draft.metadata.annotations,
      [generationKey]: String(changed ? before + 1 : before),
    };
  },
  warnings: ({ spec }) => podSpecWarnings(spec?.template?.spec, 'spec.template.spec'),
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace),
});
