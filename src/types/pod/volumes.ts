/** Rules of a pod's volumes (core validation, validateVolumes). */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123LabelErrors } from '../names.ts';
import { quantitySign } from '../quantity.ts';
import { checkFileMode, checkOneOf, checkPresent, checkRelativeFile, isBlank } from '../validation/field-checks.ts';
import { checkClaimSpec } from '../validation/claims.ts';
import { invalidEach } from '../validation/metadata.ts';
import { checkFieldSelector, checkResourceSelector, volumeFieldPaths } from './downward.ts';
import * as sources from './volume-sources.ts';

type Source<K extends keyof core.Volume> = NonNullable<core.Volume[K]>;
type Rule<K extends keyof core.Volume> = (source: Source<K>, at: IssueSink) => void;
type SourceName = Exclude<keyof core.Volume, 'name'>;

function checkEmptyDir(source: core.EmptyDirVolumeSource, at: IssueSink): void {
  if (source.sizeLimit !== undefined && quantitySign(source.sizeLimit) < 0) {
    at.at('sizeLimit').forbidden('SizeLimit field must be a valid resource quantity');
  }
}

function checkKeyToPath(item: core.KeyToPath, at: IssueSink): void {
  checkPresent(item.key, at.at('key'));
  if (checkPresent(item.path, at.at('path'))) checkRelativeFile(item.path, at.at('path'));
  checkFileMode(item.mode, at.at('mode'));
}

function checkSecret(source: core.SecretVolumeSource, at: IssueSink): void {
  checkPresent(source.secretName, at.at('secretName'));
  checkFileMode(source.defaultMode, at.at('defaultMode'));
  source.items?.forEach((item, index) => checkKeyToPath(item, at.at('items', index)));
}

function checkConfigMap(source: core.ConfigMapVolumeSource, at: IssueSink): void {
  checkPresent(source.name, at.at('name'));
  checkFileMode(source.defaultMode, at.at('defaultMode'));
  source.items?.forEach((item, index) => checkKeyToPath(item, at.at('items', index)));
}

/** Upstream's path of an item has no index. */
function checkDownwardFile(file: core.DownwardAPIVolumeFile, at: IssueSink): void {
  if (checkPresent(file.path, at.at('path'))) checkRelativeFile(file.path, at.at('path'));
  if (file.fieldRef) {
    checkFieldSelector(file.fieldRef, volumeFieldPaths, at.at('fieldRef'));
    if (file.resourceFieldRef) {
      at.invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously');
    }
  } else if (file.resourceFieldRef) checkResourceSelector(file.resourceFieldRef, at.at('resourceFieldRef'), true);
  else at.required('one of fieldRef and resourceFieldRef is required');
  checkFileMode(file.mode, at.at('mode'));
}

function checkDownwardAPI(source: core.DownwardAPIVolumeSource, at: IssueSink): void {
  checkFileMode(source.defaultMode, at.at('defaultMode'));
  for (const file of source.items ?? []) checkDownwardFile(file, at);
}

function checkToken(token: core.ServiceAccountTokenProjection, at: IssueSink, holder: IssueSink): void {
  const seconds = token.expirationSeconds ?? 3600;
  if (seconds < 600) at.at('expirationSeconds').invalid(seconds, 'may not specify a duration less than 10 minutes');
  else if (seconds > 2 ** 32)
    at.at('expirationSeconds').invalid(seconds, 'may not specify a duration larger than 2^32 seconds');
  if (checkPresent(token.path, holder.at('path'))) checkRelativeFile(token.path, holder.at('path'));
}

interface PathClaims {
  readonly seen: Set<string>;
  readonly at: IssueSink;
}

/** Upstream names the source of the second file, where it has a name. */
function claimPath(path: string, source: string | undefined, claims: PathClaims): void {
  if (path === '') return;
  if (claims.seen.has(path)) claims.at.invalid(source ?? path, 'conflicting duplicate paths');
  claims.seen.add(path);
}

function checkKeys(
  projection: core.SecretProjection | core.ConfigMapProjection,
  at: IssueSink,
  claims: PathClaims,
): void {
  checkPresent(projection.name, at.at('name'));
  projection.items?.forEach((item, index) => {
    checkKeyToPath(item, at.at('items', index));
    if (!isBlank(item.path)) claimPath(item.path, projection.name, claims);
  });
}

const projections = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
] as const;

function checkProjection(source: core.VolumeProjection, at: IssueSink, holder: IssueSink, claims: PathClaims): void {
  const used = projections.filter((name) => source[name] !== undefined);
  for (const _ of used.slice(1)) at.forbidden('may not specify more than 1 volume type');
  const [first] = used;
  if (first === undefined) at.required('must specify a volume source');
  if (first === 'secret' && source.secret) checkKeys(source.secret, at.at('secret'), claims);
  if (first === 'configMap' && source.configMap) checkKeys(source.configMap, at.at('configMap'), claims);
  if (first === 'downwardAPI') {
    for (const file of source.downwardAPI?.items ?? []) {
      checkDownwardFile(file, at.at('downwardAPI'));
      claimPath(file.path, undefined, claims);
    }
  }
  if (first === 'serviceAccountToken' && source.serviceAccountToken) {
    checkToken(source.serviceAccountToken, at.at('serviceAccountToken'), holder);
    claimPath(source.serviceAccountToken.path, undefined, claims);
  }
  if (first === 'clusterTrustBundle' && source.clusterTrustBundle) {
    sources.checkTrustBundle(source.clusterTrustBundle, at.at('clusterTrustBundle'));
    claimPath(source.clusterTrustBundle.path, undefined, claims);
  }
}

