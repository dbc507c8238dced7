/** The APIServices of what this server serves itself (kube-aggregator, autoregister). Pure. */
import type { APIService } from '../../../types/kinds/apiregistration/api-service.ts';
import type { Registry } from '../../../types/registry.ts';

const automanaged = 'kube-aggregator.kubernetes.io/automanaged';

/** Upstream's order of the groups; those of definitions come after them. */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'admissionregistration.k8s.io': 16_700,
  'apiextensions.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
};

export interface LocalServicesPlan {
  readonly create: readonly APIService[];
  /** Names of those whose group and version is gone. */
  readonly remove: readonly string[];
}

/** What is missing and what is too much. Objects that somebody else made are left alone. */
export function planLocalServices(registry: Registry, existing: readonly APIService[]): LocalServicesPlan {
  const wanted = new Map<string, APIService>();
  for (const { group, version, served, custom } of registry.all()) {
    // The API of APIServices needs none of its own.
    if (!served || group === 'apiregistration.k8s.io') continue;
    const service = serviceOf(group, version, custom === true);
    wanted.set(service.metadata.name ?? '', service);
  }
  const known = new Set(existing.map(({ metadata }) => metadata.name ?? ''));
  return {
    create: [...wanted.values()].filter(({ metadata }) => !known.has(metadata.name ?? '')),
    remove: existing
      .filter(({ metadata }) => metadata.labels?.[automanaged] !== undefined && !wanted.has(metadata.name ?? ''))
      .map(({ metadata }) => metadata.name ?? ''),
  };
}

function serviceOf(group: string, version: string, custom: boolean): APIService {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}`, labels: { [automanaged]: custom ? 'true' : 'onstart' } },
    spec: {
      ...(group === '' ? {} : { group }),
      version,
      groupPriorityMinimum: custom ? 1000 : (groupPriorities[group] ?? 16_000),
      versionPriority: custom ? 100 : /^v(\d+)$/.test(version) ? 15 * Number(version.slice(1)) : 9,
    },
  };
}
