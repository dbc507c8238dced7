/** What of a pod's files and volumes a container sees, and where. */
import { chmod, mkdir, realpath, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Container, VolumeMount } from '../../types/kinds/generated/core-v1.gen.ts';
import type { BindMount, DeviceMapping } from '../engine/container-engine.ts';
import { expand } from './expansion.ts';
import { terminationPath } from './pod-containers.ts';
import { ContainerConfigError } from './pod-fields.ts';
import { fileKind } from './volumes/atomic-folder.ts';

const PROPAGATION = { None: 'rprivate', HostToContainer: 'rslave', Bidirectional: 'rshared' } as const;

export interface MountInput {
  readonly container: Container;
  /** Volume name -> its path on the host. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Names of volumes that nobody in the pod may write to, whatever their mounts say. */
  readonly readOnlyVolumes: ReadonlySet<string>;
  readonly variables: ReadonlyMap<string, string>;
  /** Files that every container of the pod has, by their path inside. */
  readonly podFiles: ReadonlyMap<string, string>;
  readonly terminationLog: string;
}

/** @throws ContainerConfigError for a mount that points nowhere, or out of its volume */
export async function containerMounts(input: MountInput): Promise<readonly BindMount[]> {
  const { container } = input;
  const own: BindMount[] = [];
  for (const mount of container.volumeMounts ?? []) own.push(await volumeMount(input, mount));
  const taken = new Set(own.map((mount) => mount.target.replace(/\/+$/, '')));
  const files: BindMount[] = [];
  for (const [target, source] of input.podFiles) {
    if (!taken.has(target)) files.push({ source, target, readOnly: false });
  }
  const log = terminationPath(container);
  if (!taken.has(log)) files.push({ source: await emptyFile(input.terminationLog), target: log, readOnly: false });
  return [...own, ...files];
}

/** Volumes that are devices, where the container wants them. */
export function containerDevices({
  container,
  volumes,
  readOnlyVolumes,
}: Pick<MountInput, 'container' | 'volumes' | 'readOnlyVolumes'>): readonly DeviceMapping[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const hostPath = volumes.get(name);
    if (hostPath === undefined) throw missingVolume(name, container);
    return { hostPath, containerPath: devicePath, permissions: readOnlyVolumes.has(name) ? 'r' : 'rwm' };
  });
}

function missingVolume(name: string, container: Container): ContainerConfigError {
  return new ContainerConfigError(`cannot find volume "${name}" to mount into container "${container.name}"`);
}

async function volumeMount(input: MountInput, mount: VolumeMount): Promise<BindMount> {
  const folder = input.volumes.get(mount.name);
  if (folder === undefined) throw missingVolume(mount.name, input.container);
  const variables = input.variables;
  const subPath = mount.subPathExpr ? expand(mount.subPathExpr, (name) => variables.get(name)) : mount.subPath;
  return {
    source: subPath ? await insideVolume(folder, subPath, mount.name) : folder,
    target: mount.mountPath,
    readOnly: mount.readOnly === true || input.readOnlyVolumes.has(mount.name),
    propagation: PROPAGATION[mount.mountPropagation ?? 'None'],
  };
}

/** The real path, so that no link that the pod has put into its volume is followed out of it when the engine mounts it. */
async function insideVolume(folder: string, subPath: string, volume: string): Promise<string> {
  const refuse = (): never => {
    throw new ContainerConfigError(
      `failed to prepare subPath for volumeMount "${volume}": "${subPath}" leaves the volume`,
    );
  };
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) refuse();
  const root = await realpath(folder);
  const within = (path: string): boolean => path === root || path.startsWith(root + sep);
  let reached = root;
  for (const part of subPath.split('/').filter((name) => name !== '' && name !== '.')) {
    const next = join(reached, part);
    if (!(await fileKind(next))) {
      await mkdir(next, { mode: 0o750 });
      // As the volume's own mode has it: a pod that is not root must be able to use what is made for it.
      await chmod(next, (await stat(reached)).mode & 0o7777);
    }
    reached = await realpath(next);
    if (!within(reached)) refuse();
  }
  return reached;
}

async function emptyFile(path: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o755 });
  await writeFile(path, '', { mode: 0o666 });
  await chmod(path, 0o666);
  return path;
}
