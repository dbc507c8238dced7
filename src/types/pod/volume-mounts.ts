/** Rules of volume mounts and block devices. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { checkOptionalOneOf, checkPresent, checkRelativePath, isBlank } from '../validation/field-checks.ts';

type Volumes = ReadonlyMap<string, core.Volume>;

interface Mounting {
  readonly volumeMounts?: readonly core.VolumeMount[] | undefined;
  readonly volumeDevices?: readonly core.VolumeDevice[] | undefined;
  readonly securityContext?: core.SecurityContext | undefined;
}

function checkMount(mount: core.VolumeMount, container: Mounting, volumes: Volumes, at: IssueSink): void {
  checkPresent(mount.name, at.at('name'));
  if (!volumes.has(mount.name)) at.at('name').notFound(mount.name ?? '');
  checkPresent(mount.mountPath, at.at('mountPath'));
  const devices = container.volumeDevices ?? [];
  if (devices.some((device) => device.name === mount.name)) {
    at.at('name').invalid(mount.name, 'must not already exist in volumeDevices');
  }
  if (devices.some((device) => device.devicePath === mount.mountPath)) {
    at.at('mountPath').invalid(mount.mountPath, 'must not already exist as a path in volumeDevices');
  }
  if (mount.mountPropagation !== undefined) {
    const place = at.at('mountPropagation');
    checkOptionalOneOf(mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None'], place);
    if (mount.mountPropagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
      place.forbidden('Bidirectional mount propagation is available only to privileged containers');
    }
  }
  if (mount.recursiveReadOnly !== undefined && mount.recursiveReadOnly !== 'Disabled') {
    if (mount.readOnly !== true) {
      at.at('recursiveReadOnly').forbidden('may only be specified when readOnly is true');
    }
    checkOptionalOneOf(mount.recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'], at.at('recursiveReadOnly'));
  }
}

/** Upstream's paths of sub paths have no index. */
function checkSubPaths(mount: core.VolumeMount, at: IssueSink): void {
  if (!isBlank(mount.subPath)) checkRelativePath(mount.subPath, at.at('subPath'));
  if (isBlank(mount.subPathExpr)) return;
  if (!isBlank(mount.subPath)) {
    at.at('subPathExpr').invalid(mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive');
  }
  checkRelativePath(mount.subPathExpr, at.at('subPathExpr'));
}

export function checkVolumeMounts(container: Mounting, volumes: Volumes, at: IssueSink): void {
  const paths = new Set<string>();
  container.volumeMounts?.forEach((mount, index) => {
    const place = at.at(index);
    if (paths.has(mount.mountPath)) place.at('mountPath').invalid(mount.mountPath, 'must be unique');
    paths.add(mount.mountPath);
    checkMount(mount, container, volumes, place);
    checkSubPaths(mount, at);
  });
}

function checkDevice(device: core.VolumeDevice, container: Mounting, volumes: Volumes, at: IssueSink): void {
  const volume = volumes.get(device.name);
  if (checkPresent(device.name, at.at('name')) && volume) {
    if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      at.at('name').invalid(
        device.name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      );
    }
  }
  if (!volume) at.at('name').notFound(device.name ?? '');
  checkPresent(device.devicePath, at.at('devicePath'));
  if ((device.devicePath ?? '').split('/').includes('..')) {
    at.at('devicePath').invalid(device.devicePath, "can not contain backsteps ('..')");
  }
  const mounts = container.volumeMounts ?? [];
  if (mounts.some((mount) => mount.name === device.name)) {
    at.at('name').invalid(device.name, 'must not already exist in volumeMounts');
  }
  if (mounts.some((mount) => mount.mountPath === device.devicePath)) {
    at.at('devicePath').invalid(device.devicePath, 'must not already exist as a path in volumeMounts');
  }
}

export function checkVolumeDevices(container: Mounting, volumes: Volumes, at: IssueSink): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  container.volumeDevices?.forEach((device, index) => {
    const place = at.at(index);
    if (names.has(device.name)) place.at('name').invalid(device.name, 'must be unique');
    if (paths.has(device.devicePath)) place.at('devicePath').invalid(device.devicePath, 'must be unique');
    names.add(device.name);
    paths.add(device.devicePath);
    checkDevice(device, container, volumes, place);
  });
}
