/** Fields of a pod's spec that are stored but change nothing for containers in Docker on one node. */
const fields: readonly string[] = [
  ...[
    'awsElasticBlockStore',
    'azureDisk',
    'azureFile',
    'cephfs',
    'cinder',
    'csi',
    'fc',
    'flexVolume',
    'flocker',
    'gcePersistentDisk',
    'gitRepo',
    'glusterfs',
    'image',
    'iscsi',
    'nfs',
    'photonPersistentDisk',
    'portworxVolume',
    'quobyte',
    'rbd',
    'scaleIO',
    'storageos',
    'vsphereVolume',
  ].map((source) => `volumes[].${source}`),
  ...['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => [
    `${list}[].resources.claims`,
    `${list}[].resources.limits.ephemeral-storage`,
    `${list}[].securityContext.windowsOptions`,
    `${list}[].securityContext.seLinuxOptions`,
    `${list}[].volumeMounts[].recursiveReadOnly`,
  ]),
  'volumes[].projected.sources[].clusterTrustBundle',
  'volumes[].projected.sources[].podCertificate',
  'securityContext.windowsOptions',
  'securityContext.seLinuxOptions',
  'securityContext.seLinuxChangePolicy',
  'securityContext.supplementalGroupsPolicy',
  'hostUsers',
  'resourceClaims',
  'resources',
  'runtimeClassName',
  'schedulingGroup',
];

/** `prefix` is where the spec stands in the kind: `spec`, `spec.template.spec`. */
export function unrealizedInPodSpec(prefix: string): readonly string[] {
  return fields.map((field) => `${prefix}.${field}`);
}
