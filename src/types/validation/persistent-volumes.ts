/** Rules of persistent volumes' sources (core validation, ValidatePersistentVolumeSpec). */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import * as sources from '../pod/volume-sources.ts';
import { checkDriverName } from './csi.ts';
import { checkPresent } from './field-checks.ts';

type SourceName = Exclude<
  keyof core.PersistentVolumeSpec,
  | 'accessModes'
  | 'capacity'
  | 'claimRef'
  | 'mountOptions'
  | 'nodeAffinity'
  | 'persistentVolumeReclaimPolicy'
  | 'storageClassName'
  | 'volumeAttributesClassName'
  | 'volumeMode'
>;
type Source<K extends SourceName> = NonNullable<core.PersistentVolumeSpec[K]>;

interface SecretReference {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

function checkSecret(secret: SecretReference | undefined, at: IssueSink): void {
  if (!secret) return;
  checkPresent(secret.name, at.at('name'));
  checkPresent(secret.namespace, at.at('namespace'));
}

const csiSecrets = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
  'nodeStageSecretRef',
] as const;

function checkCSI(source: core.CSIPersistentVolumeSource, at: IssueSink): void {
  checkDriverName(source.driver, at.at('driver'));
  checkPresent(source.volumeHandle, at.at('volumeHandle'));
  for (const name of csiSecrets) checkSecret(source[name], at.at(name));
}

function checkLocal(source: core.LocalVolumeSource, at: IssueSink): void {
  if (!checkPresent(source.path, at.at('path'))) return;
  if (source.path.split('/').includes('..')) at.at('path').invalid(source.path, "must not contain '..'");
}

function checkAzureFile(source: core.AzureFilePersistentVolumeSource, at: IssueSink): void {
  sources.checkAzureFile(source, at);
  if (source.secretNamespace === '') at.at('secretNamespace').required();
}

function checkCinder(source: core.CinderPersistentVolumeSource, at: IssueSink): void {
  checkPresent(source.volumeID, at.at('volumeID'));
  checkSecret(source.secretRef, at.at('secretRef'));
}

function checkStorageOS(source: core.StorageOSPersistentVolumeSource, at: IssueSink): void {
  sources.checkStorageOS({ volumeName: source.volumeName, volumeNamespace: source.volumeNamespace }, at);
  checkSecret(source.secretRef, at.at('secretRef'));
}

function checkGlusterfs(source: core.GlusterfsPersistentVolumeSource, at: IssueSink): void {
  checkPresent(source.endpoints, at.at('endpoints'));
  checkPresent(source.path, at.at('path'));
  if (source.endpointsNamespace === '') {
    at.at('endpointsNamespace').invalid('', 'if the endpointnamespace is set, it must be a valid namespace name');
  }
}

/** In upstream's order; see the table of a pod's volumes. */
const rules: {
  readonly [K in SourceName]: { readonly check: (source: Source<K>, at: IssueSink) => void; readonly as?: string };
} = {
  hostPath: { check: sources.checkHostPath },
  gcePersistentDisk: { check: sources.checkGCEPersistentDisk, as: 'persistentDisk' },
  awsElasticBlockStore: { check: sources.checkAWSElasticBlockStore },
  glusterfs: { check: checkGlusterfs },
  flocker: { check: sources.checkFlocker },
  nfs: { check: sources.checkNFS },
  rbd: { check: sources.checkRBD },
  quobyte: { check: sources.checkQuobyte },
  cephfs: { check: sources.checkCephFS },
  iscsi: { check: sources.checkISCSI },
  cinder: { check: checkCinder },
  fc: { check: sources.checkFC },
  flexVolume: { check: sources.checkFlexVolume },
  azureFile: { check: checkAzureFile },
  vsphereVolume: { check: sources.checkVsphere },
  photonPersistentDisk: { check: sources.checkPhoton },
  portworxVolume: { check: sources.checkPortworx },
  azureDisk: { check: sources.checkAzureDisk },
  scaleIO: { check: sources.checkScaleIO },
  local: { check: checkLocal },
  storageos: { check: checkStorageOS },
  csi: { check: checkCSI },
};

function isSourceName(name: string): name is SourceName {
  return Object.hasOwn(rules, name);
}
export const sourceNames: readonly SourceName[] = Object.keys(rules).filter(isSourceName);

export function sourceOf(spec: core.PersistentVolumeSpec | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(spec ?? {}).filter(([name]) => isSourceName(name)));
}

function checkSource<K extends SourceName>(
  spec: core.PersistentVolumeSpec,
  name: K,
  used: number,
  at: IssueSink,
): boolean {
  const source: core.PersistentVolumeSpec[K] = spec[name];
  if (source === undefined) return false;
  const { check, as } = rules[name];
  if (used > 0) at.at(name).forbidden('may not specify more than 1 volume type');
  else check(source, at.at(as ?? name));
  return true;
}

export function checkVolumeSource(spec: core.PersistentVolumeSpec, at: IssueSink): void {
  let used = 0;
  for (const name of sourceNames) if (checkSource(spec, name, used, at)) used += 1;
  if (used === 0) at.required('must specify a volume type');
}
