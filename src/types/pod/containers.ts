/** Rules of containers, init containers and ephemeral containers. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123LabelErrors, portNameErrors } from '../names.ts';
import { checkOneOf, checkOptionalOneOf, checkPortNumber, checkPresent, isBlank } from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';
import { checkEnvironment, checkEnvironmentSources } from './environment.ts';
import { checkLifecycle, checkProbes } from './probes.ts';
import { checkResizePolicies, checkResources } from './resources.ts';
import { checkSecurityContext } from './security-context.ts';
import { checkVolumeDevices, checkVolumeMounts } from './volume-mounts.ts';

export interface ContainerContext {
  readonly volumes: ReadonlyMap<string, core.Volume>;
  readonly hostNetwork: boolean;
  readonly gracePeriod: number;
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>;
}

const protocols = ['SCTP', 'TCP', 'UDP'];

function checkPorts(ports: readonly core.ContainerPort[] | undefined, hostNetwork: boolean, at: IssueSink): void {
  const names = new Set<string>();
  ports?.forEach((port, index) => {
    const place = at.at(index);
    if (!isBlank(port.name)) {
      const errors = portNameErrors(port.name);
      invalidEach(place.at('name'), port.name, errors);
      if (errors.length === 0) {
        if (names.has(port.name)) place.at('name').duplicate(port.name);
        names.add(port.name);
      }
    }
    if ((port.containerPort ?? 0) === 0) place.at('containerPort').required();
    else checkPortNumber(port.containerPort, place.at('containerPort'));
    if ((port.hostPort ?? 0) !== 0) checkPortNumber(port.hostPort, place.at('hostPort'));
    checkOneOf(port.protocol, protocols, place.at('protocol'));
    if (hostNetwork && port.hostPort !== port.containerPort) {
      place.at('containerPort').invalid(port.containerPort, 'must match `hostPort` when `hostNetwork` is true');
    }
  });
}

/** Rules that hold for every container, of which kind it may be. */
function checkCommon(
  container: core.Container | core.EphemeralContainer,
  context: ContainerContext,
  at: IssueSink,
): void {
  if (checkPresent(container.name, at.at('name'))) {
    invalidEach(at.at('name'), container.name, dns1123LabelErrors(container.name));
  }
  checkImage(container.image, at.at('image'));
  const policy = container.terminationMessagePolicy;
  if (isBlank(policy)) at.at('terminationMessagePolicy').required();
  else if (!['File', 'FallbackToLogsOnError'].includes(policy)) {
    at.at('terminationMessagePolicy').invalid(policy, "must be 'File' or 'FallbackToLogsOnError'");
  }
  checkPorts(container.ports, context.hostNetwork, at.at('ports'));
  checkEnvironment(container.env, at.at('env'));
  checkEnvironmentSources(container.envFrom, at.at('envFrom'));
  checkVolumeMounts(container, context.volumes, at.at('volumeMounts'));
  checkVolumeDevices(container, context.volumes, at.at('volumeDevices'));
  checkOneOf(container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], at.at('imagePullPolicy'));
  checkResources(container.resources, at.at('resources'));
  checkClaims(container.resources?.claims, context.claims, at.at('resources', 'claims'));
  checkResizePolicies(container.resizePolicy, at.at('resizePolicy'));
  checkSecurityContext(container.securityContext, at.at('securityContext'));
}

/** A request of a claim may be named besides the claim; the same pair only once. */
function checkClaims(
  claims: readonly core.ResourceClaim[] | undefined,
  known: ReadonlySet<string>,
  at: IssueSink,
): void {
  const seen = new Set<string>();
  claims?.forEach(({ name, request }, index) => {
    const key = isBlank(request) ? name : `${name}/${request}`;
    if (isBlank(name)) at.at(index).required();
    else if (seen.has(key) || (!isBlank(request) && seen.has(name))) at.at(index).duplicate(key);
    else if (!known.has(name)) at.at(index).notFound(name);
    seen.add(key);
  });
}

export function checkImage(image: string | undefined, at: IssueSink): void {
  if (checkPresent(image, at) && image !== image.trim()) {
    at.invalid(image, 'must not have leading or trailing whitespace');
  }
}

const restartPolicies = ['Always', 'Never', 'OnFailure'];

