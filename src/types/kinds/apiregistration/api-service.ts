import { defineKind } from '../../registry.ts';
import { findCondition } from '../../conditions.ts';
import { dns1035LabelErrors } from '../../names.ts';
import { columnsOf, textColumn } from '../../table.ts';
import { checkPresent, checkSubdomain, isBlank } from '../../validation/field-checks.ts';
import type { IssueSink } from '../../field-issue.ts';
import type * as apiregistration_v1 from '../generated/apiregistration-v1.gen.ts';

export type APIService = apiregistration_v1.APIService;
type Spec = apiregistration_v1.APIServiceSpec;

function checkService(spec: Spec, at: IssueSink): void {
  const { service, caBundle, insecureSkipTLSVerify } = spec;
  const bytes = Buffer.from(caBundle ?? '', 'base64').length;
  if (!service) {
    if (bytes > 0) at.at('caBundle').invalid(`${bytes} bytes`, 'local APIServices may not have a caBundle');
    if (insecureSkipTLSVerify === true) {
      at.at('insecureSkipTLSVerify').invalid(true, 'local APIServices may not have insecureSkipTLSVerify');
    }
    return;
  }
  checkPresent(service.namespace, at.at('service', 'namespace'));
  checkPresent(service.name, at.at('service', 'name'));
  const port = service.port ?? 443;
  if (port < 1 || port > 65_535) {
    at.at('service', 'port').invalid(port, 'port is not valid: must be between 1 and 65535, inclusive');
  }
  if (insecureSkipTLSVerify === true && bytes > 0) {
    at.at('insecureSkipTLSVerify').invalid(true, 'may not be true if caBundle is present');
  }
}

function checkSpec(spec: Spec, at: IssueSink): void {
  const { group, version } = spec;
  if (isBlank(group)) {
    if (version !== 'v1') at.at('group').required('only v1 may have an empty group and it better be legacy kube');
  } else checkSubdomain(group, at.at('group'));
  const errors = isBlank(version) ? ['must be specified'] : dns1035LabelErrors(version);
  for (const error of errors) at.at('version').invalid(version ?? '', error);
  for (const [name, limit] of [
    ['groupPriorityMinimum', 20_000],
    ['versionPriority', 1000],
  ] as const) {
    const value = spec[name] ?? 0;
    if (value <= 0 || value > limit) at.at(name).invalid(value, `must be positive and less than ${limit}`);
  }
  checkService(spec, at);
}

export const APIService = defineKind<APIService>('apiregistration.k8s.io/v1', 'APIService', {
  categories: ['api-extensions'],
  columns: columnsOf<APIService>([
    textColumn('Service', ({ spec }) =>
      spec?.service ? `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}` : 'Local',
    ),
    textColumn('Available', ({ status }) => {
      const available = findCondition(status?.conditions, 'Available');
      if (!available) return 'Unknown';
      return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
    }),
  ]),
  validated: true,
  example: {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1.metrics.example.com' },
    spec: {
      group: 'metrics.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: 'metrics' },
    },
  },
  applyDefaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  // The name is compared with the group and version below; as such it is free.
  validateName: () => [],
  validate({ metadata, spec }, issues) {
    const required = `${spec?.version ?? ''}.${spec?.group ?? ''}`;
    if (metadata.name !== required) {
      issues.at('metadata', 'name').invalid(metadata.name ?? '', 'must be `spec.version+"."+spec.group`');
    }
    if (spec) checkSpec(spec, issues.at('spec'));
  },
  *references({ spec }) {
    const { name, namespace } = spec?.service ?? {};
    if (name) yield { path: ['spec', 'service', 'name'], apiVersion: 'v1', kind: 'Service', namespace, name };
  },
});
