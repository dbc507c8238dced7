import { deepEqual } from '../../../shared/deep.ts';
import { serviceQuota } from '../../quota/service-usage.ts';
import type { Draft } from '../../meta.ts';
import { dns1035LabelErrors } from '../../names.ts';
import { defineKind } from '../../registry.ts';
import { columnsOf, labelsText, orNone, textColumn, wideColumn } from '../../table.ts';
import { checkService, checkServiceStatus, isExternal } from '../../validation/service.ts';
import type * as core_v1 from '../generated/core-v1.gen.ts';

export type Service = core_v1.Service;

function ingressText({ status }: Service): string {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '').join(',');
}

function externalText(service: Service): string {
  const { spec } = service;
  const own = (spec?.externalIPs ?? []).join(',');
  if (spec?.type === 'ExternalName') return spec.externalName ?? '';
  if (spec?.type !== 'LoadBalancer') return orNone(own);
  const ingress = ingressText(service);
  if (ingress === '') return own === '' ? '<pending>' : own;
  return own === '' ? ingress : `${ingress},${own}`;
}

function portsText({ spec }: Service): string {
  const ports = (spec?.ports ?? []).map(({ port, nodePort, protocol }) =>
    (nodePort ?? 0) > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return orNone(ports.join(','));
}

/** What the server once gave out stays, unless the new type has no use for it. */
function keepAllocations(spec: Draft<core_v1.ServiceSpec>, before: core_v1.ServiceSpec): void {
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName' && before.clusterIP !== undefined) {
    if (spec.clusterIP === undefined || spec.clusterIP === '') {
      spec.clusterIP = before.clusterIP;
      if (before.clusterIPs) spec.clusterIPs = [...before.clusterIPs];
    } else if (spec.clusterIP === before.clusterIP && !spec.clusterIPs && before.clusterIPs) {
      spec.clusterIPs = [...before.clusterIPs];
    }
    if (!spec.ipFamilies && before.ipFamilies) spec.ipFamilies = [...before.ipFamilies];
    if (before.ipFamilyPolicy !== undefined) spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
  }
  const nodePorts = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (nodePorts) {
    for (const port of spec.ports ?? []) {
      if ((port.nodePort ?? 0) !== 0) continue;
      const same = before.ports?.find((old) => old.port === port.port && old.protocol === port.protocol);
      const taken = same?.nodePort;
      if (taken !== undefined && !(spec.ports ?? []).some((one) => one.nodePort === taken)) port.nodePort = taken;
    }
    if (spec.externalTrafficPolicy === 'Local' && before.healthCheckNodePort !== undefined) {
      spec.healthCheckNodePort ??= before.healthCheckNodePort;
    }
  }
}

/** What only the type before had a use for goes with it, unless it was changed in the same breath (dropTypeDependentFields). */
function dropUnused(spec: Draft<core_v1.ServiceSpec>, before: core_v1.ServiceSpec): void {
  const drop = (field: keyof core_v1.ServiceSpec, uses: (one: core_v1.ServiceSpec) => boolean): void => {
    if (uses(before) && !uses(spec) && deepEqual(spec[field], before[field])) delete spec[field];
  };
  const hasAddress = ({ type }: core_v1.ServiceSpec): boolean => type !== 'ExternalName';
  const balances = ({ type }: core_v1.ServiceSpec): boolean => type === 'LoadBalancer';
  const isChecked = (one: core_v1.ServiceSpec): boolean => balances(one) && one.externalTrafficPolicy === 'Local';
  for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) drop(field, hasAddress);
  drop('healthCheckNodePort', isChecked);
  drop('allocateLoadBalancerNodePorts', balances);
  drop('loadBalancerClass', balances);
  drop('externalTrafficPolicy', isExternal);
  const exposes = ({ type }: core_v1.ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
  const samePorts = deepEqual(
    (spec.ports ?? []).map(({ nodePort }) => nodePort),
    (before.ports ?? []).map(({ nodePort }) => nodePort),
  );
  if (exposes(before) && !exposes(spec) && samePorts) for (const port of spec.ports ?? []) delete port.nodePort;
}

export const Service = defineKind<Service>('v1', 'Service', {
  returnsDeleted: true,
  shortNames: ['svc'],
  categories: ['all'],
  columns: columnsOf<Service>(
    [
      textColumn('Type', ({ spec }) => spec?.type ?? ''),
      textColumn('Cluster-IP', ({ spec }) => orNone(spec?.clusterIPs?.[0] ?? spec?.clusterIP)),
      textColumn('External-IP', externalText),
      textColumn('Port(s)', portsText),
    ],
    [wideColumn('Selector', ({ spec }) => labelsText(spec?.selector))],
  ),
  selectableFields: [
    { path: 'spec.clusterIP', value: ({ spec }) => spec?.clusterIP ?? '' },
    { path: 'spec.type', value: ({ spec }) => spec?.type ?? '' },
  ],
  hasGeneration: false,
  validated: true,
  example: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 80 }] },
  },
  validateName: dns1035LabelErrors,
  applyDefaults({ spec, status }) {
    if (!spec) return;
    if (spec.type === 'LoadBalancer') {
      for (const address of status?.loadBalancer?.ingress ?? []) if (address.ip) address.ipMode ??= 'VIP';
    }
    spec.sessionAffinity ??= 'None';
    if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
    if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
      spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: 10_800 } };
    }
    spec.type ??= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ??= 'TCP';
      if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
    }
    if (isExternal(spec)) spec.externalTrafficPolicy ??= 'Cluster';
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  },
  validate({ spec }, issues) {
    checkService(spec ?? {}, issues.at('spec'));
  },
  validateUpdate(next, previous, issues) {
    const before = previous.spec?.clusterIP ?? '';
    const bothInside = next.spec?.type !== 'ExternalName' && previous.spec?.type !== 'ExternalName';
    if (bothInside && before !== '' && next.spec?.clusterIP !== before) {
      issues.at('spec', 'clusterIPs', 0).invalid(next.spec?.clusterIP ?? '', 'may not change once set');
    }
  },
  validateStatusUpdate(next, _previous, issues) {
    checkServiceStatus(next, issues.at('status'));
  },
  quota: serviceQuota,
  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} };
    if (draft.spec?.clusterIP !== undefined && draft.spec.clusterIP !== '')
      draft.spec.clusterIPs ??= [draft.spec.clusterIP];
  },
  prepareForUpdate(draft, previous) {
    if (!draft.spec || !previous.spec) return;
    keepAllocations(draft.spec, previous.spec);
    dropUnused(draft.spec, previous.spec);
  },
});
