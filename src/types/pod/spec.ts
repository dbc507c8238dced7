/** Rules of a pod's spec, wherever it stands: in a pod or in the template of a workload (core validation, ValidatePodSpec). */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123LabelErrors, dns1123SubdomainWithUnderscoreErrors, qualifiedNameErrors } from '../names.ts';
import {
  checkIP,
  checkOneOf,
  checkOptionalOneOf,
  checkRange,
  checkSubdomain,
  isBlank,
  MAX_INT32,
} from '../validation/field-checks.ts';
import { checkLabels, invalidEach } from '../validation/metadata.ts';
import { checkAffinity } from './affinity.ts';
import { checkContainers, checkEphemeralContainers, checkInitContainers, type ContainerContext } from './containers.ts';
import { checkOperatingSystem } from './operating-system.ts';
import { checkAmount, checkContainerResourceName, checkResources } from './resources.ts';
import { checkSchedulingGates, checkTolerations, checkTopologySpread } from './scheduling.ts';
import { checkPodSecurityContext } from './security-context.ts';
import { checkVolumes } from './volumes.ts';

const dnsPolicies = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];

function checkSearches(searches: readonly string[], at: IssueSink): void {
  if (searches.length > 32) at.invalid(searches, 'must not have more than 32 search paths');
  if (searches.join(' ').length > 2048) {
    at.invalid(searches, 'must not have more than 2048 characters (including spaces) in the search list');
  }
  searches.forEach((search, index) => {
    if (search === '.') return;
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    invalidEach(at.at(index), name, dns1123SubdomainWithUnderscoreErrors(name));
  });
}

function checkDNS(spec: core.PodSpec, at: IssueSink): void {
  const config = spec.dnsConfig;
  const nameservers = config?.nameservers ?? [];
  const place = at.at('dnsConfig');
  if (spec.dnsPolicy === 'None' && nameservers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    if (config) place.at('nameservers').required(detail);
    else place.required('must provide `dnsConfig` when `dnsPolicy` is None');
  }
  if (!config) return;
  if (nameservers.length > 3) place.at('nameservers').invalid(nameservers, 'must not have more than 3 nameservers');
  nameservers.forEach((address, index) => checkIP(address, place.at('nameservers', index)));
  if (config.searches) checkSearches(config.searches, place.at('searches'));
  config.options?.forEach((option, index) => {
    if (isBlank(option.name)) place.at('options', index).required('must not be empty');
  });
}