function checkRestartRules(container: core.Container, at: IssueSink): void {
  checkOptionalOneOf(container.restartPolicy, restartPolicies, at.at('restartPolicy'));
  const rules = container.restartPolicyRules ?? [];
  if (rules.length === 0) return;
  if (container.restartPolicy === undefined) {
    at.at('restartPolicyRules').required('must specify restartPolicy when restart rules are used');
  }
  if (rules.length > 20) at.at('restartPolicyRules').tooMany(rules.length, 20);
  rules.forEach((rule, index) => {
    const place = at.at('restartPolicyRules', index);
    checkOneOf(rule.action, ['Restart', 'RestartAllContainers'], place.at('action'));
    if (!rule.exitCodes) place.at('exitCodes').required('must be specified');
    else checkOneOf(rule.exitCodes.operator, ['In', 'NotIn'], place.at('exitCodes', 'operator'));
  });
}

function hostPortText(port: core.ContainerPort): string {
  return `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort ?? 0}`;
}

function checkHostPorts(container: core.Container, seen: Set<string>, at: IssueSink): void {
  container.ports?.forEach((port, index) => {
    if ((port.hostPort ?? 0) === 0) return;
    const text = hostPortText(port);
    if (seen.has(text)) at.at('ports', index, 'hostPort').duplicate(text);
    seen.add(text);
  });
}

/** Answers the names in use, so that init and ephemeral containers can be compared with them. */
export function checkContainers(
  containers: readonly core.Container[] | undefined,
  context: ContainerContext,
  at: IssueSink,
): Set<string> {
  const names = new Set<string>();
  const hostPorts = new Set<string>();
  if (!containers || containers.length === 0) at.required();
  containers?.forEach((container, index) => {
    const place = at.at(index);
    checkCommon(container, context, place);
    if (names.has(container.name)) place.at('name').duplicate(container.name);
    names.add(container.name);
    checkLifecycle(container.lifecycle, place.at('lifecycle'), context.gracePeriod);
    checkProbes(container, place, context.gracePeriod);
    checkRestartRules(container, place);
    checkHostPorts(container, hostPorts, place);
  });
  return names;
}

const onlyForSidecars = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function checkInitContainers(
  containers: readonly core.Container[] | undefined,
  names: Set<string>,
  context: ContainerContext,
  at: IssueSink,
): void {
  containers?.forEach((container, index) => {
    const place = at.at(index);
    checkCommon(container, context, place);
    if (names.has(container.name)) place.at('name').duplicate(container.name);
    names.add(container.name);
    checkRestartRules(container, place);
    if (container.restartPolicy === 'Always') {
      checkLifecycle(container.lifecycle, place.at('lifecycle'), context.gracePeriod);
      checkProbes(container, place, context.gracePeriod);
      return;
    }
    for (const field of onlyForSidecars) {
      if (container[field]) {
        place.at(field).forbidden('may not be set for init containers without restartPolicy=Always');
      }
    }
  });
}

const notForEphemeral = [
  'ports',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'resizePolicy',
] as const;

export function checkEphemeralContainers(
  containers: readonly core.EphemeralContainer[] | undefined,
  names: Set<string>,
  context: ContainerContext,
  at: IssueSink,
): void {
  containers?.forEach((container, index) => {
    const place = at.at(index);
    checkCommon(container, context, place);
    if (names.has(container.name)) place.at('name').duplicate(container.name);
    names.add(container.name);
    for (const field of notForEphemeral) {
      if (container[field] !== undefined) place.at(field).forbidden('cannot be set for an Ephemeral Container');
    }
    if (Object.keys(container.resources ?? {}).length > 0) {
      place.at('resources').forbidden('cannot be set for an Ephemeral Container');
    }
    if (container.restartPolicy !== undefined) {
      place.at('restartPolicy').forbidden('may not be set for ephemeral containers');
    }
    container.volumeMounts?.forEach((mount, at_) => {
      const mountPlace = place.at('volumeMounts', at_);
      if (!isBlank(mount.subPath)) mountPlace.at('subPath').forbidden('cannot be set for an Ephemeral Container');
      if (!isBlank(mount.subPathExpr)) {
        mountPlace.at('subPathExpr').forbidden('cannot be set for an Ephemeral Container');
      }
    });
  });
}
