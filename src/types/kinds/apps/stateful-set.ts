import { deepEqual } from '../../../shared/deep.ts';
import type { IssueSink } from '../../field-issue.ts';
import {
  checkLastingTemplate,
  checkPodTemplate,
  checkTemplateSelected,
  defaultPodTemplate,
} from '../../pod-template.ts';
import { podSpecReferences } from '../../pod/references.ts';
import { unrealizedInPodSpec } from '../../pod/unrealized.ts';
import { dns1123LabelErrors } from '../../names.ts';
import { podSpecWarnings } from '../../pod/warnings.ts';
import type { Reference } from '../../define-kind.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, textColumn, workloadColumns } from '../../table.ts';
import {
  checkCountOrPercent,
  checkNonNegative,
  checkNotOverHundredPercent,
  checkOptionalOneOf,
} from '../../validation/field-checks.ts';
import { checkLabelSelector, isEmptySelector, isUsableSelector } from '../../validation/label-selector.ts';
import { invalidEach } from '../../validation/metadata.ts';
import type * as apps_v1 from '../generated/apps-v1.gen.ts';

export type StatefulSet = apps_v1.StatefulSet;

function checkStrategy(strategy: apps_v1.StatefulSetUpdateStrategy | undefined, at: IssueSink): void {
  const type: string = strategy?.type ?? '';
  const rolling = strategy?.rollingUpdate;
  if (type === '') at.required();
  else if (type === 'OnDelete') {
    if (rolling) at.at('rollingUpdate').invalid(rolling, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type === 'RollingUpdate') {
    if (!rolling) return;
    checkNonNegative(rolling.partition, at.at('rollingUpdate', 'partition'));
    if (rolling.maxUnavailable === undefined) return;
    const place = at.at('rollingUpdate', 'maxUnavailable');
    checkCountOrPercent(rolling.maxUnavailable, place);
    checkNotOverHundredPercent(rolling.maxUnavailable, place);
    if (rolling.maxUnavailable === 0 || rolling.maxUnavailable === '0%')
      place.invalid(rolling.maxUnavailable, 'cannot be 0');
  } else at.invalid(strategy, "must be 'RollingUpdate' or 'OnDelete'");
}

/** The controller adds a volume for every claim template, so containers may mount those. */
function withClaims(
  template: apps_v1.StatefulSetSpec['template'] | undefined,
  volumeClaimTemplates: apps_v1.StatefulSetSpec['volumeClaimTemplates'] = [],
): apps_v1.StatefulSetSpec['template'] | undefined {
  const spec = template?.spec;
  if (!spec || volumeClaimTemplates.length === 0) return template;
  const declared = new Set(spec.volumes?.map(({ name }) => name));
  const claims = volumeClaimTemplates.flatMap(({ metadata }) => {
    const name = metadata?.name;
    return name === undefined || declared.has(name) ? [] : [{ name, persistentVolumeClaim: { claimName: name } }];
  });
  return { ...template, spec: { ...spec, volumes: [...(spec.volumes ?? []), ...claims] } };
}

function checkSpec(spec: Partial<apps_v1.StatefulSetSpec>, at: IssueSink): void {
  const management: string = spec.podManagementPolicy ?? '';
  if (management === '') at.at('podManagementPolicy').required();
  else if (!['OrderedReady', 'Parallel'].includes(management)) {
    at.at('podManagementPolicy').invalid(management, "must be 'OrderedReady' or 'Parallel'");
  }
  checkStrategy(spec.updateStrategy, at.at('updateStrategy'));
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  if (retention) {
    const place = at.at('persistentVolumeClaimRetentionPolicy');
    for (const name of ['whenDeleted', 'whenScaled'] as const) {
      checkOptionalOneOf(retention[name], ['Delete', 'Retain'], place.at(name));
    }
  }
  checkNonNegative(spec.replicas, at.at('replicas'));
  checkNonNegative(spec.minReadySeconds, at.at('minReadySeconds'));
  checkNonNegative(spec.ordinals?.start, at.at('ordinals', 'start'));
  checkNonNegative(spec.revisionHistoryLimit, at.at('revisionHistoryLimit'));
  const { selector } = spec;
  if (!selector) at.at('selector').required();
  else {
    checkLabelSelector(selector, at.at('selector'));
    if (isEmptySelector(selector)) at.at('selector').invalid(selector, 'empty selector is invalid for statefulset');
    if (!isUsableSelector(selector)) {
      at.at('selector').invalid(selector, '');
      return;
    }
  }
  checkTemplateSelected(selector, spec.template, at.at('template'));
  checkPodTemplate(withClaims(spec.template, spec.volumeClaimTemplates), at.at('template'));
  checkLastingTemplate(spec.template, 'StatefulSet', at.at('template'));
}

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;
const counts = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const;

export const StatefulSet = defineKind<StatefulSet>('apps/v1', 'StatefulSet', {
  shortNames: ['sts'],
  categories: ['all'],
  columns: columnsOf<StatefulSet>(
    [textColumn('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`)],
    workloadColumns(({ spec }) => spec?.template),
  ),
  scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', labelSelector: '.spec.selector' },
  validated: true,
  unrealized: unrealizedInPodSpec('spec.template.spec'),
  example: {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'database' },
    spec: {
      serviceName: 'database',
      replicas: 2,
      selector: { matchLabels: { app: 'database' } },
      template: {
        metadata: { labels: { app: 'database' } },
        spec: { containers: [{ name: 'database', image: 'postgres:18' }] },
      },
    },
  },
  applyDefaults({ spec }) {
    if (!spec) return;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    defaultPodTemplate(spec.template);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ??= 'v1';
      claim.kind ??= 'PersistentVolumeClaim';
      if (claim.spec) claim.spec.volumeMode ??= 'Filesystem';
      claim.status = { ...claim.status, phase: claim.status?.phase ?? 'Pending' };
    }
  },
  validate({ spec }, issues) {
    checkSpec(spec ?? {}, issues.at('spec'));
  },
  validateCreate({ spec }, issues) {
    // It becomes the pods' subdomain. Sets from before this rule may keep what they have; nobody can change it.
    const name = spec?.serviceName ?? '';
    if (name !== '') invalidEach(issues.at('spec', 'serviceName'), name, dns1123LabelErrors(name));
  },
  validateUpdate(next, previous, issues) {
    const without = (spec: object | undefined): object => {
      const rest = { ...spec };
      for (const name of mutable) Reflect.deleteProperty(rest, name);
      return rest;
    };
    if (!deepEqual(without(next.spec), without(previous.spec))) {
      const last =
        "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
      issues.at('spec').forbidden(`updates to statefulset spec for fields other than ${last} are forbidden`);
    }
  },
  validateStatusUpdate({ status }, previous, issues) {
    const at = issues.at('status');
    if ((status?.collisionCount ?? 0) < (previous.status?.collisionCount ?? 0)) {
      at.at('collisionCount').invalid(status?.collisionCount, 'cannot be decremented');
    }
    for (const name of counts) checkNonNegative(status?.[name], at.at(name));
    const replicas = status?.replicas ?? 0;
    for (const name of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const) {
      const count = status?.[name] ?? 0;
      if (count > replicas) at.at(name).invalid(count, 'cannot be greater than status.replicas');
    }
    const [available, ready] = [status?.availableReplicas ?? 0, status?.readyReplicas ?? 0];
    if (available > ready) at.at('availableReplicas').invalid(available, 'cannot be greater than status.readyReplicas');
  },
  warnings: ({ spec }) => podSpecWarnings(spec?.template?.spec, 'spec.template.spec'),
  podTemplate: ({ spec }) => spec?.template,
  references: ({ spec, metadata }) => {
    const all = podSpecReferences(spec?.template?.spec, ['spec', 'template', 'spec'], metadata.namespace);
    // The claims that the templates make take the place of volumes of their names.
    const own = new Set(spec?.volumeClaimTemplates?.map((template) => template.metadata?.name));
    const volumes = spec?.template?.spec?.volumes ?? [];
    const isReplaced = ({ kind, path }: Reference): boolean =>
      kind === 'PersistentVolumeClaim' && typeof path[4] === 'number' && own.has(volumes[path[4]]?.name);
    return [...all].filter((reference) => !isReplaced(reference));
  },
});