function checkProjected(source: core.ProjectedVolumeSource, at: IssueSink): void {
  checkFileMode(source.defaultMode, at.at('defaultMode'));
  const claims: PathClaims = { seen: new Set(), at };
  source.sources?.forEach((one, index) => checkProjection(one, at.at('sources', index), at, claims));
}

function checkClaim(source: core.PersistentVolumeClaimVolumeSource, at: IssueSink): void {
  checkPresent(source.claimName, at.at('claimName'));
}

function checkEphemeral(source: core.EphemeralVolumeSource, at: IssueSink): void {
  const template = source.volumeClaimTemplate;
  if (!template) {
    at.at('volumeClaimTemplate').required();
    return;
  }
  checkClaimSpec(template.spec, at.at('volumeClaimTemplate', 'spec'));
}

function checkImage(source: core.ImageVolumeSource, at: IssueSink): void {
  if (source.pullPolicy !== undefined) {
    checkOneOf(source.pullPolicy, ['Always', 'IfNotPresent', 'Never'], at.at('pullPolicy'));
  }
}

/** In upstream's order: the first type that is set counts, each further one is refused. `as` is its name in messages. */
const rules: { readonly [K in SourceName]: { readonly check: Rule<K>; readonly as?: string } } = {
  emptyDir: { check: checkEmptyDir },
  hostPath: { check: sources.checkHostPath },
  gitRepo: { check: sources.checkGitRepo },
  gcePersistentDisk: { check: sources.checkGCEPersistentDisk, as: 'persistentDisk' },
  awsElasticBlockStore: { check: sources.checkAWSElasticBlockStore },
  secret: { check: checkSecret },
  nfs: { check: sources.checkNFS },
  iscsi: { check: sources.checkISCSI },
  glusterfs: { check: sources.checkGlusterfs },
  flocker: { check: sources.checkFlocker },
  persistentVolumeClaim: { check: checkClaim },
  rbd: { check: sources.checkRBD },
  cinder: { check: sources.checkCinder },
  cephfs: { check: sources.checkCephFS, as: 'cephFS' },
  quobyte: { check: sources.checkQuobyte },
  downwardAPI: { check: checkDownwardAPI },
  fc: { check: sources.checkFC },
  flexVolume: { check: sources.checkFlexVolume },
  configMap: { check: checkConfigMap },
  azureFile: { check: sources.checkAzureFile },
  vsphereVolume: { check: sources.checkVsphere },
  photonPersistentDisk: { check: sources.checkPhoton },
  portworxVolume: { check: sources.checkPortworx },
  azureDisk: { check: sources.checkAzureDisk },
  storageos: { check: sources.checkStorageOS },
  projected: { check: checkProjected },
  scaleIO: { check: sources.checkScaleIO },
  csi: { check: sources.checkInlineCSI },
  ephemeral: { check: checkEphemeral },
  image: { check: checkImage },
};

function isSourceName(name: string): name is SourceName {
  return Object.hasOwn(rules, name);
}
const order: readonly SourceName[] = Object.keys(rules).filter(isSourceName);

function checkSource<K extends SourceName>(volume: core.Volume, name: K, used: number, at: IssueSink): boolean {
  const source: core.Volume[K] = volume[name];
  if (source === undefined) return false;
  const place = at.at(name);
  // Upstream calls two types otherwise in the path: once in the rule, once where a second type is refused.
  const { check, as } = rules[name];
  if (used > 0) (name === 'cephfs' ? at.at('cephFS') : place).forbidden('may not specify more than 1 volume type');
  else check(source, as === undefined || name === 'cephfs' ? place : at.at(as));
  return true;
}

function checkVolume(volume: core.Volume, at: IssueSink): void {
  let used = 0;
  // Nearly every volume has one source, so its own keys are fewer than the table's.
  const own = Object.keys(volume).filter(isSourceName);
  const named = own.length > 1 ? order.filter((name) => volume[name] !== undefined) : own;
  for (const name of named) if (checkSource(volume, name, used, at)) used += 1;
  if (used === 0) at.required('must specify a volume type');
}

/** Answers the volumes by name, for the mounts. */
export function checkVolumes(
  volumes: readonly core.Volume[] | undefined,
  at: IssueSink,
): ReadonlyMap<string, core.Volume> {
  const byName = new Map<string, core.Volume>();
  volumes?.forEach((volume, index) => {
    const place = at.at(index);
    checkVolume(volume, place);
    if (isBlank(volume.name)) place.at('name').required();
    else {
      invalidEach(place.at('name'), volume.name, dns1123LabelErrors(volume.name));
      if (byName.has(volume.name)) place.at('name').duplicate(volume.name);
    }
    byName.set(volume.name, volume);
  });
  return byName;
}
