/**
 * Rules of volume sources. Pods and persistent volumes have most of them in common; the types differ only in how they name
 * a secret, so each rule asks for what it reads.
 */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { checkDriverName } from '../validation/csi.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../names.ts';
import { checkOneOf, checkPresent, checkRange, checkRelativePath, isBlank } from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';

interface SecretName {
  readonly name?: string | undefined;
}

function checkSecretRef(secret: SecretName | undefined, at: IssueSink): void {
  if (secret) checkPresent(secret.name, at.at('secretRef', 'name'));
}

function checkMonitors(monitors: readonly string[] | undefined, at: IssueSink): void {
  if (!monitors || monitors.length === 0) at.at('monitors').required();
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function checkHostPath(source: core.HostPathVolumeSource, at: IssueSink): void {
  if (!checkPresent(source.path, at.at('path'))) return;
  if (source.path.split('/').includes('..')) at.at('path').invalid(source.path, "must not contain '..'");
  if (source.type !== undefined && !hostPathTypes.includes(source.type)) {
    at.at('type').notSupported(source.type, hostPathTypes);
  }
}

function checkPartition(partition: number | undefined, at: IssueSink): void {
  if (partition !== undefined && (partition < 0 || partition > 255)) {
    at.at('partition').invalid(partition, 'must be between 1 and 255, inclusive');
  }
}

/** Upstream's messages name the field `persistentDisk`. */
export function checkGCEPersistentDisk(source: core.GCEPersistentDiskVolumeSource, at: IssueSink): void {
  checkPresent(source.pdName, at.at('pdName'));
  checkPartition(source.partition, at);
}

export function checkAWSElasticBlockStore(source: core.AWSElasticBlockStoreVolumeSource, at: IssueSink): void {
  checkPresent(source.volumeID, at.at('volumeID'));
  checkPartition(source.partition, at);
}

export function checkNFS(source: core.NFSVolumeSource, at: IssueSink): void {
  checkPresent(source.server, at.at('server'));
  checkPresent(source.path, at.at('path'));
  if (!(source.path ?? '').startsWith('/')) at.at('path').invalid(source.path ?? '', 'must be an absolute path');
}

const iqnFormats: readonly (readonly [string, RegExp])[] = [
  ['iqn', /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui\.[A-Fa-f0-9]{16}$/],
  ['naa', /^naa\.[A-Fa-f0-9]{32}$/],
];

interface ISCSISource {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly chapAuthDiscovery?: boolean | undefined;
  readonly chapAuthSession?: boolean | undefined;
  readonly secretRef?: SecretName | undefined;
  readonly initiatorName?: string | undefined;
}

function checkQualifiedName(name: string, at: IssueSink): void {
  const format = iqnFormats.find(([prefix]) => name.startsWith(prefix));
  if (!format) at.invalid(name, 'must be valid format starting with iqn, eui, or naa');
  else if (!format[1].test(name)) at.invalid(name, 'must be valid format');
}

export function checkISCSI(source: ISCSISource, at: IssueSink): void {
  checkPresent(source.targetPortal, at.at('targetPortal'));
  if (checkPresent(source.iqn, at.at('iqn'))) checkQualifiedName(source.iqn, at.at('iqn'));
  checkRange(source.lun, 0, 255, at.at('lun'));
  if ((source.chapAuthDiscovery === true || source.chapAuthSession === true) && !source.secretRef) {
    at.at('secretRef').required();
  }
  if (source.initiatorName !== undefined) checkQualifiedName(source.initiatorName, at.at('initiatorname'));
}

export function checkFC(source: core.FCVolumeSource, at: IssueSink): void {
  const names = source.targetWWNs ?? [];
  const ids = source.wwids ?? [];
  if (names.length === 0 && ids.length === 0) {
    at.at('targetWWNs').required('must specify either targetWWNs or wwids, but not both');
  }
  if (names.length > 0 && ids.length > 0) {
    at.at('targetWWNs').invalid(names, 'targetWWNs and wwids can not be specified simultaneously');
  }
  if (names.length > 0) {
    if (source.lun === undefined) at.at('lun').required('lun is required if targetWWNs is specified');
    else checkRange(source.lun, 0, 255, at.at('lun'));
  }
}

export function checkGlusterfs(source: core.GlusterfsVolumeSource, at: IssueSink): void {
  checkPresent(source.endpoints, at.at('endpoints'));
  checkPresent(source.path, at.at('path'));
}

export function checkFlocker(source: core.FlockerVolumeSource, at: IssueSink): void {
  if (isBlank(source.datasetName) && isBlank(source.datasetUUID)) {
    at.required('one of datasetName and datasetUUID is required');
  }
  if (!isBlank(source.datasetName) && !isBlank(source.datasetUUID)) {
    at.invalid('resource', 'datasetName and datasetUUID can not be specified simultaneously');
  }
  if ((source.datasetName ?? '').includes('/'))
    at.at('datasetName').invalid(source.datasetName, "must not contain '/'");
}

interface RBDSource {
  readonly monitors: readonly string[];
  readonly image: string;
}

export function checkRBD(source: RBDSource, at: IssueSink): void {
  checkMonitors(source.monitors, at);
  checkPresent(source.image, at.at('image'));
}

interface CinderSource {
  readonly volumeID: string;
  readonly secretRef?: SecretName | undefined;
}

export function checkCinder(source: CinderSource, at: IssueSink): void {
  checkPresent(source.volumeID, at.at('volumeID'));
  checkSecretRef(source.secretRef, at);
}

export function checkCephFS(source: { readonly monitors: readonly string[] }, at: IssueSink): void {
  checkMonitors(source.monitors, at);
}

export function checkQuobyte(source: core.QuobyteVolumeSource, at: IssueSink): void {
  if (
    checkPresent(source.registry, at.at('registry'), 'must be a host:port pair or multiple pairs separated by commas')
  ) {
    for (const pair of source.registry.split(',')) {
      if (!/^[^:]*:\d+$|^\[[^\]]*\]:\d+$/.test(pair)) {
        at.at('registry').invalid(source.registry, 'must be a host:port pair or multiple pairs separated by commas');
      }
    }
  }
  if ((source.tenant ?? '').length > 64) {
    at.at('tenant').required('must be a UUID and may not exceed a length of 64 characters');
  }
  checkPresent(source.volume, at.at('volume'));
}

