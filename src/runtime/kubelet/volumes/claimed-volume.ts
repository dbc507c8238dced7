/** From a pod's volume over its claim to what is mounted. */
import type { PersistentVolume } from '../../../types/kinds/core/persistent-volume.ts';
import type { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import type { Pod, Volume } from '../../../types/kinds/generated/core-v1.gen.ts';
import { claimNameOf, foreignClaim } from '../../../types/storage/claim-facts.ts';
import { isReachableFrom } from '../../../types/storage/volume-matching.ts';
import { sourceOf } from '../../../types/validation/persistent-volumes.ts';
import { fileKind } from './atomic-folder.ts';
import { prepareHostPath } from './host-path.ts';
import { handToGroup } from './volume-ownership.ts';
import { MountFailure, type ReadyVolume, type VolumeContext } from './volume-type.ts';

export async function mountClaim(volume: Volume, context: VolumeContext): Promise<ReadyVolume> {
  const persistent = await persistentVolume(volume, context);
  const name = persistent.metadata.name ?? '';
  const { hostPath, local } = persistent.spec ?? {};
  try {
    await checkPlace(persistent, context);
    if (hostPath && persistent.spec?.volumeMode !== 'Block') {
      await prepareHostPath(hostPath);
      return { path: hostPath.path };
    }
    if (local && persistent.spec?.volumeMode === 'Block') return { path: await localDevice(name, local.path) };
    if (local) return { path: await localFolder(name, local.path, volume, context) };
  } catch (error) {
    if (error instanceof MountFailure || !(error instanceof Error)) throw error;
    throw new MountFailure(`MountVolume.SetUp failed for volume "${name}" : ${error.message}`, { cause: error });
  }
  const source = Object.keys(sourceOf(persistent.spec)).join(', ');
  throw new MountFailure(
    `MountVolume.SetUp failed for volume "${name}" : volume source ${source} of mode ${persistent.spec?.volumeMode ?? 'Filesystem'} is not supported on this node, which has folders of hostPath and local, and devices of local`,
  );
}

/** A scheduler has looked at this, but not every pod comes from one. */
async function checkPlace(persistent: PersistentVolume, { sources, nodeName }: VolumeContext): Promise<void> {
  if (!persistent.spec?.nodeAffinity) return;
  const node = await sources.node(nodeName);
  if (node && isReachableFrom(persistent, node)) return;
  const name = persistent.metadata.name ?? '';
  throw new MountFailure(`MountVolume.NodeAffinity check failed for volume "${name}" : no matching NodeSelectorTerms`);
}

async function existing(name: string, path: string): Promise<NonNullable<Awaited<ReturnType<typeof fileKind>>>> {
  const kind = await fileKind(path);
  if (kind) return kind;
  throw new MountFailure(
    `MountVolume.NewMounter initialization failed for volume "${name}" : path "${path}" does not exist`,
  );
}

/** Of what is the host's own, nothing is made and, but for the group that the pod asks for, nothing changed. */
async function localFolder(name: string, path: string, volume: Volume, { pod }: VolumeContext): Promise<string> {
  const kind = await existing(name, path);
  if (!kind.isDirectory()) throw new Error(`${path} is not a directory, and this node puts no file system on devices`);
  const { fsGroup, fsGroupChangePolicy } = pod.spec?.securityContext ?? {};
  if (fsGroup !== undefined && volume.persistentVolumeClaim?.readOnly !== true) {
    await handToGroup(path, fsGroup, fsGroupChangePolicy ?? 'Always');
  }
  return path;
}

async function localDevice(name: string, path: string): Promise<string> {
  const kind = await existing(name, path);
  if (!kind.isBlockDevice()) throw new Error(`${path} is not a block device`);
  return path;
}

async function persistentVolume(volume: Volume, { pod, sources }: VolumeContext): Promise<PersistentVolume> {
  const namespace = pod.metadata.namespace ?? '';
  const name = claimNameOf(pod, volume) ?? '';
  const fail = (text: string): never => {
    const list = `[${volume.name}]`;
    throw new MountFailure(
      `Unable to attach or mount volumes: unmounted volumes=${list}, unattached volumes=[], failed to process volumes=${list}: error processing PVC ${namespace}/${name}: ${text}`,
    );
  };
  const claim = await sources.claim(namespace, name);
  if (!claim) return fail(`failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`);
  const complaint = complaintOf(pod, volume, claim);
  if (complaint !== undefined) return fail(complaint);
  const bound = claim.spec?.volumeName ?? '';
  const persistent = await sources.persistentVolume(bound);
  if (!persistent) return fail(`failed to fetch PV ${bound} from API server: persistentvolumes "${bound}" not found`);
  const owner = persistent.spec?.claimRef?.uid;
  if (owner === undefined || owner !== claim.metadata.uid) {
    return fail(`unexpected pv.Spec.ClaimRef.UID (${owner ?? ''}), expected pvc.UID (${claim.metadata.uid ?? ''})`);
  }
  const misuse = misuseOf(pod, volume.name, persistent.spec?.volumeMode ?? 'Filesystem');
  if (misuse !== undefined) return fail(misuse);
  return persistent;
}

/** A device cannot be mounted as a folder, nor a folder be handed over as a device. */
function misuseOf({ spec }: Pod, name: string, mode: string): string | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const [field, wrong] =
    mode === 'Block'
      ? ([
          'volumeMounts',
          containers.some(({ volumeMounts = [] }) => volumeMounts.some((use) => use.name === name)),
        ] as const)
      : ([
          'volumeDevices',
          containers.some(({ volumeDevices = [] }) => volumeDevices.some((use) => use.name === name)),
        ] as const);
  return wrong ? `volume ${name} has volumeMode ${mode}, but is specified in ${field}` : undefined;
}

function complaintOf(pod: Pod, volume: Volume, claim: PersistentVolumeClaim): string | undefined {
  const foreign = volume.ephemeral ? foreignClaim(pod, claim) : undefined;
  if (foreign !== undefined) return foreign;
  // What runs already goes on: the claim waits for its end.
  if (claim.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Running') return 'PVC is being deleted';
  const bound = claim.status?.phase === 'Bound' && (claim.spec?.volumeName ?? '') !== '';
  return bound ? undefined : 'PVC is not bound';
}