/** Answers the names that containers may claim. */
function checkResourceClaims(spec: core.PodSpec, at: IssueSink): ReadonlySet<string> {
  const names = new Set<string>();
  spec.resourceClaims?.forEach((claim, index) => {
    const place = at.at('resourceClaims', index);
    if (isBlank(claim.name)) place.at('name').required();
    else {
      if (names.has(claim.name)) place.at('name').duplicate(claim.name);
      else invalidEach(place.at('name'), claim.name, dns1123LabelErrors(claim.name));
      names.add(claim.name);
    }
    if (claim.resourceClaimName !== undefined && claim.resourceClaimTemplateName !== undefined) {
      place.invalid(claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified');
    }
    if (claim.resourceClaimName === undefined && claim.resourceClaimTemplateName === undefined) {
      place.invalid(claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`');
    }
  });
  return names;
}

function checkNames(spec: core.PodSpec, at: IssueSink): void {
  if (!isBlank(spec.serviceAccountName)) checkSubdomain(spec.serviceAccountName, at.at('serviceAccountName'));
  if (!isBlank(spec.nodeName)) checkSubdomain(spec.nodeName, at.at('nodeName'));
  checkRange(spec.activeDeadlineSeconds, 1, MAX_INT32, at.at('activeDeadlineSeconds'));
  for (const field of ['hostname', 'subdomain'] as const) {
    const value = spec[field];
    if (!isBlank(value)) invalidEach(at.at(field), value, dns1123LabelErrors(value));
  }
}

function checkHostAliases(aliases: readonly core.HostAlias[] | undefined, at: IssueSink): void {
  for (const alias of aliases ?? []) {
    checkIP(alias.ip, at.at('ip'));
    for (const name of alias.hostnames ?? []) checkSubdomain(name, at.at('hostnames'));
  }
}

function checkRest(spec: core.PodSpec, at: IssueSink): void {
  checkTolerations(spec.tolerations, at.at('tolerations'));
  checkHostAliases(spec.hostAliases, at.at('hostAliases'));
  if (!isBlank(spec.priorityClassName)) checkSubdomain(spec.priorityClassName, at.at('priorityClassName'));
  if (spec.runtimeClassName !== undefined) checkSubdomain(spec.runtimeClassName, at.at('runtimeClassName'));
  checkOptionalOneOf(spec.preemptionPolicy, ['Never', 'PreemptLowerPriority'], at.at('preemptionPolicy'));
  for (const name in spec.overhead) {
    const place = at.at('overhead', { key: name });
    checkContainerResourceName(name, place);
    checkAmount(name, spec.overhead[name] ?? 0, place);
  }
  checkResources(spec.resources, at.at('resources'));
  if (spec.os) checkOneOf(spec.os.name, ['linux', 'windows'], at.at('os', 'name'));
  checkOperatingSystem(spec, at);
  if (spec.hostUsers === false) {
    if (spec.hostNetwork === true) at.at('hostNetwork').forbidden('when `hostUsers` is false');
    if (spec.hostPID === true) at.at('hostPID').forbidden('when `hostUsers` is false');
    if (spec.hostIPC === true) at.at('hostIPC').forbidden('when `hostUsers` is false');
  }
}

export function checkPodSpec(spec: core.PodSpec | undefined, at: IssueSink): void {
  if (!spec) {
    at.at('containers').required();
    return;
  }
  const claims = checkResourceClaims(spec, at);
  const context: ContainerContext = {
    claims,
    volumes: checkVolumes(spec.volumes, at.at('volumes')),
    hostNetwork: spec.hostNetwork === true,
    gracePeriod: spec.terminationGracePeriodSeconds ?? 30,
  };
  const names = checkContainers(spec.containers, context, at.at('containers'));
  checkInitContainers(spec.initContainers, names, context, at.at('initContainers'));
  checkEphemeralContainers(spec.ephemeralContainers, names, context, at.at('ephemeralContainers'));
  checkOneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], at.at('restartPolicy'));
  checkOneOf(spec.dnsPolicy, dnsPolicies, at.at('dnsPolicy'));
  checkLabels(spec.nodeSelector, at.at('nodeSelector'));
  checkPodSecurityContext(spec, at);
  checkAffinity(spec.affinity, at.at('affinity'));
  checkDNS(spec, at);
  spec.readinessGates?.forEach((gate, index) => {
    const type = gate.conditionType ?? '';
    invalidEach(at.at('readinessGates', index, 'conditionType'), type, qualifiedNameErrors(type));
  });
  checkSchedulingGates(spec.schedulingGates, at.at('schedulingGates'));
  checkTopologySpread(spec.topologySpreadConstraints, at.at('topologySpreadConstraints'));
  checkNames(spec, at);
  checkRest(spec, at);
}

const profileAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

/** Annotations that are still read as fields (core validation, ValidatePodSpecificAnnotations). */
export function checkPodAnnotations(
  annotations: { readonly [key: string]: string } | undefined,
  spec: core.PodSpec | undefined,
  at: IssueSink,
): void {
  for (const key in annotations) {
    if (!key.startsWith(profileAnnotation)) continue;
    const container = key.slice(profileAnnotation.length);
    const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
    if (!all.some(({ name }) => name === container)) at.at({ key }).invalid(container, 'container not found');
    const profile = annotations[key] ?? '';
    if (
      profile !== '' &&
      profile !== 'runtime/default' &&
      profile !== 'unconfined' &&
      !profile.startsWith('localhost/')
    ) {
      at.at({ key }).invalid(profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
    }
  }
  const tolerations = annotations?.['scheduler.alpha.kubernetes.io/tolerations'] ?? '';
  if (tolerations !== '' && !tolerations.trimStart().startsWith('[')) {
    at.invalid('scheduler.alpha.kubernetes.io/tolerations', 'unexpected end of JSON input');
  }
}