interface FlexSource {
  readonly driver: string;
  readonly options?: { readonly [key: string]: string } | undefined;
}

export function checkFlexVolume(source: FlexSource, at: IssueSink): void {
  checkPresent(source.driver, at.at('driver'));
  for (const key of Object.keys(source.options ?? {})) {
    const namespace = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
    const reserved = ['kubernetes.io', 'k8s.io'].some(
      (domain) => namespace === domain || namespace.endsWith(`.${domain}`),
    );
    if (reserved) at.at('options', { key }).invalid(key, 'kubernetes.io and k8s.io namespaces are reserved');
  }
}

export function checkAzureFile(
  source: { readonly secretName: string; readonly shareName: string },
  at: IssueSink,
): void {
  checkPresent(source.secretName, at.at('secretName'));
  checkPresent(source.shareName, at.at('shareName'));
}

export function checkVsphere(source: core.VsphereVirtualDiskVolumeSource, at: IssueSink): void {
  checkPresent(source.volumePath, at.at('volumePath'));
}

export function checkPhoton(source: core.PhotonPersistentDiskVolumeSource, at: IssueSink): void {
  checkPresent(source.pdID, at.at('pdID'));
}

export function checkPortworx(source: core.PortworxVolumeSource, at: IssueSink): void {
  checkPresent(source.volumeID, at.at('volumeID'));
}

const managedDisk = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const blobDisk = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

export function checkAzureDisk(source: core.AzureDiskVolumeSource, at: IssueSink): void {
  checkPresent(source.diskName, at.at('diskName'));
  checkPresent(source.diskURI, at.at('diskURI'));
  if (source.cachingMode !== undefined) {
    checkOneOf(source.cachingMode, ['None', 'ReadOnly', 'ReadWrite'], at.at('cachingMode'));
  }
  if (source.kind !== undefined) checkOneOf(source.kind, ['Dedicated', 'Managed', 'Shared'], at.at('kind'));
  const uri = source.diskURI ?? '';
  if (source.kind === 'Managed' && !uri.startsWith('/subscriptions/')) {
    at.at('diskURI').notSupported(uri, [managedDisk]);
  }
  if (source.kind !== 'Managed' && !/^https?:\/\//.test(uri)) at.at('diskURI').notSupported(uri, [blobDisk]);
}

interface StorageOSSource {
  readonly volumeName?: string | undefined;
  readonly volumeNamespace?: string | undefined;
  readonly secretRef?: SecretName | undefined;
}

export function checkStorageOS(source: StorageOSSource, at: IssueSink): void {
  if (checkPresent(source.volumeName, at.at('volumeName'))) {
    invalidEach(at.at('volumeName'), source.volumeName, dns1123LabelErrors(source.volumeName));
  }
  if (!isBlank(source.volumeNamespace)) {
    invalidEach(at.at('volumeNamespace'), source.volumeNamespace, dns1123LabelErrors(source.volumeNamespace));
  }
  checkSecretRef(source.secretRef, at);
}

interface ScaleIOSource {
  readonly gateway: string;
  readonly system: string;
  readonly volumeName?: string | undefined;
}

export function checkScaleIO(source: ScaleIOSource, at: IssueSink): void {
  checkPresent(source.gateway, at.at('gateway'));
  checkPresent(source.system, at.at('system'));
  checkPresent(source.volumeName, at.at('volumeName'));
}

export function checkInlineCSI(source: core.CSIVolumeSource, at: IssueSink): void {
  checkDriverName(source.driver, at.at('driver'));
  if (!source.nodePublishSecretRef) return;
  const { name } = source.nodePublishSecretRef;
  if (isBlank(name)) at.at('nodePublishSecretRef', 'name').required();
  else invalidEach(at.at('nodePublishSecretRef', 'name'), name, dns1123SubdomainErrors(name));
}

export function checkGitRepo(source: core.GitRepoVolumeSource, at: IssueSink): void {
  checkPresent(source.repository, at.at('repository'));
  if (!isBlank(source.directory)) checkRelativePath(source.directory, at.at('directory'));
}

export function checkTrustBundle(source: core.ClusterTrustBundleProjection, at: IssueSink): void {
  if (source.name !== undefined && source.signerName !== undefined) {
    at.invalid(source, 'only one of name and signerName may be used');
  } else if (source.name !== undefined) {
    if (source.name === '') at.at('name').required('must be a valid object name');
    if (source.labelSelector)
      at.at('labelSelector').invalid(source.labelSelector, 'labelSelector must be unset if name is specified');
  } else if (source.signerName !== undefined) {
    if (source.signerName === '') at.at('signerName').required('must be a valid signer name');
    else if (!source.signerName.includes('/'))
      invalidEach(at.at('signerName'), source.signerName, qualifiedNameErrors(source.signerName));
  } else at.required('either name or signerName must be specified');
}
