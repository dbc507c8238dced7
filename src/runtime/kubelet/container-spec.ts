/** What the engine is asked to make for a container, and for the sandbox that holds a pod's namespaces. Pure. */
import type { Container, Pod, SELinuxOptions } from '../../types/kinds/generated/core-v1.gen.ts';
import { sysctlName } from '../../types/pod/sysctls.ts';
import type {
  BindMount,
  ContainerId,
  ContainerSpec,
  DeviceMapping,
  ImageInfo,
  Labels,
} from '../engine/container-engine.ts';
import { limitsOf, MIN_CPU_SHARES } from './container-limits.ts';
import { expand } from './expansion.ts';
import { containerLabels, engineName, namesOf, podText, sandboxEngineName, sandboxLabels } from './pod-containers.ts';
import { ContainerConfigError } from './pod-fields.ts';
import { hostnameOf } from './resolver-config.ts';
import { oomScoreOf, qosClassOf } from './resource-amounts.ts';

export interface Machine {
  readonly memoryBytes: number;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  /** CAP_SYS_RESOURCE: without it a negative score for the out-of-memory killer makes every start fail. */
  readonly canLowerOomScore: boolean;
}

export interface ContainerInput {
  readonly pod: Pod;
  readonly container: Container;
  /** See `clusterLabels`. */
  readonly own: Labels;
  readonly attempt: number;
  readonly sandboxId: string;
  readonly image: ImageInfo;
  readonly variables: ReadonlyMap<string, string>;
  readonly mounts: readonly BindMount[];
  readonly devices?: readonly DeviceMapping[];
  readonly machine: Machine;
  /** The container whose processes an ephemeral container shares. */
  readonly target: ContainerId | undefined;
  /** The JSON text of a Localhost seccomp profile. */
  readonly seccompProfile: string | undefined;
}

/** As the kubelet's containerLogMaxSize. */
const LOG_BYTES = 10 * 1024 * 1024;

/** @throws ContainerConfigError when the container may not run as the user that it would run as */
export function containerSpec(input: ContainerInput): ContainerSpec {
  const { pod, container, variables, sandboxId } = input;
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec ?? {};
  const expanded = (words: readonly string[]): readonly string[] =>
    words.map((word) => expand(word, (name) => variables.get(name)));
  const hasCommand = (container.command ?? []).length > 0;
  const hasArgs = (container.args ?? []).length > 0;
  return {
    name: engineName(namesOf(pod), container.name, input.attempt),
    image: input.image.id,
    labels: containerLabels(pod, container, input),
    ...(hasCommand ? { entrypoint: expanded(container.command ?? []) } : {}),
    // A command without arguments silences the image's own ones, which Docker would append.
    ...(hasArgs || hasCommand ? { command: expanded(container.args ?? []) } : {}),
    env: [...variables].map(([name, value]) => `${name}=${value}`),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    ...(container.tty ? { tty: true } : {}),
    ...(container.stdin ? { stdin: true, stdinOnce: container.stdinOnce ?? false } : {}),
    network: hostNetwork ? 'host' : { container: sandboxId },
    ipc: hostIPC ? 'host' : { container: sandboxId },
    ...(hostPID
      ? { pid: 'host' as const }
      : shareProcessNamespace
        ? { pid: { container: sandboxId } }
        : targetOf(input)),
    ...(hostNetwork ? { hostUts: true } : {}),
    mounts: input.mounts,
    ...(input.devices === undefined || input.devices.length === 0 ? {} : { devices: input.devices }),
    ...securityOf(input),
    ...resourcesOf(input),
    cgroupParent: cgroupParentOf(pod, input.machine.cgroupDriver),
    ...(container.lifecycle?.stopSignal ? { stopSignal: container.lifecycle.stopSignal } : {}),
    logMaxBytes: LOG_BYTES,
  };
}

function targetOf({ target }: ContainerInput): Partial<ContainerSpec> {
  return target === undefined ? {} : { pid: { container: target } };
}

function resourcesOf({ pod, container, machine }: ContainerInput): Partial<ContainerSpec> {
  return { ...limitsOf(container), oomScoreAdj: oomScoreOf(pod, container, machine) };
}

/** `/kubepods/burstable/pod<uid>`, or the same as nested slices for the systemd driver. */
export function cgroupParentOf(pod: Pod, driver: Machine['cgroupDriver']): string {
  const qos = qosClassOf(pod);
  const uid = pod.metadata.uid ?? '';
  const tier = qos === 'Guaranteed' ? [] : [qos.toLowerCase()];
  if (driver === 'cgroupfs') return ['', 'kubepods', ...tier, `pod${uid}`].join('/');
  return `${['kubepods', ...tier, `pod${uid.replaceAll('-', '_')}`].join('-')}.slice`;
}

