/** What pods of one operating system may not ask for (core validation, validateOS; KEP-2802). */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';

const notOnWindows = {
  spec: ['hostPID', 'hostIPC', 'shareProcessNamespace'],
  pod: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'fsGroup',
    'fsGroupChangePolicy',
    'sysctls',
    'runAsUser',
    'runAsGroup',
    'supplementalGroups',
    'supplementalGroupsPolicy',
  ],
  container: [
    'appArmorProfile',
    'seLinuxOptions',
    'seccompProfile',
    'capabilities',
    'readOnlyRootFilesystem',
    'privileged',
    'allowPrivilegeEscalation',
    'procMount',
    'runAsUser',
    'runAsGroup',
  ],
} as const;

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}

function eachContext(
  spec: core.PodSpec,
  at: IssueSink,
  check: (context: core.SecurityContext, at: IssueSink) => void,
): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[list]?.forEach(({ securityContext }, index) => {
      if (securityContext) check(securityContext, at.at(list, index, 'securityContext'));
    });
  }
}

function checkLinux(spec: core.PodSpec, at: IssueSink): void {
  const detail = 'windows options cannot be set for a linux pod';
  if (spec.securityContext?.windowsOptions) at.at('securityContext', 'windowsOptions').forbidden(detail);
  eachContext(spec, at, (context, place) => {
    if (context.windowsOptions) place.at('windowsOptions').forbidden(detail);
  });
}

function checkWindows(spec: core.PodSpec, at: IssueSink): void {
  const detail = 'cannot be set for a windows pod';
  for (const field of notOnWindows.spec) if (isSet(spec[field])) at.at(field).forbidden(detail);
  if (spec.hostUsers !== undefined) at.at('hostUsers').forbidden(detail);
  for (const field of notOnWindows.pod) {
    if (isSet(spec.securityContext?.[field])) at.at('securityContext', field).forbidden(detail);
  }
  eachContext(spec, at, (context, place) => {
    for (const field of notOnWindows.container) if (context[field] !== undefined) place.at(field).forbidden(detail);
  });
}

/** Containers of a pod are host processes of Windows all together, or none of them; and then they use the host's network. */
function checkHostProcess(spec: core.PodSpec, at: IssueSink): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const asked = containers.map(({ securityContext }) => securityContext?.windowsOptions?.hostProcess ?? ofPod ?? false);
  if (!asked.includes(true)) return;
  if (asked.includes(false)) {
    const text = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    at.at('securityContext', 'windowsOptions', 'hostProcess').invalid('', text);
  }
  if (spec.hostNetwork !== true) {
    const text = 'hostNetwork must be true if pod contains any hostProcess containers';
    at.at('hostNetwork').invalid(spec.hostNetwork ?? false, text);
  }
}

export function checkOperatingSystem(spec: core.PodSpec, at: IssueSink): void {
  if (spec.os?.name === 'linux') checkLinux(spec, at);
  if (spec.os?.name === 'windows') checkWindows(spec, at);
  checkHostProcess(spec, at);
}
