import type { IssueSink } from '../../field-issue.ts';
import { defineKind } from '../../registry.ts';
import {
  checkLastingTemplate,
  checkPodTemplate,
  checkSharedDisks,
  checkTemplateSelected,
  defaultPodTemplate,
} from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { podAnnotationWarnings, podSpecWarnings } from '../../pod/warnings.ts';
import { columnsOf, integerColumn, selectorText, textColumn, workloadColumns } from '../../table.ts';
import { checkCountOrPercent, checkNonNegative, checkNotOverHundredPercent } from '../../validation/field-checks.ts';
import { checkLabelSelector, isEmptySelector, isUsableSelector } from '../../validation/label-selector.ts';
import { deepEqual } from '../../../shared/deep.ts';
import { percentOf, type IntOrString } from '../../int-or-string.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type Deployment = apps_v1.Deployment;

function isZeroCount(value: IntOrString | undefined): boolean {
  return value === 0 || (value !== undefined && percentOf(value) === 0);
}

function checkRollingUpdate(rolling: apps_v1.RollingUpdateDeployment, at: IssueSink): void {
  checkCountOrPercent(rolling.maxUnavailable, at.at('maxUnavailable'));
  checkCountOrPercent(rolling.maxSurge, at.at('maxSurge'));
  if (isZeroCount(rolling.maxUnavailable) && isZeroCount(rolling.maxSurge)) {
    at.at('maxUnavailable').invalid(rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0');
  }
  checkNotOverHundredPercent(rolling.maxUnavailable, at.at('maxUnavailable'));
}

function checkStrategy(strategy: apps_v1.DeploymentStrategy | undefined, at: IssueSink): void {
  const type: string | undefined = strategy?.type;
  if (type === 'Recreate') {
    if (strategy?.rollingUpdate) {
      at.at('rollingUpdate').forbidden("may not be specified when strategy `type` is 'Recreate'");
    }
  } else if (type === 'RollingUpdate') {
    if (!strategy?.rollingUpdate) at.at('rollingUpdate').required('this should be defaulted and never be nil');
    else checkRollingUpdate(strategy.rollingUpdate, at.at('rollingUpdate'));
  } else at.notSupported(strategy, ['Recreate', 'RollingUpdate']);
}

function checkSpec(spec: apps_v1.DeploymentSpec | undefined, at: IssueSink): void {
  checkNonNegative(spec?.replicas, at.at('replicas'));
  const selector = spec?.selector;
  if (!selector) at.at('selector').required();
  else {
    checkLabelSelector(selector, at.at('selector'));
    if (isEmptySelector(selector)) at.at('selector').invalid(selector, 'empty selector is invalid for deployment');
    if (!isUsableSelector(selector)) at.at('selector').invalid(selector, 'invalid label selector');
  }
  checkTemplateSelected(selector, spec?.template, at.at('template'));
  checkPodTemplate(spec?.template, at.at('template'));
  checkLastingTemplate(spec?.template, 'ReplicaSet', at.at('template'));
  checkSharedDisks(spec?.template, spec?.replicas ?? 0, at.at('template'));
  checkStrategy(spec?.strategy, at.at('strategy'));
  checkNonNegative(spec?.minReadySeconds, at.at('minReadySeconds'));
  checkNonNegative(spec?.revisionHistoryLimit, at.at('revisionHistoryLimit'));
  const deadline = spec?.progressDeadlineSeconds;
  if (deadline === undefined) return;
  checkNonNegative(deadline, at.at('progressDeadlineSeconds'));
  if (deadline <= (spec?.minReadySeconds ?? 0)) {
    at.at('progressDeadlineSeconds').invalid(deadline, 'must be greater than minReadySeconds');
  }
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'collisionCount',
] as const;

function checkStatus(status: apps_v1.DeploymentStatus | undefined, at: IssueSink): void {
  for (const name of counts) checkNonNegative(status?.[name], at.at(name));
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  const detail = 'cannot be greater than status.replicas';
  if (updatedReplicas > replicas) at.at('updatedReplicas').invalid(updatedReplicas, detail);
  if (readyReplicas > replicas) at.at('readyReplicas').invalid(readyReplicas, detail);
  if (availableReplicas > replicas) at.at('availableReplicas').invalid(availableReplicas, detail);
  if (availableReplicas > readyReplicas) {
    at.at('availableReplicas').invalid(availableReplicas, 'cannot be greater than readyReplicas');
  }
}

export const Deployment = defineKind<Deployment>('apps/v1', 'Deployment', {
  shortNames: ['deploy'],
  categories: ['all'],
  columns: columnsOf<Deployment>(
    [
      textColumn('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`),
      integerColumn('Up-to-date', ({ status }) => status?.updatedReplicas ?? 0),
      integerColumn('Available', ({ status }) => status?.availableReplicas ?? 0),
    ],
    workloadColumns(
      ({ spec }) => spec?.template,
      ({ spec }) => selectorText(spec?.selector),
    ),
  ),
  scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', labelSelector: '.spec.selector' },
  validated: true,
  prepareForUpdate(draft, previous) {
    // Upstream counts changed annotations as a new generation, so that rollouts notice them.
    if (deepEqual(draft.metadata.annotations ?? {}, previous.metadata.annotations ?? {})) return;
    draft.metadata.generation = (previous.metadata.generation ?? 0) + 1;
  },
  unrealized: unrealizedInPodSpec('spec.template.spec'),
  example: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }] },
      },
    },
  },
  applyDefaults(draft) {
    const { spec } = draft;
    if (!spec) return;
    spec.replicas ??= 1;
    defaultPodTemplate(spec.template);
    spec.strategy ??= {};
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {};
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
      spec.strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
  },
  validate(deployment, issues) {
    checkSpec(deployment.spec, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    if (!deepEqual(next.spec?.selector, previous.spec?.selector)) {
      issues.at('spec', 'selector').invalid(next.spec?.selector, 'field is immutable');
    }
  },
  validateStatusUpdate(next, previous, issues) {
    const at = issues.at('status');
    checkStatus(next.status, at);
    const collisions = next.status?.collisionCount;
    if ((previous.status?.collisionCount ?? 0) > (collisions ?? 0)) {
      at.at('collisionCount').invalid(collisions, 'cannot be decremented');
    }
  },
  warnings: ({ spec }) => [
    ...podAnnotationWarnings(spec?.template?.metadata?.annotations, 'spec.template.metadata.annotations'),
    ...podSpecWarnings(spec?.template?.spec, 'spec.template.spec'),
  ],
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) =>
    podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace),
});