function securityOf(input: ContainerInput): Partial<ContainerSpec> {
  const { pod, container } = input;
  const own = container.securityContext ?? {};
  const shared = pod.spec?.securityContext ?? {};
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  const user = userOf(input);
  const unmasked = own.procMount === 'Unmasked' && !own.privileged;
  const { add = [], drop = [] } = own.capabilities ?? {};
  return {
    ...(user === undefined ? {} : { user }),
    ...(groups.length === 0 ? {} : { groups: groups.map(String) }),
    ...(own.privileged ? { privileged: true } : {}),
    ...(own.readOnlyRootFilesystem ? { readOnlyRootFilesystem: true } : {}),
    ...(add.length === 0 ? {} : { capAdd: add }),
    ...(drop.length === 0 ? {} : { capDrop: drop }),
    ...(unmasked ? { maskedPaths: [], readonlyPaths: [] } : {}),
    securityOptions: securityOptionsOf(input),
  };
}

function securityOptionsOf({ pod, container, seccompProfile }: ContainerInput): readonly string[] {
  const own = container.securityContext ?? {};
  const shared = pod.spec?.securityContext ?? {};
  const options: string[] = [];
  if (own.allowPrivilegeEscalation === false) options.push('no-new-privileges');
  const seccomp = own.seccompProfile ?? shared.seccompProfile;
  // Kubernetes' default is no filter at all, Docker's is its own profile.
  if (seccomp === undefined || seccomp.type === 'Unconfined') options.push('seccomp=unconfined');
  else if (seccomp.type === 'Localhost' && seccompProfile !== undefined) options.push(`seccomp=${seccompProfile}`);
  const appArmor = own.appArmorProfile ?? shared.appArmorProfile;
  if (appArmor?.type === 'Unconfined') options.push('apparmor=unconfined');
  else if (appArmor?.type === 'Localhost') options.push(`apparmor=${appArmor.localhostProfile ?? ''}`);
  options.push(...labelOptions(own.seLinuxOptions ?? shared.seLinuxOptions));
  return options;
}

function labelOptions(options: SELinuxOptions | undefined): readonly string[] {
  const { user, role, type, level } = options ?? {};
  return Object.entries({ user, role, type, level }).flatMap(([key, value]) =>
    value ? [`label=${key}:${value}`] : [],
  );
}

/** `uid`, `uid:gid`, or undefined where the image decides. */
function userOf({ pod, container, image }: ContainerInput): string | undefined {
  const own = container.securityContext ?? {};
  const shared = pod.spec?.securityContext ?? {};
  const uid = own.runAsUser ?? shared.runAsUser;
  const gid = own.runAsGroup ?? shared.runAsGroup;
  const imageUser = image.user.split(':', 1)[0] ?? '';
  if (own.runAsNonRoot ?? shared.runAsNonRoot) {
    const where = `(pod: "${podText(pod)}", container: ${container.name})`;
    if (uid === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`);
    if (uid === undefined && (imageUser === '' || Number(imageUser) === 0)) {
      throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`);
    }
    if (uid === undefined && !/^\d+$/.test(imageUser)) {
      const what = `image has non-numeric user (${imageUser}), cannot verify user is non-root`;
      throw new ContainerConfigError(`container has runAsNonRoot and ${what} ${where}`);
    }
  }
  if (uid === undefined && gid === undefined) return undefined;
  const user = uid === undefined ? imageUser || '0' : String(uid);
  return gid === undefined ? user : `${user}:${gid}`;
}

/** Holds the pod's network and ipc namespaces, and gives its name to every container that joins. */
export function sandboxSpec(
  pod: Pod,
  at: {
    readonly own: Labels;
    readonly attempt: number;
    readonly pauseImage: string;
    readonly machine: Machine;
    readonly clusterDomain: string;
  },
): ContainerSpec {
  const { hostNetwork, hostPID, hostIPC, securityContext } = pod.spec ?? {};
  const sysctls = Object.fromEntries(
    (securityContext?.sysctls ?? []).map(({ name, value }) => [sysctlName(name), value]),
  );
  return {
    name: sandboxEngineName(namesOf(pod), at.attempt),
    image: at.pauseImage,
    labels: sandboxLabels(pod, at.own, at.attempt),
    ...(hostNetwork ? { hostUts: true } : { hostname: sandboxHostname(pod, at.clusterDomain) }),
    network: hostNetwork ? 'host' : 'disabled',
    ipc: hostIPC ? 'host' : 'shareable',
    ...(hostPID ? { pid: 'host' as const } : {}),
    securityOptions: ['no-new-privileges', 'seccomp=unconfined'],
    ...(Object.keys(sysctls).length === 0 ? {} : { sysctls }),
    cpuShares: MIN_CPU_SHARES,
    ...(at.machine.canLowerOomScore ? { oomScoreAdj: -998 } : {}),
    cgroupParent: cgroupParentOf(pod, at.machine.cgroupDriver),
  };
}

function sandboxHostname(pod: Pod, clusterDomain: string): string {
  const { subdomain, setHostnameAsFQDN } = pod.spec ?? {};
  const name = hostnameOf(pod);
  if (!setHostnameAsFQDN || !subdomain) return name;
  return `${name}.${subdomain}.${pod.metadata.namespace ?? ''}.svc.${clusterDomain}`.slice(0, 64);
}
