/** ContainerSpec -> the body of `POST /containers/create`. Pure. */
import type { BindMount, ContainerLimits, ContainerSpec } from '../container-engine.ts';

/** As the kubelet's containerLogMaxFiles: a rotated log is kept until so many exist. */
const LOG_FILES = 5;

export function containerBody(spec: ContainerSpec): unknown {
  return {
    Image: spec.image,
    Labels: spec.labels,
    Entrypoint: spec.entrypoint,
    Cmd: spec.command,
    Env: spec.env,
    WorkingDir: spec.workingDir,
    User: spec.user,
    Hostname: spec.hostname,
    Tty: spec.tty ?? false,
    OpenStdin: spec.stdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    StopSignal: spec.stopSignal,
    NetworkDisabled: spec.network === 'disabled' ? true : undefined,
    // Probes are the kubelet's; Docker would run the image's own beside them.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: hostConfig(spec),
  };
}

function hostConfig(spec: ContainerSpec): unknown {
  return {
    NetworkMode: networkMode(spec.network),
    IpcMode: namespaceMode(spec.ipc),
    PidMode: namespaceMode(spec.pid),
    UTSMode: spec.hostUts ? 'host' : undefined,
    Mounts: spec.mounts?.map(mount),
    Tmpfs: spec.tmpfs,
    Devices: spec.devices?.map((device) => ({
      PathOnHost: device.hostPath,
      PathInContainer: device.containerPath,
      CgroupPermissions: device.permissions,
    })),
    Privileged: spec.privileged,
    ReadonlyRootfs: spec.readOnlyRootFilesystem,
    CapAdd: spec.capAdd,
    CapDrop: spec.capDrop,
    SecurityOpt: spec.securityOptions,
    MaskedPaths: spec.maskedPaths,
    ReadonlyPaths: spec.readonlyPaths,
    Sysctls: spec.sysctls,
    GroupAdd: spec.groups,
    ...limitsBody(spec),
    PidsLimit: spec.pidsLimit,
    OomScoreAdj: spec.oomScoreAdj,
    ShmSize: spec.shmBytes,
    CgroupParent: spec.cgroupParent,
    // A container is never started again: the kubelet makes a new one, and Docker must not interfere.
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: logConfig(spec.logMaxBytes) },
  };
}

/** The part of it that `POST /containers/ID/update` takes as well. */
export function limitsBody(limits: Partial<ContainerLimits>): Readonly<Record<string, number | undefined>> {
  return {
    Memory: limits.memoryBytes,
    // The sum of memory and swap: the same figure means no swap.
    MemorySwap: limits.memoryBytes,
    CpuShares: limits.cpuShares,
    CpuQuota: limits.cpuQuota,
    CpuPeriod: limits.cpuPeriod,
  };
}

function logConfig(maxBytes: number | undefined): Readonly<Record<string, string>> {
  return maxBytes === undefined ? {} : { 'max-size': String(maxBytes), 'max-file': String(LOG_FILES) };
}

function networkMode(network: ContainerSpec['network']): string {
  if (typeof network === 'object') return `container:${network.container}`;
  return network === 'disabled' ? 'none' : network;
}

function namespaceMode(mode: ContainerSpec['ipc'] | ContainerSpec['pid']): string | undefined {
  return typeof mode === 'object' ? `container:${mode.container}` : mode;
}

/** A mount, not a bind string: a source may hold a colon, and one that is missing is an error, not made a folder. */
function mount(bind: BindMount): unknown {
  return {
    Type: 'bind',
    Source: bind.source,
    Target: bind.target,
    ReadOnly: bind.readOnly,
    // Docker's own default, which it gives up where it must: for a source that holds its own folder, as `/` does.
    BindOptions:
      bind.propagation === undefined || bind.propagation === 'rprivate' ? undefined : { Propagation: bind.propagation },
  };
}
